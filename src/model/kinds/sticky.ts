import { z } from 'zod';
import { durationMs } from '../fields/duration.ts';
import { ONE_FIELD } from '../fields/form.ts';
import { matchedHeaderName } from '../fields/header.ts';
import { ownIssue, shorten } from '../fields/issue.ts';
import { object } from '../fields/object.ts';

/** What keeps a user at one side of weighted targets. */
export type StickyKey =
  | { readonly kind: 'header'; readonly header: string }
  | { readonly kind: 'address' }
  | {
      readonly kind: 'cookie';
      readonly name: string;
      /** Null: as long as the browser is open. */
      readonly ttlMs: number | null;
    };

const KEYS_MAX = 8;
const NAMES = ['header', 'address', 'cookie'] as const;

const cookieName = z
  .string()
  .meta({
    description:
      'The name of the cookie, which is set by the first answer. Rules of one host that share it ' +
      'have the same targets.',
    examples: ['user'],
  })
  .superRefine((text, context) => {
    if (/^[A-Za-z0-9!#$&'*+.^_`|~-]{1,100}$/.test(text)) return;
    const message = `"${shorten(text)}" is not the name of a cookie; use letters, digits, _ and -`;
    context.issues.push(ownIssue('SCHEMA_HEADER_NAME', message, text));
  });

const key = object({
  header: matchedHeaderName.optional().meta({ description: 'By the value of a header.' }),
  address: z.literal(true).optional().meta({ description: 'By the address of the client.' }),
  cookie: object({
    name: cookieName,
    ttl: durationMs.optional().meta({ description: 'Default: until the browser is closed.' }),
  })
    .optional()
    .meta({ description: 'By a cookie that Envoy sets.' }),
})
  .meta(ONE_FIELD)
  .transform((input, context): StickyKey => {
    const [first, ...others] = NAMES.filter((name) => input[name] !== undefined);
    for (const name of others) {
      const message = `${String(first)} and ${name} exclude each other; write a list of both`;
      context.issues.push(ownIssue('SCHEMA_ONE_OF', message, input, { path: [name], isKey: true }));
    }
    const { header, cookie } = input;
    if (header !== undefined) return { kind: 'header', header };
    if (cookie !== undefined)
      return { kind: 'cookie', name: cookie.name, ttlMs: cookie.ttl ?? null };
    if (input.address !== undefined) return { kind: 'address' };
    const message = 'a key is {header}, {cookie} or {address: true}; write one of them';
    context.issues.push(ownIssue('SCHEMA_ONE_OF', message, input));
    return z.NEVER;
  });

/** The field `sticky`: a key, or a list that is tried in order. */
export const stickyField = z.union([
  key.transform((one): readonly StickyKey[] => [one]),
  z
    .array(key)
    .min(1)
    .max(KEYS_MAX)
    .superRefine((keys, context) => {
      const address = keys.findIndex(({ kind }) => kind === 'address');
      if (address >= 0 && address < keys.length - 1) {
        const message = 'every client has an address, so nothing behind it is tried; put it last';
        context.issues.push(ownIssue('SCHEMA_ONE_OF', message, keys, { path: [address] }));
      }
      const [, second] = keys.flatMap(({ kind }, index) => (kind === 'cookie' ? [index] : []));
      if (second === undefined) return;
      const message = 'there is one cookie already; keep one';
      context.issues.push(ownIssue('SCHEMA_ONE_OF', message, keys, { path: [second] }));
    }),
]);
