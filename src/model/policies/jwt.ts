import { z } from 'zod';
import { filePath } from '../fields/file-path.ts';
import { exactlyOne, ONE_FIELD } from '../fields/form.ts';
import { headerName, matchedHeaderName } from '../fields/header.ts';
import { ownIssue, shorten } from '../fields/issue.ts';
import { object } from '../fields/object.ts';
import { formatAddress, parseAddress, type Address } from '../kinds/address.ts';
import { claimName } from '../kinds/claim.ts';
import { pointerTo } from '../yaml/pointer.ts';
import { newPolicy, type PolicyContext } from './policy.ts';

/** `jwt`: a token of one of these issuers, or 401. */
export type JwtPolicy = readonly JwtProvider[];

export interface JwtProvider {
  readonly issuer: string;
  /** A token must name one of them, sorted. []: tokens for anyone will do. */
  readonly audiences: readonly string[];
  readonly jwks: JwtKeys;
  /** The name of a claim (`a.b` is nested) → the header that tells it upstream. */
  readonly claimToHeaders: Readonly<Record<string, string>>;
  /** Where the token is looked for. Default: after `Bearer ` in `authorization`. */
  readonly from: readonly JwtSource[];
  /** Whether upstreams get the token too; a cookie they get either way. */
  readonly isForwarded: boolean;
  /** Of `jwks`, below the key. */
  readonly pointer: string;
}

/** Public keys: a file, or what the node fetches itself. */
export type JwtKeys =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'url';
      readonly url: string;
      readonly address: Address;
      /** The name that TLS verifies; null for http. */
      readonly sni: string | null;
    };

export type JwtSource =
  | { readonly kind: 'header'; readonly name: string; readonly prefix: string }
  | { readonly kind: 'query' | 'cookie'; readonly name: string };

const PROVIDERS_MAX = 32;
const AUDIENCES_MAX = 64;
const SOURCES_MAX = 8;
const TEXT_CHARS_MAX = 2048;

const text = z.string().min(1).max(TEXT_CHARS_MAX);

type Url = Omit<Extract<JwtKeys, { readonly kind: 'url' }>, 'kind'>;

const keysUrl = text
  .meta({ description: 'https://…, fetched by each Envoy; http:// only in a network you trust.' })
  .transform((url, context): Url => {
    const read = readUrl(url);
    if (typeof read !== 'string') return read;
    context.issues.push(ownIssue('SCHEMA_ADDRESS', read, url));
    return z.NEVER;
  });

const keys = object({
  file: filePath
    .optional()
    .meta({ description: 'A JWKS file of public keys, read by helve.', examples: ['keys.json'] }),
  url: keysUrl.optional(),
})
  .superRefine((input, context) => {
    const { file, url } = input;
    if ((file === undefined) !== (url === undefined)) return;
    const message = 'keys come from {file: <path>} or {url: https://…}; write one of them';
    context.issues.push(ownIssue('SCHEMA_ONE_OF', message, input));
  })
  .meta(ONE_FIELD);

const source = object({
  header: matchedHeaderName.optional(),
  prefix: z.string().max(100).optional().meta({ description: 'Before the token. Default: none.' }),
  query: text.optional().meta({ description: 'A query parameter.' }),
  cookie: text.optional().meta({ description: 'A cookie.' }),
})
  .meta(exactlyOne(['header', 'query', 'cookie']))
  .transform((input, context): JwtSource => {
    const { header, prefix, query, cookie } = input;
    const isOne = [header, query, cookie].filter((one) => one !== undefined).length === 1;
    if (isOne && header !== undefined)
      return { kind: 'header', name: header, prefix: prefix ?? '' };
    if (isOne && prefix === undefined && query !== undefined) return { kind: 'query', name: query };
    if (isOne && prefix === undefined && cookie !== undefined) {
      return { kind: 'cookie', name: cookie };
    }
    const message = 'a token is in {header, prefix}, {query} or {cookie}; write one of them';
    context.issues.push(ownIssue('SCHEMA_ONE_OF', message, input));
    return z.NEVER;
  });

const shared = {
  claimToHeaders: z
    .record(claimName, headerName)
    .optional()
    .meta({ description: 'A claim → the header that tells it upstream.' }),
  from: z
    .array(source)
    .min(1)
    .max(SOURCES_MAX)
    .optional()
    .meta({ description: 'Where the token is. Default: after Bearer in authorization.' }),
  forward: z.boolean().optional().meta({
    description: 'Whether upstreams get the token too. Default false; cookies always stay.',
  }),
};

