import { z } from 'zod';
import { isMap, type Json, type JsonObject } from './json.ts';
import { RAW_SCHEMA } from './kinds/raw.ts';
import { KINDS, type KindName } from './kinds/table.ts';
import { SETTINGS_SCHEMA } from './parse-settings.ts';
import { shareSchemas } from './share-schemas.ts';

export const KIND_NAMES: readonly KindName[] = Object.keys(KINDS).filter(isKindName);

function isKindName(name: string): name is KindName {
  return Object.hasOwn(KINDS, name);
}

/**
 * JSON Schema (2020-12) of a document, whatever its kind, for editors. `kind` decides by `if`, so
 * that errors and hovers are those of one kind and not of a union of all.
 */
export function documentsSchema(): JsonObject {
  const kinds = KIND_NAMES.map((kind) => [kind, ofKind(kind)] as const);
  const { defs, schemas } = shareSchemas([...kinds, ['resources', ofRaw()]]);
  const branches = KIND_NAMES.map((kind) => ({
    if: { required: ['kind'], properties: { kind: { const: kind } } },
    then: { $ref: `#/$defs/${kind}` },
  }));
  return {
    ...headOf('documents', 'A document of helve'),
    type: 'object',
    properties: {
      kind: { enum: [...KIND_NAMES], description: 'What the document is.' },
    },
    allOf: [
      ...branches,
      { if: { not: { required: ['kind'] } }, then: { $ref: '#/$defs/resources' } },
    ],
    $defs: { ...schemas, ...defs },
  };
}

/** The same of one kind. */
export function kindSchema(kind: KindName): JsonObject {
  const { defs, schemas } = shareSchemas([[kind, ofKind(kind)]]);
  return { ...headOf(kind, kind), ...objectOf(schemas[kind]), $defs: defs };
}

/** The same of `helve.yaml`. */
export function settingsSchema(): JsonObject {
  return { ...headOf('settings', 'helve.yaml'), ...schemaOf(SETTINGS_SCHEMA) };
}

/** Of the language: additions change nothing in it. */
const LANGUAGE = 1;

const headOf = (name: string, title: string): JsonObject => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: `urn:helve:language:${LANGUAGE}:${name}`,
  title,
});

function ofKind(kind: KindName): JsonObject {
  const { properties, ...rest } = schemaOf(KINDS[kind].schema);
  const own = { kind: { const: kind, description: 'What the document is.' } };
  return { title: kind, ...rest, properties: { ...objectOf(properties), ...own } };
}

function ofRaw(): JsonObject {
  const { properties, ...rest } = schemaOf(RAW_SCHEMA);
  const item = {
    type: 'object',
    required: ['@type'],
    properties: {
      '@type': { type: 'string', description: 'E.g. type.googleapis.com/envoy.config….' },
    },
  };
  const resources = {
    type: 'array',
    items: item,
    description: "Resources in the format of Envoy's own filesystem xDS.",
  };
  const title = 'Raw Envoy resources';
  return { title, ...rest, properties: { ...objectOf(properties), resources } };
}

function schemaOf(schema: z.ZodType): JsonObject {
  const made: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return objectOf(cleaned(made));
}

/** Without what says nothing, and with the defaults that descriptions tell. */
function cleaned(value: unknown): Json {
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return isScalar(value) ? value : null;
  const kept = Object.entries(value).filter(([key, part]) => !isIdle(key, part));
  if (isForbidden(value)) return Object.fromEntries(kept.filter(([key]) => FORBIDDEN.has(key)));
  const node = Object.fromEntries(kept.map(([key, part]) => [key, cleaned(part)]));
  const { refused, ...shown } = node;
  if (Array.isArray(refused)) return withoutFields(shown, refused.map(String));
  const given = defaultOf(node);
  return given === null ? node : { ...node, default: given };
}

/** A map of which the fields that are named in its `refused` are read only to be refused. */
function withoutFields(node: JsonObject, refused: readonly string[]): JsonObject {
  const none = { description: 'Not here: requests are not seen.', not: {} };
  const fields = Object.fromEntries(refused.map((name) => [name, none]));
  return { ...node, properties: { ...objectOf(node['properties']), ...fields } };
}

/** A field that is read only to be refused: nothing of it is to be completed. */
const isForbidden = (value: object): boolean =>
  'not' in value && JSON.stringify(value.not) === '{}';

const FORBIDDEN: ReadonlySet<string> = new Set(['description', 'not']);

const isIdle = (key: string, value: unknown): boolean =>
  key === '$schema' ||
  value === undefined ||
  ((key === 'minimum' || key === 'maximum') && Math.abs(Number(value)) > 2 ** 50) ||
  (key === 'propertyNames' && JSON.stringify(value) === '{"type":"string"}');

/** `Default 3s.` of a description, where the field can have that value. */
function defaultOf({ description, type, enum: words, pattern, anyOf }: JsonObject): Json {
  if (typeof description !== 'string' || anyOf !== undefined) return null;
  const [, quoted, plain] =
    /\bDefault (?:"([^"]+)"|([\w.%/-]+?))(?=[,;]|\.(?:\s|$))/.exec(description) ?? [];
  const text = quoted ?? plain;
  if (text === undefined) return null;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : null;
  if (type === 'integer' || type === 'number')
    return Number.isFinite(Number(text)) ? Number(text) : null;
  if (Array.isArray(words)) return words.includes(text) ? text : null;
  const isForm = typeof pattern === 'string' && new RegExp(pattern, 'u').test(text);
  return type === 'string' && (isForm || quoted !== undefined) ? text : null;
}

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function objectOf(value: Json | undefined): JsonObject {
  return isMap(value) ? value : {};
}
