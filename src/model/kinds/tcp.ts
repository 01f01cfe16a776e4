import type { z } from 'zod';
import { durationMs } from '../fields/duration.ts';
import { integer } from '../fields/number.ts';
import { object } from '../fields/object.ts';
import { POLICY_NAMES } from '../policies/table.ts';
import type { Report } from '../report.ts';
import { pointerTo } from '../yaml/pointer.ts';
import type { RouteTarget } from './target.ts';

/** How connections are passed on. */
export interface TcpOptions {
  /** Endpoints that are tried in all, as long as none takes the connection. Default 3. */
  readonly connectAttempts: number;
  /** Ms without a byte in either direction. Default 1 hour. */
  readonly idleTimeoutMs: number;
  /** Ms; null, the default: as long as both sides want. */
  readonly maxDurationMs: number | null;
}

/** How datagrams are passed on. */
export interface UdpOptions {
  /** Ms without a datagram, after which a client may get another endpoint. Default 60,000. */
  readonly idleTimeoutMs: number;
}

const ATTEMPTS_MAX = 100;

/** The field `tcp`. */
export const tcpField = object({
  connectAttempts: integer(1, ATTEMPTS_MAX)
    .optional()
    .meta({ description: 'Endpoints that are tried in all until one connects. Default 3.' }),
  idleTimeout: durationMs
    .optional()
    .meta({ description: 'Without a byte in either direction. Default 1h.' }),
  maxDuration: durationMs
    .optional()
    .meta({ description: 'The longest that a connection may last. Default: no limit.' }),
}).meta({ description: 'How connections are passed on.' });

/** The field `udp`. */
export const udpField = object({
  idleTimeout: durationMs.optional().meta({
    description: 'Without a datagram; then a client may get another endpoint. Default 60s.',
  }),
}).meta({ description: 'How datagrams are passed on.' });

export const tcpOptionsOf = (input: z.output<typeof tcpField> | undefined): TcpOptions => ({
  connectAttempts: input?.connectAttempts ?? 3,
  idleTimeoutMs: input?.idleTimeout ?? 3_600_000,
  maxDurationMs: input?.maxDuration ?? null,
});

export const udpOptionsOf = (input: z.output<typeof udpField> | undefined): UdpOptions => ({
  idleTimeoutMs: input?.idleTimeout ?? 60_000,
});

export type ListenerProtocol = 'http' | 'https' | 'tcp' | 'tls' | 'udp';

interface Given {
  readonly protocol: ListenerProtocol;
  /** The document as it was written: which fields it has. */
  readonly input: object;
  readonly to: RouteTarget | null;
  /** Fields that only HTTP has. */
  readonly ofHttp: readonly string[];
}

/** Fields of policies, which act on requests. */
export const POLICY_FIELDS: readonly string[] = ['policies', ...POLICY_NAMES];

/** What a listener says that its protocol has no place for. */
export function reportStreamFields({ protocol, input, to, ofHttp }: Given, report: Report): void {
  const isHttp = protocol === 'http' || protocol === 'https';
  const refuse = (field: string, what: string): void => {
    if (!Object.hasOwn(input, field)) return;
    const message = `${field} is for ${what}, and this listener is ${protocol}; remove it`;
    report.error('PROTOCOL_CONFLICT', { pointer: `/${field}`, isKey: true }, message);
  };
  if (protocol !== 'tcp' && protocol !== 'tls') refuse('tcp', 'protocol: tcp and tls');
  if (protocol !== 'udp') refuse('udp', 'protocol: udp');
  else for (const field of ['proxyProtocol', 'originalDst']) refuse(field, 'connections');
  if (isHttp) return;
  for (const field of ofHttp) refuse(field, 'HTTP');
  for (const field of POLICY_FIELDS) {
    if (!Object.hasOwn(input, field)) continue;
    const message = `${field} acts on requests, and this listener is ${protocol}; remove it`;
    report.error('POLICY_PLACE', { pointer: `/${field}`, isKey: true }, message);
  }
  if (protocol !== 'tcp' && to === null) {
    const message = `a listener with protocol: ${protocol} needs a target; add \`to\``;
    report.error('SCHEMA_REQUIRED', { pointer: '/protocol' }, message);
  }
  if (to !== null) reportStreamTarget(to, protocol, report);
}

/** What a target says that needs requests, or that its protocol cannot do. */
export function reportStreamTarget(
  to: RouteTarget,
  protocol: 'tcp' | 'tls' | 'udp',
  report: Report,
): void {
  if (protocol === 'udp') reportDatagramTarget(to, report);
  if (to.kind !== 'weighted') return;
  for (const { host, policies, pointer } of to.targets) {
    if (host !== null) {
      const message = 'a connection has no host to replace; remove host';
      report.error(
        'PROTOCOL_CONFLICT',
        { pointer: pointerTo(pointer, 'host'), isKey: true },
        message,
      );
    }
    if (policies.named.length + policies.own.length > 0) {
      const message = 'policies act on requests, and this target gets connections; remove them';
      report.error('POLICY_PLACE', { pointer }, message);
    }
  }
}

function reportDatagramTarget(to: RouteTarget, report: Report): void {
  if (to.kind === 'weighted') {
    const message = 'a listener with protocol: udp has one target, without weights; write one';
    report.error('PROTOCOL_CONFLICT', { pointer: '/to' }, message);
  }
  if (to.kind === 'addresses' && to.tls !== null) {
    const message = 'https:// is no target of datagrams; write host:port';
    report.error('PROTOCOL_CONFLICT', { pointer: to.pointer }, message);
  }
}