const issued = {
  issuer: text.meta({
    description: 'What the claim iss must be.',
    examples: ['https://id.example.com'],
  }),
  audiences: z
    .array(text)
    .min(1)
    .max(AUDIENCES_MAX)
    .optional()
    .meta({ description: 'The claim aud must hold one of them. Default: any will do.' }),
  jwks: keys.meta({ description: 'The public keys of the issuer.' }),
};

const provider = object({ ...issued, ...shared });

const schema = object({
  issuer: issued.issuer.optional(),
  audiences: issued.audiences,
  jwks: issued.jwks.optional(),
  anyOf: z
    .array(provider)
    .min(1)
    .max(PROVIDERS_MAX)
    .optional()
    .meta({ description: 'Several issuers; what stands beside holds for those without.' }),
  ...shared,
})
  .superRefine((input, context) => {
    const { anyOf, ...own } = input;
    for (const field of ['issuer', 'audiences', 'jwks'] as const) {
      const value = own[field];
      if (anyOf !== undefined && value !== undefined) {
        const message = `${field} and anyOf exclude each other; write ${field} inside of anyOf`;
        const place = { path: [field], isKey: true };
        context.issues.push(ownIssue('SCHEMA_ONE_OF', message, input, place));
      } else if (anyOf === undefined && value === undefined && field !== 'audiences') {
        const message = `the field "${field}" is missing; add it, or anyOf for several issuers`;
        context.issues.push(ownIssue('SCHEMA_REQUIRED', message, input));
      }
    }
  })
  .meta({
    description: 'Who has no good token gets 401.',
    oneOf: [{ required: ['issuer', 'jwks'] }, { required: ['anyOf'] }],
  });

export const jwt = newPolicy(schema, {
  places: ['listener', 'route'],
  isSecurity: true,
  refusals: [401, 403],
  meaning: ({ anyOf, issuer, audiences, jwks, ...beside }, context): JwtPolicy => {
    if (anyOf !== undefined) {
      return anyOf.map((one, index) =>
        meaningOf({ ...beside, ...one }, pointerTo('', 'anyOf', index, 'jwks'), context),
      );
    }
    if (issuer === undefined || jwks === undefined) return [];
    return [meaningOf({ issuer, audiences, jwks, ...beside }, '/jwks', context)];
  },
});

const BEARER: readonly JwtSource[] = [{ kind: 'header', name: 'authorization', prefix: 'Bearer ' }];

function meaningOf(
  input: z.output<typeof provider>,
  pointer: string,
  context: PolicyContext,
): JwtProvider {
  const { issuer, audiences = [], jwks, claimToHeaders = {}, from = BEARER, forward } = input;
  return {
    issuer,
    audiences: [...new Set(audiences)].sort(),
    jwks: keysOf(jwks, pointer, context),
    claimToHeaders,
    from,
    isForwarded: forward ?? false,
    pointer,
  };
}

function keysOf(
  { file, url }: z.output<typeof keys>,
  pointer: string,
  context: PolicyContext,
): JwtKeys {
  if (url !== undefined) return { kind: 'url', ...url };
  const path = context.nameFile(file ?? '', `${context.pointer}${pointer}/file`);
  return { kind: 'file', path };
}

/** The parts of a URL that keys are fetched from, or what is wrong with it. */
function readUrl(url: string): Url | string {
  const shown = shorten(url);
  if (!/^https?:\/\/[^\s@#]+$/.test(url) || !URL.canParse(url)) {
    return `"${shown}" is not a URL of keys; write https://host[:port]/path`;
  }
  const { protocol, hostname, port } = new URL(url);
  const isTls = protocol === 'https:';
  const parsed = parseAddress(`${hostname}:${port === '' ? (isTls ? '443' : '80') : port}`);
  if (!parsed.ok) return parsed.message;
  const { address } = parsed;
  if (address.kind === 'unix') return `"${formatAddress(address)}" is a socket; write a host name`;
  if (!isTls) return { url, address, sni: null };
  if (address.kind === 'host') return { url, address, sni: address.host };
  return 'an https:// URL is verified by its host name; write a name, not an IP';
}
