import { z } from 'zod';
import { isList, isMap, type Json, type JsonObject } from '../json.ts';
import { redactPem } from '../../base/index.ts';

/** How values of a schema are written, for messages about values that are not. */
export interface Forms {
  /**
   * The form at a path, as one line of YAML: around the value that was written, where that is a
   * part of it (`3/s` is one of `[{limit: 3/s}]`), else an example. Null where none can be told.
   */
  at(path: readonly PropertyKey[], written: unknown): string | null;
}

/** Made when first asked for: only documents with errors need it. */
export function formsOf(schema: z.ZodType): Forms {
  const known = FORMS.get(schema);
  if (known !== undefined) return known;
  let root: Json | null = null;
  const forms: Forms = {
    at(path, written) {
      root ??= jsonSchemaOf(schema);
      const nodes = nodesAt(root, path);
      const value = formAround(nodes, scalarOf(written)) ?? exampleOf(nodes, 0);
      const text = value === undefined ? ELLIPSIS : flowText(value);
      return text === ELLIPSIS || text === TEXT || text.length > FORM_CHARS_MAX ? null : text;
    },
  };
  FORMS.set(schema, forms);
  return forms;
}

const FORMS = new WeakMap<z.ZodType, Forms>();

const FORM_CHARS_MAX = 120;
const DEPTH_MAX = 3;
const ELLIPSIS = '…';
/** Stands for any text. */
const TEXT = '<text>';

function jsonSchemaOf(schema: z.ZodType): Json {
  const made: unknown = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    // No references but those of what contains itself: less to follow.
    reused: 'inline',
  });
  return isJson(made) ? made : {};
}

const isJson = (value: unknown): value is Json => typeof value === 'object';

/** What may stand at a path: alternatives are taken apart. */
function nodesAt(root: Json, path: readonly PropertyKey[]): readonly JsonObject[] {
  let nodes = alternatives(root, root);
  for (const key of path) {
    nodes = nodes.flatMap((node) => {
      const { properties, additionalProperties, items } = node;
      const field = isMap(properties) ? properties[String(key)] : undefined;
      const below = typeof key === 'number' ? items : (field ?? additionalProperties);
      return below === undefined ? [] : alternatives(below, root);
    });
  }
  return nodes;
}

function alternatives(node: Json, root: Json): readonly JsonObject[] {
  if (!isMap(node)) return [];
  const { $ref: ref, anyOf } = node;
  if (typeof ref === 'string') {
    const found = ref.split('/').slice(1).reduce(fieldOf, root);
    return isMap(found) && found !== node ? alternatives(found, root) : [];
  }
  return isList(anyOf) ? anyOf.flatMap((one) => alternatives(one, root)) : [node];
}

const fieldOf = (value: Json, key: string): Json => (isMap(value) ? (value[key] ?? null) : null);

type Scalar = string | number | boolean;

const scalarOf = (value: unknown): Scalar | null =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : null;

/** Where what was written can only stand for one thing: by its form first, then by its type. */
function formAround(nodes: readonly JsonObject[], written: Scalar | null): Json | undefined {
  if (written === null) return undefined;
  for (const isExact of [true, false]) {
    for (const node of nodes) {
      const placed = placedIn(node, { written, isExact }, 0);
      if (placed !== undefined && !isScalarNode(node)) return placed;
    }
  }
  return undefined;
}

interface Piece {
  readonly written: Scalar;
  /** Only where a pattern or a list of words takes it. */
  readonly isExact: boolean;
}

function placedIn(node: JsonObject, piece: Piece, depth: number): Json | undefined {
  if (depth > DEPTH_MAX) return undefined;
  if (isScalarNode(node)) return isTaken(node, piece) ? piece.written : undefined;
  if (node['type'] === 'array') {
    const placed = placedInAny(node['items'], piece, depth);
    return placed === undefined ? undefined : [placed];
  }
  const { properties, additionalProperties } = node;
  if (!isMap(properties) || isMap(additionalProperties)) return undefined;
  const required = requiredOf(node);
  for (const key of required.length > 0 ? required : Object.keys(properties)) {
    const placed = placedInAny(properties[key], piece, depth);
    if (placed !== undefined) return { ...exampleFields(node, required, depth), [key]: placed };
  }
  return undefined;
}

function placedInAny(node: Json | undefined, piece: Piece, depth: number): Json | undefined {
  for (const one of alternatives(node ?? null, null)) {
    const placed = placedIn(one, piece, depth + 1);
    if (placed !== undefined) return placed;
  }
  return undefined;
}

