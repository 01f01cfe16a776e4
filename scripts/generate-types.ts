import { boolOption, type FieldDescriptor } from '../src/schema/descriptor.ts';
import { type DescriptorSet, openDescriptorSet } from '../src/schema/descriptor-set.ts';
import { FIELD_DEPRECATED_OPTION } from '../src/schema/options.ts';
import { EMPTY_ANY_FIELDS } from '../src/schema/well-known.ts';
import { EXTENSION_ROOTS, RESOURCE_ROOTS } from './generate-roots.ts';

/**
 * TypeScript types of the messages that helve itself writes, and of all that they refer to, in the
 * shape of ProtoJSON with the field names of Envoy's documentation. Object types, not interfaces:
 * only those can be passed on as plain JSON.
 */
export function generateTypes(setBytes: Uint8Array, version: string): string {
  const set = openDescriptorSet(setBytes);
  const reached = closure(set);
  const names = shortNames(reached);
  const parts = [
    `// Written by \`npm run generate\` from the descriptors of Envoy ${version}.`,
    `import type { JsonObject } from '../types.ts';\n`,
    ANY_TYPES,
    `export type AnyTypes = {\n${EXTENSION_ROOTS.map(
      (name) => `  readonly 'type.googleapis.com/${name}': ${nameOf(names, name)};`,
    ).join('\n')}\n};\n`,
  ];
  for (const name of reached.messages) parts.push(messageType(set, names, name));
  for (const name of reached.enums) parts.push(enumType(set, names, name));
  return parts.join('\n');
}

const ANY_TYPES = `/** A message inside a \`google.protobuf.Any\`, told apart by its type URL. */
export type Any<K extends keyof AnyTypes = keyof AnyTypes> = {
  readonly [Key in K]: { readonly '@type': Key } & AnyTypes[Key];
}[K];

/** An Any of no type. */
export type EmptyAny = { readonly [key: string]: never };
`;

/** Well-known types whose JSON is not an object of their fields. */
const WELL_KNOWN: ReadonlyMap<string, string> = new Map([
  ['google.protobuf.Any', 'Any'],
  ['google.protobuf.Duration', '`${number}s`'],
  ['google.protobuf.Timestamp', 'string'],
  ['google.protobuf.FieldMask', 'string'],
  ['google.protobuf.Struct', 'JsonObject'],
  ['google.protobuf.Value', 'JsonObject[string]'],
  ['google.protobuf.ListValue', 'readonly JsonObject[string][]'],
  ['google.protobuf.DoubleValue', 'number'],
  ['google.protobuf.FloatValue', 'number'],
  ['google.protobuf.Int64Value', 'number | `${bigint}`'],
  ['google.protobuf.UInt64Value', 'number | `${bigint}`'],
  ['google.protobuf.Int32Value', 'number'],
  ['google.protobuf.UInt32Value', 'number'],
  ['google.protobuf.BoolValue', 'boolean'],
  ['google.protobuf.StringValue', 'string'],
  ['google.protobuf.BytesValue', 'string'],
]);

interface Reached {
  readonly messages: readonly string[];
  readonly enums: readonly string[];
}

function closure(set: DescriptorSet): Reached {
  const messages = new Set<string>();
  const enums = new Set<string>();
  const visit = (name: string): void => {
    const message = set.message(name);
    if (message === null) throw new Error(`${name} is not in the descriptors`);
    if (messages.has(name) || WELL_KNOWN.has(name)) return;
    // Map entries are only passed through: they have no type of their own.
    if (!message.isMapEntry) messages.add(name);
    for (const field of message.fields) {
      if (field.kind === 'message') visit(field.typeName);
      if (field.kind === 'enum') enums.add(field.typeName);
    }
  };
  for (const name of [...RESOURCE_ROOTS, ...EXTENSION_ROOTS]) visit(name);
  return { messages: [...messages].sort(), enums: [...enums].sort() };
}

/**
 * `RouteAction_HashPolicy`. Where packages share a name, the listed root keeps it and the others
 * get the last part of their package in front (`RouteRetryPolicy`), or all of it.
 */
