import { z } from 'zod';
import { compareText } from '../../base/index.ts';
import { ipProblem } from '../fields/ip.ts';
import { ownIssue, shorten } from '../fields/issue.ts';
import { documentName } from '../fields/name.ts';
import { object, oneOf } from '../fields/object.ts';

/** What clients have to show to a TLS listener. */
export interface ClientCertificates {
  /** The Trust that verifies them. */
  readonly trust: string;
  /** `request` lets in who shows none; whoever shows one must be verified. Default `require`. */
  readonly mode: 'require' | 'request';
  /** Of these names a certificate must have one; []: whoever the trust verifies. Sorted. */
  readonly allow: readonly AllowedName[];
  /** What upstreams are told of it in `x-forwarded-client-cert`; []: nothing. Sorted. */
  readonly forward: readonly ForwardedPart[];
}

/** A subject alternative name of a certificate. */
export interface AllowedName {
  readonly type: 'dns' | 'email' | 'ip' | 'uri';
  readonly text: string;
  /** Whatever begins so. */
  readonly isPrefix: boolean;
}

export type ForwardedPart = (typeof PARTS)[number];

const PARTS = ['certificate', 'chain', 'dns', 'issuer', 'subject', 'uri'] as const;
const NAMES_MAX = 256;
const NAME_CHARS_MAX = 2048;

/** What is wrong with a name of each type, its `*` taken away, or null. */
const PROBLEMS = {
  dns: (text, isPrefix) =>
    (isPrefix ? /^[a-z0-9_][a-z0-9_.-]*$/i : /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/i).test(text)
      ? null
      : 'is not a DNS name',
  email: (text, isPrefix) =>
    (isPrefix ? /^[!-~]+$/ : /^[!-?A-~]+@[!-?A-~]+$/).test(text) ? null : 'is not an email address',
  ip: (text, isPrefix) => (isPrefix ? 'is not one address' : ipProblem(text)),
  uri: uriProblem,
} as const satisfies Record<
  AllowedName['type'],
  (text: string, isPrefix: boolean) => string | null
>;

function uriProblem(text: string, isPrefix: boolean): string | null {
  if (!/^[a-z][a-z0-9+.-]*:[!-~]*$/i.test(text)) return 'is not a URI';
  // spiffe://shop.example* would let in spiffe://shop.example.evil.
  const isOpen = isPrefix && /^[^:]*:(?:\/\/[^/]*)?$/.test(text);
  return isOpen ? 'leaves open whose name it is; write a / before the *' : null;
}

const nameOf = (type: AllowedName['type']) =>
  z
    .string()
    .min(1)
    .max(NAME_CHARS_MAX)
    .meta({ description: NAME_WORDS[type] })
    .transform((written, context): AllowedName => {
      const isPrefix = written.endsWith('*');
      const text = isPrefix ? written.slice(0, -1) : written;
      const problem = text.includes('*')
        ? 'has a * before its end; write it last, or not at all'
        : PROBLEMS[type](text, isPrefix);
      if (problem === null)
        return { type, text: type === 'dns' ? text.toLowerCase() : text, isPrefix };
      const message = problem.startsWith('"') ? problem : `"${shorten(written)}" ${problem}`;
      context.issues.push(ownIssue(type === 'ip' ? 'SCHEMA_IP' : 'SCHEMA_HOST', message, written));
      return z.NEVER;
    });

const NAME_WORDS = {
  dns: 'A DNS name; * at the end is any rest.',
  email: 'An email address; * at the end is any rest.',
  ip: 'An IP address.',
  uri: 'A URI; * at the end is any rest.',
} as const;

const namesOf = (type: AllowedName['type']) =>
  z.array(nameOf(type)).min(1).max(NAMES_MAX).optional();

const allow = object({
  uri: namesOf('uri'),
  dns: namesOf('dns'),
  email: namesOf('email'),
  ip: namesOf('ip'),
}).superRefine((input, context) => {
  if (Object.values(input).some((names) => names !== undefined)) return;
  const message = 'this allows nobody; write uri, dns, email or ip, or remove allow';
  context.issues.push(ownIssue('SCHEMA_REQUIRED', message, input));
});

/** The field `clients` of `tls`. */
export const clientsField = object({
  trust: documentName.meta({ description: 'The Trust that verifies the certificates of clients.' }),
  mode: oneOf(['require', 'request'])
    .optional()
    .meta({ description: 'Whether each client must show one. Default require.' }),
  allow: allow.optional().meta({
    description: 'Names of which a certificate must have one. Default: any that trust verifies.',
  }),
  forward: z
    .array(oneOf(PARTS))
    .max(PARTS.length)
    .optional()
    .meta({ description: 'What upstreams are told in x-forwarded-client-cert. Default: nothing.' }),
}).meta({ description: 'Certificates that clients show. Default: none are asked for.' });

export const clientCertificatesOf = (
  input: z.output<typeof clientsField> | undefined,
): ClientCertificates | null =>
  input === undefined
    ? null
    : {
        trust: input.trust,
        mode: input.mode ?? 'require',
        allow: Object.values(input.allow ?? {})
          .flatMap((names) => names ?? [])
          .sort(compareNames),
        forward: [...new Set(input.forward ?? [])].sort(compareText),
      };

const compareNames = (a: AllowedName, b: AllowedName): number =>
  compareText(a.type, b.type) ||
  compareText(a.text, b.text) ||
  Number(a.isPrefix) - Number(b.isPrefix);