const isScalarNode = ({ type, const: word, enum: words }: JsonObject): boolean =>
  (type !== 'array' && type !== 'object') || word !== undefined || words !== undefined;

function isTaken(node: JsonObject, { written, isExact }: Piece): boolean {
  const { type, pattern, const: word, enum: words } = node;
  if (word !== undefined) return word === written;
  if (isList(words)) return words.includes(written);
  if (typeof written === 'string') {
    if (type !== 'string') return false;
    return typeof pattern === 'string' ? new RegExp(pattern, 'u').test(written) : !isExact;
  }
  if (typeof written === 'boolean') return type === 'boolean';
  const { minimum, maximum } = node;
  const isBelow = typeof minimum === 'number' && written < minimum;
  const isAbove = typeof maximum === 'number' && written > maximum;
  if (isBelow || isAbove) return false;
  return type === 'number' || (type === 'integer' && Number.isInteger(written));
}

/** An example of the first alternative that is more than one fixed word. */
function exampleOf(nodes: readonly JsonObject[], depth: number): Json | undefined {
  const node = nodes.find((one) => !isOneWord(one)) ?? nodes[0];
  if (node === undefined) return undefined;
  const { examples, const: word, enum: words, type } = node;
  const given = isList(examples) ? examples[0] : isList(words) ? words[0] : word;
  if (given !== undefined) return given;
  if (depth > DEPTH_MAX) return ELLIPSIS;
  switch (type) {
    case 'array': {
      return [exampleOf(alternatives(node['items'] ?? null, null), depth + 1) ?? ELLIPSIS];
    }
    case 'object':
      return exampleMap(node, depth);
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return exampleNumber(node);
    default:
      return exampleText(node);
  }
}

const isOneWord = ({ const: word, enum: words }: JsonObject): boolean =>
  word !== undefined || (isList(words) && words.length === 1);

function exampleMap(node: JsonObject, depth: number): Json {
  const { properties, additionalProperties } = node;
  if (!isMap(properties) || Object.keys(properties).length === 0) {
    const value = exampleOf(alternatives(additionalProperties ?? null, null), depth + 1);
    return value === undefined ? ELLIPSIS : { '<name>': value };
  }
  const required = requiredOf(node);
  const keys = required.length > 0 ? required : Object.keys(properties).slice(0, 1);
  return exampleFields(node, keys, depth);
}

function exampleFields(node: JsonObject, keys: readonly string[], depth: number): JsonObject {
  const { properties = null } = node;
  return Object.fromEntries(
    keys.map((key) => {
      const nodes = alternatives(fieldOf(properties, key), null);
      return [key, exampleOf(nodes, depth + 1) ?? ELLIPSIS];
    }),
  );
}

/** Those that must be there; of several of which one must be, the first. */
function requiredOf({ required, oneOf }: JsonObject): readonly string[] {
  const [first] = isList(oneOf) ? oneOf : [];
  const one = isMap(first ?? null) ? fieldOf(first ?? null, 'required') : null;
  return [...textsOf(required ?? null), ...textsOf(one)];
}

const textsOf = (value: Json): readonly string[] =>
  isList(value) ? value.filter((one) => typeof one === 'string') : [];

function exampleNumber({ minimum, exclusiveMinimum }: JsonObject): number {
  const least = typeof minimum === 'number' && minimum > -1e9 ? minimum : 0;
  const above = typeof exclusiveMinimum === 'number' && exclusiveMinimum > -1e9 ? 1 : 0;
  return Math.max(1, least + above);
}

/** Descriptions name values: `A rate: 100/s, 60/min`. */
function exampleText({ description, pattern }: JsonObject): string {
  if (typeof description !== 'string' || typeof pattern !== 'string') return TEXT;
  const form = new RegExp(pattern, 'u');
  const words = description.split(/[\s,;"]+/).map((word) => word.replace(/[.:]$/, ''));
  return words.find((word) => /\d|[/*]/.test(word) && form.test(word)) ?? TEXT;
}

/** A value in YAML's flow style, on one line. */
function flowText(value: Json): string {
  if (isList(value)) return `[${value.map(flowText).join(', ')}]`;
  if (isMap(value)) {
    const fields = Object.entries(value).map(
      ([key, part]) => `${flowText(key)}: ${flowText(part)}`,
    );
    return `{${fields.join(', ')}}`;
  }
  if (typeof value !== 'string') return String(value);
  const safe = redactPem(value);
  const isPlain = PLAIN.test(safe) && !/^[\d.]+$|^(?:true|false|null)$|:$/.test(safe);
  return isPlain ? safe : JSON.stringify(safe);
}

const PLAIN = /^[\w./<…][\w./:*%<>+=~…-]*$/u;