function shortNames(reached: Reached): ReadonlyMap<string, string> {
  const all = [...reached.messages, ...reached.enums];
  const roots = [...RESOURCE_ROOTS, ...EXTENSION_ROOTS];
  const names = new Map<string, string>();
  const taken = new Set(RESERVED);
  const assign = (name: string, given: string): void => {
    names.set(name, given);
    taken.add(given);
  };
  const owners = countBy([...all, ...RESERVED], short);
  for (const name of roots) if (!taken.has(short(name))) assign(name, short(name));
  for (const name of all) {
    if (names.has(name)) continue;
    const parts = packageParts(name);
    const choices = [parts.slice(-1).join('') + short(name), parts.join('') + short(name)];
    if (owners.get(short(name)) === 1) choices.unshift(short(name));
    const given = choices.find((choice) => !taken.has(choice));
    if (given === undefined) throw new Error(`no name is free for ${name}`);
    assign(name, given);
  }
  return names;
}

function countBy(
  values: readonly string[],
  key: (value: string) => string,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(key(value), (counts.get(key(value)) ?? 0) + 1);
  return counts;
}

const RESERVED: readonly string[] = ['Any', 'AnyTypes', 'EmptyAny', 'Json', 'JsonObject'];

const isTypeName = (part: string): boolean => /^[A-Z]/.test(part);

const short = (name: string): string => name.split('.').filter(isTypeName).join('_');

/** `envoy.config.route.v3.Route` → `Config`, `Route`. */
function packageParts(name: string): readonly string[] {
  const parts = name.split('.').filter((part) => !isTypeName(part) && !/^v\d/.test(part));
  const said = parts[0] === 'envoy' ? parts.slice(1) : parts;
  return said.map((part) =>
    part
      .split('_')
      .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
      .join(''),
  );
}

function nameOf(names: ReadonlyMap<string, string>, fullName: string): string {
  const found = WELL_KNOWN.get(fullName) ?? names.get(fullName);
  if (found === undefined) throw new Error(`${fullName} has no name`);
  return found;
}

function messageType(set: DescriptorSet, names: ReadonlyMap<string, string>, name: string): string {
  const fields = (set.message(name)?.fields ?? []).map((field) => {
    const note = boolOption(field.options, FIELD_DEPRECATED_OPTION) === true;
    const type = fieldType(set, names, field);
    const either = EMPTY_ANY_FIELDS.has(`${name}.${field.name}`) ? `${type} | EmptyAny` : type;
    const line = `  readonly ${field.name}?: ${either};`;
    return note ? `  /** @deprecated */\n${line}` : line;
  });
  const body = fields.length === 0 ? '{}' : `{\n${fields.join('\n')}\n}`;
  return `/** \`${name}\` */\nexport type ${nameOf(names, name)} = ${body};\n`;
}

function fieldType(
  set: DescriptorSet,
  names: ReadonlyMap<string, string>,
  field: FieldDescriptor,
): string {
  const entry = field.kind === 'message' ? set.message(field.typeName) : null;
  if (entry?.isMapEntry === true) {
    const value = entry.fields.find((part) => part.number === 2);
    if (value === undefined) throw new Error(`${entry.name} has no value`);
    return `{ readonly [key: string]: ${singularType(names, value)} }`;
  }
  const one = singularType(names, field);
  if (!field.isRepeated) return one;
  return /^[A-Za-z_]+$/.test(one) ? `readonly ${one}[]` : `readonly (${one})[]`;
}

function singularType(names: ReadonlyMap<string, string>, field: FieldDescriptor): string {
  switch (field.kind) {
    case 'bool':
      return 'boolean';
    case 'string':
    case 'bytes':
      return 'string';
    case 'int64':
    case 'uint64':
    case 'sint64':
    case 'fixed64':
    case 'sfixed64':
      return 'number | `${bigint}`';
    case 'message':
    case 'enum':
    case 'group':
      return nameOf(names, field.typeName);
    case 'double':
    case 'float':
    case 'int32':
    case 'uint32':
    case 'sint32':
    case 'fixed32':
    case 'sfixed32':
      return 'number';
  }
}

function enumType(set: DescriptorSet, names: ReadonlyMap<string, string>, name: string): string {
  const values = (set.enumeration(name)?.values ?? []).map((value) => `\n  | '${value.name}'`);
  return `/** \`${name}\` */\nexport type ${nameOf(names, name)} =${values.join('')};\n`;
}
