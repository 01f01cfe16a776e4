import { z } from 'zod';
import { reportRepeated } from '../fields/duplicates.ts';
import { IP_FORM } from '../fields/form.ts';
import { ipProblem } from '../fields/ip.ts';
import { ownIssue } from '../fields/issue.ts';
import { documentName } from '../fields/name.ts';
import { portField } from '../fields/number.ts';
import { object, oneOf } from '../fields/object.ts';
import { policyFields, policySetOf, type PolicySet } from '../policies/policy-set.ts';
import { httpField, httpOptionsOf, type HttpOptions } from './http-options.ts';
import { documentSchema, newKind, type KindContext } from './kind.ts';
import { LATER_POLICY_KEYS } from './later.ts';
import { listenerTlsField, listenerTlsOf, type ListenerTls } from './listener-tls.ts';
import { placeTarget, targetField, type RouteTarget } from './target.ts';
import {
  reportStreamFields,
  tcpField,
  tcpOptionsOf,
  udpField,
  udpOptionsOf,
  type ListenerProtocol,
  type TcpOptions,
  type UdpOptions,
} from './tcp.ts';

/** `kind: Listener`. */
export interface ListenerValue {
  /** An IP address in canonical form. Default `0.0.0.0`. */
  readonly address: string;
  readonly port: number;
  /** Default `https` with `tls`, else `http`. */
  readonly protocol: ListenerProtocol;
  readonly tls: ListenerTls | null;
  /** Of protocols `tcp` and `tls`. */
  readonly tcp: TcpOptions;
  /** Of protocol `udp`. */
  readonly udp: UdpOptions;
  readonly http: HttpOptions;
  /** Connections begin with a PROXY header, and those that do not are closed. */
  readonly proxyProtocol: boolean;
  /** Connections were redirected here, and remember where they were meant to go. Default false. */
  readonly originalDst: boolean;
  /** Requests that no rule takes are sent to https, on every host. Null: they are not. */
  readonly redirectToHttps: HttpsRedirect | null;
  /** NodeGroup names; null: every node. */
  readonly nodes: readonly string[] | null;
  /** A catch-all target; for protocols other than HTTP all that there is. */
  readonly to: RouteTarget | null;
  /** What applies to each rule that it serves. */
  readonly policies: PolicySet;
  /** Routes without `listeners` go here where several HTTP listeners exist. */
  readonly isDefault: boolean;
  /** Its hosts are spread over many route tables. Default false. */
  readonly isSharded: boolean;
}

export interface HttpsRedirect {
  /** Null: that of the https listener. */
  readonly port: number | null;
}

const redirectField = z
  .union([
    z.boolean(),
    object({ port: portField.meta({ description: 'The port that clients reach https at.' }) }),
  ])
  .meta({ description: 'Requests that no rule takes go to https. Default false.' });

const listenAddress = z
  .string()
  .meta({
    description: 'The IP address to listen on. Default 0.0.0.0, all of IPv4.',
    pattern: IP_FORM,
  })
  .superRefine((text, context) => {
    const problem = ipProblem(text);
    if (problem === null) return;
    const hint = text === 'localhost' ? 'a listener needs an IP address; write 127.0.0.1' : problem;
    context.issues.push(ownIssue('SCHEMA_IP', hint, text));
  });

const schema = documentSchema(
  {
    address: listenAddress.optional(),
    port: portField,
    protocol: oneOf(['http', 'https', 'tcp', 'tls', 'udp'])
      .optional()
      .meta({ description: 'Default https with tls, else http; tls is TLS up to here.' }),
    tcp: tcpField.optional(),
    udp: udpField.optional(),
    tls: listenerTlsField.optional(),
    http: httpField.optional(),
    proxyProtocol: z
      .boolean()
      .optional()
      .meta({ description: 'Connections begin with a PROXY header (v1 or v2). Default false.' }),
    originalDst: z
      .boolean()
      .optional()
      .meta({
        description:
          'Connections were redirected here (iptables REDIRECT), and Clusters with ' +
          'originalDestination send them to where they were meant to go. Default false.',
      }),
    redirectToHttps: redirectField.optional(),
    nodes: z
      .array(documentName)
      .min(1)
      .optional()
      .meta({ description: 'NodeGroups that get the listener. Default: every node.' }),
    default: z
      .boolean()
      .optional()
      .meta({ description: 'Takes Routes without listeners. Default false.' }),
    to: targetField.optional(),
    shards: z.boolean().optional().meta({
      description: 'Spreads its hosts over 64 route tables. Default false; needs Envoy 1.39.',
    }),
    ...policyFields('listener'),
  },
  LATER_POLICY_KEYS,
);

