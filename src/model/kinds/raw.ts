import { z } from 'zod';
import { reportIssues } from '../fields/issues.ts';
import { object } from '../fields/object.ts';
import type { Json, JsonObject } from '../json.ts';
import { pointerTo } from '../yaml/pointer.ts';
import type { KindContext } from './kind.ts';

export interface RawResource {
  /** Of the item, e.g. `/resources/0`. */
  readonly pointer: string;
  readonly value: JsonObject;
}

/**
 * The format of Envoy's own filesystem xDS: a DiscoveryResponse. Versions are hashes of content, so
 * what it says of versions is allowed and means nothing.
 */
const text = z.string().optional();
const schema = object({
  resources: z.array(z.custom<JsonObject>(isObject, { params: { code: 'SCHEMA_TYPE' } })),
  version_info: text,
  versionInfo: text,
  type_url: text,
  typeUrl: text,
  nonce: text,
});

/** The items of a document of raw resources, or null where it has errors. */
export function readRaw(source: JsonObject, context: KindContext): readonly RawResource[] | null {
  const parsed = schema.safeParse(source);
  if (!parsed.success) {
    reportIssues(parsed.error.issues, source, context.report);
    return null;
  }
  const items = parsed.data.resources.map((value, index) => ({
    pointer: pointerTo('/resources', index),
    value,
  }));
  for (const item of items) checkItem(item, context);
  return context.report.errors > 0 ? null : items;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkItem({ pointer, value }: RawResource, context: KindContext): void {
  const type = value['@type'];
  if (type === undefined) {
    const message = 'the resource has no "@type"; add e.g. "@type": type.googleapis.com/…';
    context.report.error('SCHEMA_REQUIRED', { pointer }, message);
  } else if (typeof type !== 'string') {
    if (!Number.isNaN(type)) {
      const message = '"@type" must be a string; write e.g. type.googleapis.com/…';
      context.report.error('SCHEMA_TYPE', { pointer: pointerTo(pointer, '@type') }, message);
    }
  }
  nameFiles(value, pointer, context);
}

/**
 * Model knows no protobuf, so every string at a key `filename` is listed; the compiler takes those
 * that are data sources.
 */
function nameFiles(value: Json, pointer: string, context: KindContext): void {
  if (typeof value !== 'object' || value === null) return;
  if (isList(value)) {
    value.forEach((item, index) => nameFiles(item, pointerTo(pointer, index), context));
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    const at = pointerTo(pointer, key);
    if (key === 'filename' && typeof child === 'string' && child !== '')
      context.nameFile(child, at);
    else nameFiles(child, at, context);
  }
}

const isList = (value: readonly Json[] | JsonObject): value is readonly Json[] =>
  Array.isArray(value);
