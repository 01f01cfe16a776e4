import { z } from 'zod';
import { reportIssues } from '../fields/issues.ts';
import { describe } from '../fields/issue.ts';
import { object } from '../fields/object.ts';
import { isList, isMap, type Json, type JsonObject } from '../json.ts';
import { REFUSED_KEY } from '../yaml/build.ts';
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
export const RAW_SCHEMA = object({
  resources: z.array(z.unknown()),
  version_info: text,
  versionInfo: text,
  type_url: text,
  typeUrl: text,
  nonce: text,
});

/**
 * The items of a document of raw resources, also of one with errors: they were reported, and more
 * can be said of the rest. Null where values are missing that the reader refused.
 */
export function readRaw(source: JsonObject, context: KindContext): readonly RawResource[] | null {
  const parsed = RAW_SCHEMA.safeParse(source);
  if (!parsed.success) {
    const { report } = context;
    reportIssues(parsed.error.issues, { source, schema: RAW_SCHEMA, report });
  }
  const items: RawResource[] = [];
  let isWhole = true;
  for (const [index, value] of listOf(source['resources']).entries()) {
    const pointer = pointerTo('/resources', index);
    checkItem(value, pointer, context);
    if (isMap(value)) items.push({ pointer, value });
    if (!nameFiles(value, pointer, context)) isWhole = false;
  }
  return isWhole ? items : null;
}

function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

function checkItem(value: Json, pointer: string, { report }: KindContext): void {
  // NaN: the reader has already said what is wrong.
  if (!isMap(value)) {
    const message = `a resource is a map with "@type", got ${describe(value)}`;
    if (!Number.isNaN(value)) report.error('SCHEMA_TYPE', { pointer }, `${message}; write one`);
    return;
  }
  const type = value['@type'];
  if (type === undefined) {
    if (Object.hasOwn(value, REFUSED_KEY)) return;
    const message = 'the resource has no "@type"; add e.g. "@type": type.googleapis.com/…';
    report.error('SCHEMA_REQUIRED', { pointer }, message);
  } else if (typeof type !== 'string' && !Number.isNaN(type)) {
    const message = '"@type" must be a string; write e.g. type.googleapis.com/…';
    report.error('SCHEMA_TYPE', { pointer: pointerTo(pointer, '@type') }, message);
  }
}

/**
 * Model knows no protobuf, so every string at a key `filename` is listed; the compiler takes those
 * that are data sources. False where a value is missing that the reader refused.
 */
function nameFiles(value: Json, pointer: string, context: KindContext): boolean {
  if (typeof value !== 'object' || value === null) return !Number.isNaN(value);
  let isWhole = true;
  if (isList(value)) {
    for (const [index, item] of value.entries()) {
      if (!nameFiles(item, pointerTo(pointer, index), context)) isWhole = false;
    }
    return isWhole;
  }
  for (const [key, child] of Object.entries(value)) {
    const at = pointerTo(pointer, key);
    if (key === 'filename' && typeof child === 'string' && child !== '') {
      context.nameFile(child, at);
    } else if (!nameFiles(child, at, context)) isWhole = false;
  }
  return isWhole;
}
