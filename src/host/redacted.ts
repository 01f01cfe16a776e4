import { redactCredentials } from '../base/index.ts';
import { loadSchema } from '../ingest/index.ts';
import type { Schema } from '../schema/index.ts';
import { type Resource, typeRow } from '../snapshot/index.ts';
import { encodeLeniently } from './lenient-encode.ts';

/**
 * The messages of resources with nothing secret in them; null for those that are secrets. What
 * hides a secret is text, and left out of fields that hold none. Envoy's API is loaded with the
 * first one: hardly anybody asks.
 */
export function createRedacted(): (resource: Resource) => Uint8Array | null {
  let schema: Schema | null = null;
  const known = new WeakMap<Resource, Uint8Array>();
  return (resource) => {
    const { type, bytes, secret } = resource;
    const row = typeRow(type);
    if (row.isSecret || secret) return null;
    const earlier = known.get(resource);
    if (earlier !== undefined) return earlier;
    schema ??= loadSchema();
    const message = row.url.replace('type.googleapis.com/', '');
    const json = redactCredentials(schema.decode(message, bytes));
    const encoded = encodeLeniently(schema, message, json, { isLeftOut: () => true });
    if (!encoded.ok) return null;
    known.set(resource, encoded.bytes);
    return encoded.bytes;
  };
}
