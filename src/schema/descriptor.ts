import { WireReader } from './wire-reader.ts';

export type ScalarKind =
  | 'double'
  | 'float'
  | 'int64'
  | 'uint64'
  | 'int32'
  | 'fixed64'
  | 'fixed32'
  | 'bool'
  | 'string'
  | 'bytes'
  | 'uint32'
  | 'sfixed32'
  | 'sfixed64'
  | 'sint32'
  | 'sint64';
export type FieldKind = ScalarKind | 'message' | 'enum' | 'group';

/** One field of a message, as its descriptor says. */
export interface FieldDescriptor {
  readonly name: string;
  readonly jsonName: string;
  readonly number: number;
  readonly kind: FieldKind;
  /** Full name of the message or enum, else empty. */
  readonly typeName: string;
  readonly isRepeated: boolean;
  readonly isPacked: boolean;
  /** Whether "unset" and "set to the default" differ on the wire. */
  readonly hasPresence: boolean;
  /** Index into `oneofs`, or -1. A synthetic oneof (proto3 `optional`) counts as none. */
  readonly oneof: number;
  /** Serialized FieldOptions. */
  readonly options: Uint8Array;
}

export interface OneofDescriptor {
  readonly name: string;
  readonly options: Uint8Array;
}

export interface MessageDescriptor {
  readonly name: string;
  /** By number. */
  readonly fields: readonly FieldDescriptor[];
  readonly oneofs: readonly OneofDescriptor[];
  readonly isMapEntry: boolean;
  readonly options: Uint8Array;
}

export interface EnumValueDescriptor {
  readonly name: string;
  readonly number: number;
  readonly options: Uint8Array;
}

export interface EnumDescriptor {
  readonly name: string;
  readonly values: readonly EnumValueDescriptor[];
  /** A closed enum (proto2) takes no number that it does not define. */
  readonly isClosed: boolean;
}

export type Syntax = 'proto2' | 'proto3';

const NO_OPTIONS = new Uint8Array(0);

/** FieldDescriptorProto.Type, by number. */
const KINDS: readonly (FieldKind | undefined)[] = [
  undefined,
  'double',
  'float',
  'int64',
  'uint64',
  'int32',
  'fixed64',
  'fixed32',
  'bool',
  'string',
  'group',
  'message',
  'bytes',
  'uint32',
  'enum',
  'sfixed32',
  'sfixed64',
  'sint32',
  'sint64',
];
const UNPACKABLE: ReadonlySet<FieldKind> = new Set(['string', 'bytes', 'message', 'group']);

/** Reads one DescriptorProto. */
export function parseMessage(name: string, bytes: Uint8Array, syntax: Syntax): MessageDescriptor {
  const reader = new WireReader(bytes);
  const fields: FieldDescriptor[] = [];
  const oneofs: OneofDescriptor[] = [];
  let options = NO_OPTIONS;
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === 0x12) fields.push(parseField(reader.bytes(), syntax));
    else if (tag === 0x3a) options = copy(reader.bytes());
    else if (tag === 0x42) oneofs.push(parseOneof(reader.bytes()));
    else reader.skip(tag & 7);
  }
  fields.sort((a, b) => a.number - b.number);
  return { name, fields, oneofs, isMapEntry: boolOption(options, 7) === true, options };
}

function kindOf(type: number): FieldKind {
  const kind = KINDS[type];
  if (kind === undefined) throw new RangeError('a field has an unknown type');
  return kind;
}

function parseField(bytes: Uint8Array, syntax: Syntax): FieldDescriptor {
  const reader = new WireReader(bytes);
  const numbers = new Map<number, number>();
  const texts = new Map<number, string>();
  let options = NO_OPTIONS;
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    if (field === 8) options = copy(reader.bytes());
    else if ((tag & 7) === 0) numbers.set(field, reader.uint32());
    else if ((tag & 7) === 2) texts.set(field, reader.string());
    else reader.skip(tag & 7);
  }
  const kind = kindOf(numbers.get(5) ?? 0);
  const name = texts.get(1) ?? '';
  const isRepeated = numbers.get(4) === 3;
  const isOptional = numbers.get(17) === 1;
  const oneof = isOptional ? -1 : (numbers.get(9) ?? -1);
  const isExplicit = syntax === 'proto2' || isOptional || oneof !== -1;
  return {
    name,
    jsonName: texts.get(10) ?? camelCase(name),
    number: numbers.get(3) ?? 0,
    kind,
    typeName: (texts.get(6) ?? '').replace(/^\./, ''),
    isRepeated,
    isPacked:
      isRepeated && !UNPACKABLE.has(kind) && (boolOption(options, 2) ?? syntax === 'proto3'),
    hasPresence: !isRepeated && (isExplicit || kind === 'message' || kind === 'group'),
    oneof,
    options,
  };
}

function parseOneof(bytes: Uint8Array): OneofDescriptor {
  const reader = new WireReader(bytes);
  let name = '';
  let options = NO_OPTIONS;
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === 0x0a) name = reader.string();
    else if (tag === 0x12) options = copy(reader.bytes());
    else reader.skip(tag & 7);
  }
  return { name, options };
}

/** Reads one EnumDescriptorProto. */
export function parseEnum(name: string, bytes: Uint8Array, syntax: Syntax): EnumDescriptor {
  const reader = new WireReader(bytes);
  const values: EnumValueDescriptor[] = [];
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === 0x12) values.push(parseEnumValue(reader.bytes()));
    else reader.skip(tag & 7);
  }
  return { name, values, isClosed: syntax === 'proto2' };
}

function parseEnumValue(bytes: Uint8Array): EnumValueDescriptor {
  const reader = new WireReader(bytes);
  let name = '';
  let number = 0;
  let options = NO_OPTIONS;
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === 0x0a) name = reader.string();
    else if (tag === 0x10) number = reader.uint32() | 0;
    else if (tag === 0x1a) options = copy(reader.bytes());
    else reader.skip(tag & 7);
  }
  return { name, number, options };
}

/** A boolean option by its field number; null where it is not given. */
export function boolOption(options: Uint8Array, number: number): boolean | null {
  const reader = new WireReader(options);
  let found: boolean | null = null;
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag >>> 3 === number && (tag & 7) === 0) found = reader.uint32() !== 0;
    else reader.skip(tag & 7);
  }
  return found;
}

/** A message option by its field number, serialized; null where it is not given. */
export function bytesOption(options: Uint8Array, number: number): Uint8Array | null {
  const reader = new WireReader(options);
  let found: Uint8Array | null = null;
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag >>> 3 === number && (tag & 7) === 2) found = copy(reader.bytes());
    else reader.skip(tag & 7);
  }
  return found;
}

/** Whether a message option, if there, has a boolean that is true. */
export function hasFlag(options: Uint8Array, number: number, flag: number): boolean {
  const inner = bytesOption(options, number);
  return inner !== null && boolOption(inner, flag) === true;
}

/** The JSON name that protoc derives: `load_assignment` is `loadAssignment`. */
export function camelCase(name: string): string {
  return name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase());
}

const copy = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
