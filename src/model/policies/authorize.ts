import { z } from 'zod';
import { anyOf, listOf } from '../fields/any-of.ts';
import { cidrField, type AddressRange } from '../fields/cidr.ts';
import { ownIssue, shorten } from '../fields/issue.ts';
import { object } from '../fields/object.ts';
import { claimConditions, claimsField, type ClaimCondition } from '../kinds/claim.ts';
import type { ValueCondition } from '../kinds/condition.ts';
import { headerConditions, headersField } from '../kinds/match.ts';
import { pointerTo } from '../yaml/pointer.ts';
import { newPolicy } from './policy.ts';

/** `authorize`: who may pass. Who is denied is refused even if allowed. */
export interface AuthorizePolicy {
  /** Any will do; []: all who are not denied. */
  readonly allow: readonly AuthorizeMatch[];
  readonly deny: readonly AuthorizeMatch[];
}

/** Each that is not empty must hold, of the last but one all, of the others any. */
export interface AuthorizeMatch {
  /** Of the client, behind proxies that are trusted. */
  readonly addresses: readonly AddressRange[];
  /** A URI or DNS name of the client's verified certificate; `*` at the end is any rest. */
  readonly certificates: readonly string[];
  /** All must hold. */
  readonly headers: readonly ValueCondition[];
  /** All must hold, of a token that `jwt` verified. Sorted by name. */
  readonly claims: readonly ClaimCondition[];
}

const MATCHES_MAX = 256;

const certificateName = z
  .string()
  .min(1)
  .max(2048)
  .superRefine((text, context) => {
    const at = text.indexOf('*');
    if (at < 0 || at === text.length - 1) return;
    const message = `"${shorten(text)}" has a * before its end; write it last, or not at all`;
    context.issues.push(ownIssue('SCHEMA_HOST', message, text));
  });

const match = object(
  {
    address: anyOf(cidrField)
      .optional()
      .meta({ description: 'Addresses of clients, e.g. 10.0.0.0/8, or a list.' }),
    headers: headersField.optional(),
    certificate: anyOf(certificateName).optional().meta({
      description: 'A URI or DNS name of the client certificate, or a list; * at the end is any.',
    }),
    jwt: claimsField.optional(),
  },
  ['apiKey'],
)
  .superRefine((input, context) => {
    if (Object.values(input).some((value) => value !== undefined && !isEmpty(value))) return;
    const message = 'this matches nobody in particular; write address, headers, certificate or jwt';
    context.issues.push(ownIssue('SCHEMA_REQUIRED', message, input));
  })
  .meta({ minProperties: 1 });

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

const matches = z.array(match).min(1).max(MATCHES_MAX);

const schema = object({
  allow: matches.optional().meta({ description: 'Who may pass: any will do. Default: all.' }),
  deny: matches.optional().meta({ description: 'Who may not pass, even if allowed.' }),
})
  .superRefine((input, context) => {
    if (input.allow !== undefined || input.deny !== undefined) return;
    const message = 'authorize says nothing; add allow or deny, or write none';
    context.issues.push(ownIssue('SCHEMA_REQUIRED', message, input));
  })
  .meta({ description: 'Who may pass; others get 403.', minProperties: 1 });

export const authorize = newPolicy(schema, {
  places: ['listener', 'route', 'target'],
  isSecurity: true,
  refusals: [403],
  meaning: ({ allow = [], deny = [] }, { pointer }): AuthorizePolicy => ({
    allow: allow.map((one, index) => matchOf(one, pointerTo(pointer, 'allow', index))),
    deny: deny.map((one, index) => matchOf(one, pointerTo(pointer, 'deny', index))),
  }),
});

const matchOf = (
  { address, headers, certificate, jwt }: z.output<typeof match>,
  pointer: string,
): AuthorizeMatch => ({
  addresses: listOf(address),
  certificates: listOf(certificate),
  headers: headerConditions(headers, pointerTo(pointer, 'headers')),
  claims: claimConditions(jwt, pointerTo(pointer, 'jwt')),
});
