import { z } from 'zod';
import { compareText } from '../../base/index.ts';
import { cidrField, type AddressRange } from '../fields/cidr.ts';
import { matchedHeaderName } from '../fields/header.ts';
import { ownIssue } from '../fields/issue.ts';
import { integer } from '../fields/number.ts';
import { object } from '../fields/object.ts';

/** How the address of a client is found that comes through proxies. */
export type ClientIp =
  /** That of the connection; what headers say counts for nothing. */
  | { readonly kind: 'connection' }
  /** The address in `x-forwarded-for` that so many proxies in front have written last. */
  | { readonly kind: 'hops'; readonly hops: number }
  /** The last address in `x-forwarded-for` that is none of these, if the connection is of one. */
  | { readonly kind: 'trusted'; readonly ranges: readonly AddressRange[] }
  /** What the header says, if it is an address. Lower-cased. */
  | { readonly kind: 'header'; readonly header: string };

const HOPS_MAX = 20;
const RANGES_MAX = 256;
const WAYS = ['hops', 'trusted', 'header'] as const;

/** The field `clientIp` of `http`. */
export const clientIpField = object({
  hops: integer(0, HOPS_MAX)
    .optional()
    .meta({ description: 'How many proxies in front add to x-forwarded-for. Default 0.' }),
  trusted: z
    .array(cidrField)
    .min(1)
    .max(RANGES_MAX)
    .optional()
    .meta({ description: 'Addresses of proxies whose x-forwarded-for is believed.' }),
  header: matchedHeaderName
    .optional()
    .meta({ description: 'A header that the proxy in front always writes itself.' }),
})
  .meta({
    description: 'Whose address counts as the client: write one. Default: the connection.',
    minProperties: 1,
    maxProperties: 1,
  })
  .transform((input, context): ClientIp => {
    const [first, ...others] = WAYS.filter((way) => input[way] !== undefined);
    for (const way of others) {
      const message = `${String(first)} and ${way} exclude each other; keep one`;
      context.issues.push(ownIssue('SCHEMA_ONE_OF', message, input, { path: [way], isKey: true }));
    }
    const { hops, trusted, header } = input;
    if (hops !== undefined) return hops === 0 ? CONNECTION : { kind: 'hops', hops };
    if (trusted !== undefined) return { kind: 'trusted', ranges: [...trusted].sort(compareRanges) };
    if (header !== undefined) return { kind: 'header', header };
    const message = 'clientIp is {hops}, {trusted} or {header}; write one of them';
    context.issues.push(ownIssue('SCHEMA_ONE_OF', message, input));
    return z.NEVER;
  });

export const CONNECTION: ClientIp = Object.freeze({ kind: 'connection' });

const compareRanges = (a: AddressRange, b: AddressRange): number =>
  compareText(a.ip, b.ip) || a.bits - b.bits;
