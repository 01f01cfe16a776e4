import type { Json, JsonObject } from './types.ts';

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** An own property: objects may come with a prototype, and `toString` is nobody's field. */
export function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** What a value is, for "got …": never its content, which may be secret. */
export function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'a string';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'a boolean';
    default:
      return 'an object';
  }
}

/** Keys that change what an object is in JavaScript; our reader refuses them everywhere too. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
]);

/** An object that takes any key as data. */
export function emptyObject(): Record<string, Json> {
  const made: Record<string, Json> = { __proto__: null };
  return made;
}

/** The end of a full name: `envoy.config.route.v3.RouteAction` is `RouteAction`. */
export function shortName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1);
}
