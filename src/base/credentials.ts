import { hashFields } from './hash.ts';
import { redactPem } from './secret.ts';

/** What has one of these in its name lets somebody in, be it a header, a parameter or a field. */
const CREDENTIAL =
  /token|secret|apikey|passw(?:or)?d|passphrase|credentials?$|authorization$|^cookie$/;
/** Fields of Envoy that sound like it. */
const HARMLESS = /tokenbucket|maxtokens|tokensperfill|tokenendpoint|allowcredentials/;

/** Whether what stands at a name may let somebody in: `Authorization`, `access_token`. */
export function isCredentialName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[-_.]/g, '');
  return CREDENTIAL.test(plain) && !HARMLESS.test(plain);
}

/** Enough to see that a secret is another. */
export const fingerprint = (text: string): string => `sha256:${hashFields([text]).slice(0, 8)}`;

type Fields = Readonly<Record<string, unknown>>;

/** Fields of Envoy's messages for a header, a parameter or a cookie that have its value. */
const VALUES: ReadonlySet<string> = new Set([
  ...['value', 'rawvalue', 'stringmatch', 'exactmatch', 'prefixmatch', 'suffixmatch'],
  ...['containsmatch', 'saferegexmatch', 'rangematch'],
]);

/** Whether a field has the value of a credential that is named beside it: `{key, value}`. */
export function isCredentialValue(map: Fields, field: string): boolean {
  if (!VALUES.has(field.toLowerCase().replaceAll('_', ''))) return false;
  return [map['key'], map['name']].some(
    (name) => typeof name === 'string' && isCredentialName(name),
  );
}

const REDACTED = '[redacted]';

/** A message as JSON without the credentials that it names as keys or names beside their values. */
export function redactCredentials(json: Json): Json;
export function redactCredentials(json: unknown, isHidden?: boolean): unknown;
export function redactCredentials(json: unknown, isHidden = false): unknown {
  if (typeof json === 'string') return isHidden ? REDACTED : json;
  if (Array.isArray(json)) return json.map((item: unknown) => redactCredentials(item, isHidden));
  if (typeof json !== 'object' || json === null) return json;
  const map: Fields = { ...json };
  return Object.fromEntries(
    Object.entries(map).map(([field, value]) => [
      field,
      redactCredentials(value, isHidden || isCredentialValue(map, field)),
    ]),
  );
}

const FIELD = /(["']?)(\w+)\1\s*:\s*"((?:[^"\\]|\\[^])*)(?:"|$)/g;
/** A value itself, or how it is to be matched. */
const VALUE_LEAF = /^(?:raw_?)?value$|^(?:exact|prefix|suffix|contains)(?:_?match)?$|^regex$/i;
const INLINE = /^inline_?(?:string|bytes)$/i;

/**
 * What an Envoy says of a message, which it may quote as text or JSON: without PEM blocks, without
 * inline data and without the values of credentials.
 */
export function redactWords(text: string): string {
  let isNamed = false;
  return redactPem(text).replace(FIELD, (all: string, _: string, field: string, value: string) => {
    const isHidden =
      INLINE.test(field) || isCredentialName(field) || (isNamed && VALUE_LEAF.test(field));
    isNamed = (field === 'key' || field === 'name') && isCredentialName(value);
    return isHidden && value !== '' ? `${all.slice(0, all.indexOf(':') + 1)} "${REDACTED}"` : all;
  });
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
