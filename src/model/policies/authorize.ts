import { z } from 'zod';
import { compareText } from '../../base/index.ts';
import { cidrField, type AddressRange } from '../fields/cidr.ts';
import { ownIssue, shorten } from '../fields/issue.ts';
import { object } from '../fields/object.ts';
import type { ValueCondition } from '../kinds/condition.ts';
import { headerConditions, headersField } from '../kinds/match.ts';
import { pointerTo } from '../yaml/pointer.ts';
import { claimName } from './jwt.ts';
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

export interface ClaimCondition {
  readonly name: string;
  /** Any of these, or a list that holds one. */
  readonly values: readonly ClaimValue[];
}

type ClaimValue = string | number | boolean;

const MATCHES_MAX = 256;
const VALUES_MAX = 64;

const anyOf = <Item extends z.ZodType>(item: Item): z.ZodUnion<[Item, z.ZodArray<Item>]> =>
  z.union([item, z.array(item).min(1).max(VALUES_MAX)]);

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

const claimValue = z.union([z.string().max(2048), z.number(), z.boolean()]);

const match = object(
  {
    address: anyOf(cidrField)
      .optional()
      .meta({ description: 'Addresses of clients, e.g. 10.0.0.0/8, or a list.' }),
    headers: headersField.optional(),
    certificate: anyOf(certificateName).optional().meta({
      description: 'A URI or DNS name of the client certificate, or a list; * at the end is any.',
    }),
    jwt: z
      .record(claimName, anyOf(claimValue))
      .optional()
      .meta({ description: 'Claims and their values, or lists; jwt must verify the token.' }),
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
  claims: Object.entries(jwt ?? {})
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, values]) => ({ name, values: listOf(values) })),
});

function listOf<Item>(input: Item | readonly Item[] | undefined): readonly Item[] {
  if (input === undefined) return [];
  return isList(input) ? input : [input];
}

const isList = <Item>(input: Item | readonly Item[]): input is readonly Item[] =>
  Array.isArray(input);