type Input = z.output<typeof schema>;

export const listener = newKind(schema, (input, context): ListenerValue => {
  const { address = '0.0.0.0', port, nodes = null } = input;
  if (nodes !== null) reportRepeated(nodes, '/nodes', context.report);
  reportPlaintext(input, context);
  const protocol = protocolOf(input, context);
  const to = input.to === undefined ? null : placeTarget(input.to, '/to', context);
  reportStreamFields({ protocol, input, to, ofHttp: OF_HTTP }, context.report);
  return {
    address,
    port,
    protocol,
    tls: listenerTlsOf(input.tls, protocol, context),
    tcp: tcpOptionsOf(input.tcp),
    udp: udpOptionsOf(input.udp),
    http: httpOptionsOf(input.http),
    proxyProtocol: input.proxyProtocol ?? false,
    originalDst: originalDstOf(input, context),
    redirectToHttps: redirectOf(input, protocol, context),
    nodes,
    to,
    policies: policySetOf(input, '', context),
    isDefault: input.default ?? false,
    isSharded: input.shards ?? false,
  };
});

/** A PROXY header says it too, and whoever writes one could have anything connected to. */
function originalDstOf(
  { originalDst = false, proxyProtocol }: Input,
  context: KindContext,
): boolean {
  if (originalDst && proxyProtocol === true) {
    const message =
      'originalDst and proxyProtocol both say where a connection was meant to go; keep one';
    const related = {
      message: 'proxyProtocol is here',
      at: { pointer: '/proxyProtocol', isKey: true },
    };
    const at = { pointer: '/originalDst', isKey: true };
    context.report.error('PROTOCOL_CONFLICT', at, message, { related });
  }
  return originalDst;
}

/** Fields that only HTTP has. */
const OF_HTTP: readonly string[] = ['default', 'http', 'redirectToHttps', 'shards'];

function redirectOf(
  { redirectToHttps = false, to }: Input,
  protocol: ListenerProtocol,
  { report }: KindContext,
): HttpsRedirect | null {
  if (redirectToHttps === false) return null;
  const at = { pointer: '/redirectToHttps', isKey: true };
  if (protocol === 'https') {
    const message = 'this listener is https itself; write redirectToHttps on one of protocol http';
    report.error('PROTOCOL_CONFLICT', at, message);
  }
  if (to !== undefined && protocol === 'http') {
    const message = '`to` and redirectToHttps both take what no rule takes; keep one';
    const related = { message: '`to` is here', at: { pointer: '/to', isKey: true } };
    report.error('PROTOCOL_CONFLICT', at, message, { related });
  }
  return { port: redirectToHttps === true ? null : redirectToHttps.port };
}

function protocolOf(input: Input, { report }: KindContext): ListenerProtocol {
  const { protocol = input.tls === undefined ? 'http' : 'https' } = input;
  const isSecure = protocol === 'https' || protocol === 'tls';
  if (isSecure && input.tls === undefined) {
    const words = 'needs a certificate; add tls.certificates';
    const message = `a listener with protocol ${protocol} ${words}`;
    report.error('TLS_NO_CERT', { pointer: '/protocol' }, message);
  }
  if (!isSecure && input.tls !== undefined) {
    const help = protocol === 'tcp' ? '; remove one, or write protocol: tls' : '; remove one';
    const message = `protocol ${protocol} and tls exclude each other${help}`;
    const related = { message: 'tls is here', at: { pointer: '/tls', isKey: true } };
    report.error('PROTOCOL_CONFLICT', { pointer: '/protocol' }, message, { related });
  }
  return protocol;
}

/**
 * Without TLS, and written so that everybody reaches it; whoever means that writes the protocol.
 * The default address is told nothing: the first four lines are tried without a warning.
 */
function reportPlaintext(input: Input, { report }: KindContext): void {
  const { address, protocol, tls } = input;
  if (protocol !== undefined || tls !== undefined) return;
  if (address !== '0.0.0.0' && address !== '::') return;
  const message =
    'every interface takes plaintext here; add tls, or write address: 127.0.0.1, ' +
    'or protocol: http where that is meant';
  report.warn('LISTENER_PLAINTEXT', { pointer: '/address' }, message);
}
