import { z } from 'zod';
import { hostName, parseHostName } from '../fields/host.ts';
import { ownIssue } from '../fields/issue.ts';
import { documentName } from '../fields/name.ts';
import { object, oneOf } from '../fields/object.ts';

/** TLS towards the endpoints of a cluster. */
export interface UpstreamTls {
  /** The Trust that the endpoints are verified by; null: the roots of the system. */
  readonly trust: string | null;
  /** Sent as SNI; null: the host names of the endpoints. */
  readonly sni: string | null;
  /** Names of which the certificate must have one; null: the SNI; `none`: nothing is verified. */
  readonly verify: readonly string[] | 'none' | null;
  /** The Certificate that Envoy shows; null: none. */
  readonly certificate: string | null;
}

const NAMES_MAX = 100;

const URI = /^[a-z][a-z0-9+.-]*:\/\/[!-~]{1,500}$/;

const certifiedName = z.string().transform((text, context): string => {
  if (URI.test(text)) return text;
  const parsed = parseHostName(text);
  if (parsed.ok) return parsed.host;
  context.issues.push(ownIssue(parsed.code, parsed.message, text));
  return z.NEVER;
});

const verify = z.union([oneOf(['none']), z.array(certifiedName).min(1).max(NAMES_MAX)]);

/** The field `tls` of a Cluster. */
export const upstreamTlsField = object(
  {
    trust: documentName.optional().meta({
      description: "The Trust that endpoints are verified by. Default: the system's roots.",
    }),
    sni: hostName
      .optional()
      .meta({ description: 'The name that is asked for. Default: the host name of the endpoint.' }),
    verify: verify.optional().meta({
      description:
        'Names or URIs of which the certificate must have one, or none to verify nothing. ' +
        'Default: what is sent as SNI.',
    }),
    certificate: documentName
      .optional()
      .meta({ description: 'The Certificate that Envoy shows to the endpoints.' }),
  },
  ['minVersion'],
)
  .superRefine((value, context) => {
    if (value.verify !== 'none' || value.trust === undefined) return;
    const message = 'verify: none looks at no trust; remove one of the two';
    context.issues.push(
      ownIssue('PROTOCOL_CONFLICT', message, value.trust, { path: ['trust'], isKey: true }),
    );
  })
  .meta({ description: 'TLS to the endpoints, verified. Default: none.' });

export const upstreamTlsOf = (input: z.output<typeof upstreamTlsField>): UpstreamTls => ({
  trust: input.trust ?? null,
  sni: input.sni ?? null,
  verify: Array.isArray(input.verify) ? [...new Set(input.verify)].sort() : (input.verify ?? null),
  certificate: input.certificate ?? null,
});
