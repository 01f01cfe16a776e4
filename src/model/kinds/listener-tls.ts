import { z } from 'zod';
import { nearestName } from '../../base/index.ts';
import { reportRepeated } from '../fields/duplicates.ts';
import { shorten } from '../fields/issue.ts';
import { documentName } from '../fields/name.ts';
import { object, oneOf } from '../fields/object.ts';
import {
  clientCertificatesOf,
  clientsField,
  type ClientCertificates,
} from './client-certificates.ts';
import type { KindContext } from './kind.ts';
import type { ListenerProtocol } from './tcp.ts';

export interface ListenerTls {
  /** Certificate names, one filter chain each. At least one, each once. */
  readonly certificates: readonly string[];
  /** The certificate that serves names no other one covers; null: such handshakes are closed. */
  readonly default: string | null;
  /** Default `1.2`. */
  readonly minVersion: TlsVersion;
  /** Default `1.3`. */
  readonly maxVersion: TlsVersion;
  /** Of TLS 1.2, the preferred one first; null: Envoy's. Those of TLS 1.3 cannot be chosen. */
  readonly ciphers: readonly string[] | null;
  /** What is offered, the preferred one first; null: both where the listener speaks HTTP. */
  readonly alpn: readonly ('h2' | 'http/1.1')[] | null;
  /** Null: clients are asked for no certificate. */
  readonly clients: ClientCertificates | null;
  /** Secrets with the keys of session tickets, that of new ones first; empty: Envoy's own. */
  readonly tickets: readonly string[];
}

type TlsVersion = '1.2' | '1.3';

/** All that Envoy has for TLS 1.2, but for those without forward secrecy. */
const CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
] as const;

const TICKET_KEYS_MAX = 16;

/** The field `tls` of a Listener. */
export const listenerTlsField = object({
  certificates: z
    .array(documentName)
    .optional()
    .meta({ description: 'Certificates, one filter chain each.' }),
  default: documentName
    .optional()
    .meta({ description: 'The certificate for names that no other one covers.' }),
  minVersion: oneOf(['1.2', '1.3'])
    .optional()
    .meta({ description: 'The oldest TLS version. Default "1.2".' }),
  maxVersion: oneOf(['1.2', '1.3'])
    .optional()
    .meta({ description: 'The newest TLS version. Default "1.3".' }),
  ciphers: z.array(oneOf(CIPHERS)).min(1).optional().meta({
    description: "Ciphers of TLS 1.2, the preferred one first. Default: Envoy's.",
  }),
  alpn: z
    .array(oneOf(['h2', 'http/1.1']))
    .min(1)
    .optional()
    .meta({
      description: 'HTTP versions on offer, the preferred one first. Default: both for https.',
    }),
  clients: clientsField.optional(),
  sessionTickets: z
    .array(documentName)
    .min(1)
    .max(TICKET_KEYS_MAX)
    .optional()
    .meta({
      description:
        'Secrets with the keys of session tickets, 80 bytes each (openssl rand 80): clients ' +
        'resume sessions at every Envoy that has them. New tickets have the first one. ' +
        'Default: each Envoy makes up its own.',
    }),
}).meta({ description: 'Certificates and versions of TLS.' });

type Input = z.output<typeof listenerTlsField>;

export function listenerTlsOf(
  input: Input | undefined,
  protocol: ListenerProtocol,
  context: KindContext,
): ListenerTls | null {
  if (input === undefined) return null;
  const { certificates = [], default: rest = null, ciphers = null, alpn = null } = input;
  const { minVersion = '1.2', maxVersion = '1.3' } = input;
  const { report } = context;
  reportCertificates(certificates, rest, context);
  reportRepeated(ciphers ?? [], '/tls/ciphers', report);
  reportRepeated(alpn ?? [], '/tls/alpn', report);
  if (minVersion > maxVersion) {
    const message = `maxVersion "${maxVersion}" is older than minVersion "${minVersion}"; raise it`;
    report.error('PROTOCOL_CONFLICT', { pointer: '/tls/maxVersion' }, message);
  } else if (ciphers !== null && minVersion === '1.3') {
    const message = 'TLS 1.3 chooses its ciphers itself; remove ciphers, or lower minVersion';
    report.error('PROTOCOL_CONFLICT', { pointer: '/tls/ciphers', isKey: true }, message);
  }
  if (protocol === 'tls' && input.clients?.forward !== undefined) {
    const message = 'forward is for HTTP, and this listener is tls; remove it';
    report.error('PROTOCOL_CONFLICT', { pointer: '/tls/clients/forward', isKey: true }, message);
  }
  const clients = clientCertificatesOf(input.clients);
  const tickets = ticketsOf(input, context);
  return { certificates, default: rest, minVersion, maxVersion, ciphers, alpn, clients, tickets };
}

/** Who resumes a session shows no certificate, so that none of a client would be looked at. */
function ticketsOf({ sessionTickets, clients }: Input, { report }: KindContext): readonly string[] {
  if (sessionTickets === undefined) return [];
  reportRepeated(sessionTickets, '/tls/sessionTickets', report);
  if (clients !== undefined) {
    const message =
      'with clients no session is resumed, since who resumes one is not verified again; ' +
      'remove sessionTickets';
    const related = { message: 'clients is here', at: { pointer: '/tls/clients', isKey: true } };
    const at = { pointer: '/tls/sessionTickets', isKey: true };
    report.error('PROTOCOL_CONFLICT', at, message, { related });
  }
  return sessionTickets;
}

function reportCertificates(
  certificates: readonly string[],
  rest: string | null,
  { report }: KindContext,
): void {
  if (certificates.length === 0) {
    const message = 'a TLS listener needs a certificate; add its name to tls.certificates';
    report.error('TLS_NO_CERT', { pointer: '/tls', isKey: true }, message);
  }
  reportRepeated(certificates, '/tls/certificates', report);
  if (rest === null || certificates.length === 0 || certificates.includes(rest)) return;
  const near = nearestName(rest, certificates);
  const help = near === null ? 'add it there' : `did you mean "${near}"?`;
  const message = `"${shorten(rest)}" is not one of tls.certificates; ${help}`;
  report.error('SCHEMA_ENUM', { pointer: '/tls/default' }, message);
}
