import type { Json, JsonObject } from '../../schema/index.ts';

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** A field of a raw object by its proto name, in either spelling; null is absent. */
export function fieldOf(value: Json | undefined, name: string): Json | undefined {
  if (!isObject(value)) return undefined;
  if (Object.hasOwn(value, name)) return value[name] ?? undefined;
  const camel = name.replace(/_([a-z0-9])/g, (_, next: string) => next.toUpperCase());
  return Object.hasOwn(value, camel) ? (value[camel] ?? undefined) : undefined;
}

/** An enum by its name or its number; `names` are those of 0 and on. */
export const enumOf = (value: Json | undefined, names: readonly string[]): string =>
  typeof value === 'number' ? (names[value] ?? '') : textOf(value) || (names[0] ?? '');

export const listOf = (value: Json | undefined): readonly Json[] => (isList(value) ? value : []);

/** The text, or '' where it is none: protobuf's own default. */
export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** A number as ProtoJSON spells it, also as a string; 0 where it is none. */
export function numberOf(value: Json | undefined): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : 0;
}

export const typeUrlOf = (value: Json | undefined): string =>
  isObject(value) && Object.hasOwn(value, '@type') ? textOf(value['@type']) : '';

/** The full name in a type URL. */
export const messageOf = (typeUrl: string): string => typeUrl.slice(typeUrl.lastIndexOf('/') + 1);

export const pointerTo = (base: string, ...tokens: readonly (string | number)[]): string =>
  [base, ...tokens.map((t) => String(t).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');

/** One place of a value to replace; null removes the key. */
export interface Edit {
  readonly pointer: string;
  readonly value: JsonObject | null;
}

/** The value with every edit made; what no edit touches is shared. */
export function applyEdits(value: JsonObject, edits: readonly Edit[]): JsonObject {
  return edits.reduce((whole, { pointer, value: replacement }) => {
    const tokens = pointer
      .split('/')
      .slice(1)
      .map((t) => t.replaceAll('~1', '/').replaceAll('~0', '~'));
    const next = replaceAt(whole, tokens, replacement);
    return isObject(next) ? next : whole;
  }, value);
}

function replaceAt(value: Json, tokens: readonly string[], replacement: JsonObject | null): Json {
  const [token, ...rest] = tokens;
  if (token === undefined) return replacement ?? value;
  if (isList(value)) {
    return value.map((item, index) =>
      String(index) === token ? replaceAt(item, rest, replacement) : item,
    );
  }
  if (!isObject(value) || !Object.hasOwn(value, token)) return value;
  const { [token]: child, ...others } = value;
  if (rest.length === 0 && replacement === null) return others;
  if (child === undefined) return value;
  return { ...others, [token]: replaceAt(child, rest, replacement) };
}

/** Whether both say the same, whatever the order of their keys. */
export function isSameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((one, i) => isSameJson(one, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return Number.isNaN(a) && Number.isNaN(b);
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSameJson(a[name], b[name]))
  );
}
