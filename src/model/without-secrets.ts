import { fingerprint, isCredentialName, isCredentialValue, redactPem } from '../base/index.ts';
import { isList, isMap, type Json, type JsonObject } from './json.ts';

/** Fields with `(udpa.annotations.sensitive)`, and what holds data inline; without case and _. */
const SENSITIVE: ReadonlySet<string> = new Set(
  [
    ...['inline_string', 'inline_bytes', 'private_key', 'private_key_provider', 'password'],
    ...['pkcs12', 'keys', 'session_ticket_keys', 'secret', 'secrets', 'generic_secret'],
    ...['secret_data', 'backend_token', 'secret_access_key', 'session_token', 'credentials'],
    ...['web_identity_token_data_source', 'credentials_data_source', 'context_extensions'],
    ...['users', 'downstream_auth_password', 'downstream_auth_passwords', 'auth_password'],
    ...['downstream_auth_username', 'auth_username'],
  ].map(normal),
);

/** Whether what stands at a key may be secret, in documents of helve too. */
export const isSensitiveKey = (key: string): boolean =>
  SENSITIVE.has(normal(key)) || isCredentialName(key) || key.toLowerCase() === 'set-cookie';

function normal(key: string): string {
  return key.toLowerCase().replaceAll('_', '');
}

/** Whether what a map has at a name may be secret. Below `to`, names are those of clusters. */
export const isSecretAt = (map: JsonObject, name: string, parent: string): boolean =>
  parent !== 'to' && (isSensitiveKey(name) || isCredentialValue(map, name));

/** Yes and no give nothing away. */
export const hiddenValue = (value: Json): Json =>
  typeof value === 'boolean' || value === null ? value : fingerprint(JSON.stringify(value));

/** A value that stands at `parent`, with what may be secret told by fingerprints alone. */
export function withoutSecrets(value: Json, parent = ''): Json {
  if (typeof value === 'string') return redactPem(value);
  if (isList(value)) return value.map((item) => withoutSecrets(item, parent));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      isSecretAt(value, name, parent) ? hiddenValue(part) : withoutSecrets(part, name),
    ]),
  );
}
