import { isList, isMap, type Json, type JsonObject } from './json.ts';

type Named = readonly (readonly [name: string, schema: Json])[];

interface Shared {
  /** What stands at several places, by a name made of the first of them. */
  readonly defs: JsonObject;
  readonly schemas: JsonObject;
}

/** Smaller ones are said again. */
const SHARED_CHARS_MIN = 400;

/** Schemas with every larger part that repeats taken out and referred to. */
export function shareSchemas(named: Named): Shared {
  const counts = new Map<string, number>();
  for (const [, schema] of named) count(schema, counts);
  const taken = new Set(named.map(([name]) => name));
  const names = new Map<string, string>();
  const defs: Record<string, Json> = {};
  const share = (value: Json, name: string, isRoot: boolean): Json => {
    if (typeof value !== 'object' || value === null) return value;
    if (isList(value)) return value.map((item) => share(item, name, false));
    const text = JSON.stringify(value);
    if (!isRoot && (counts.get(text) ?? 0) > 1) {
      const known = names.get(text);
      if (known !== undefined) return { $ref: `#/$defs/${known}` };
      const fresh = freeName(name, taken);
      names.set(text, fresh);
      defs[fresh] = inside(value, name, share);
      return { $ref: `#/$defs/${fresh}` };
    }
    return inside(value, name, share);
  };
  const schemas = Object.fromEntries(
    named.map(([name, schema]) => [name, share(schema, name, true)]),
  );
  const sorted = Object.entries(defs).sort(([a], [b]) => (a < b ? -1 : 1));
  return { defs: Object.fromEntries(sorted), schemas };
}

type Share = (value: Json, name: string, isRoot: boolean) => Json;

const inside = (node: JsonObject, name: string, share: Share): JsonObject =>
  Object.fromEntries(
    Object.entries(node).map(([key, part]) =>
      key === 'properties' && isMap(part)
        ? [key, ofProperties(part, share)]
        : [key, share(part, name, key !== 'items' && key !== 'additionalProperties')],
    ),
  );

const ofProperties = (properties: JsonObject, share: Share): JsonObject =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, share(schema, name, false)]),
  );

function count(value: Json, counts: Map<string, number>): void {
  if (typeof value !== 'object' || value === null) return;
  if (!isList(value)) {
    const text = JSON.stringify(value);
    if (text.length >= SHARED_CHARS_MIN) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  for (const part of Object.values(value)) count(part, counts);
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}${number}`;
  taken.add(free);
  return free;
}
