import type { FieldPlan } from './plan.ts';
import type { Json } from './types.ts';
import { WireReader } from './wire-reader.ts';
import { NULL_VALUE } from './well-known.ts';

/** A value as the wire has it: varints and fixed integers as bigint, else bytes. */
export type RawValue = bigint | number | Uint8Array;

export function readRaw(reader: WireReader, wireType: number): RawValue {
  switch (wireType) {
    case 0:
      return reader.uint64();
    case 1:
      return reader.fixed64();
    case 2:
      return reader.bytes();
    case 5:
      return BigInt(reader.fixed32());
    default:
      throw new RangeError(`wire type ${String(wireType)} is not read`);
  }
}

const LENGTH_DELIMITED: ReadonlySet<string> = new Set(['string', 'bytes', 'message', 'group']);
const FIXED_32: ReadonlySet<string> = new Set(['float', 'fixed32', 'sfixed32']);
const FIXED_64: ReadonlySet<string> = new Set(['double', 'fixed64', 'sfixed64']);

/** Repeated numbers come packed or one by one; readers must take both. */
export function unpack(field: FieldPlan, value: RawValue): readonly RawValue[] {
  if (LENGTH_DELIMITED.has(field.kind) || !(value instanceof Uint8Array)) return [value];
  const reader = new WireReader(value);
  const wireType = FIXED_32.has(field.kind) ? 5 : FIXED_64.has(field.kind) ? 1 : 0;
  const items: RawValue[] = [];
  while (!reader.isAtEnd) items.push(readRaw(reader, wireType));
  return items;
}

/** One value in ProtoJSON. */
export function scalarJson(field: FieldPlan, raw: RawValue): Json {
  const isText = field.kind === 'string' || field.kind === 'bytes';
  if (isText !== raw instanceof Uint8Array) throw new RangeError('the wire type is another');
  if (raw instanceof Uint8Array) {
    const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
    return bytes.toString(field.kind === 'bytes' ? 'base64' : 'utf8');
  }
  return numberJson(field, BigInt(raw));
}

function numberJson(field: FieldPlan, bits: bigint): Json {
  switch (field.kind) {
    case 'bool':
      return bits !== 0n;
    case 'int32':
    case 'sfixed32':
      return Number(BigInt.asIntN(32, bits));
    case 'uint32':
    case 'fixed32':
      return Number(BigInt.asUintN(32, bits));
    case 'sint32':
      return Number(BigInt.asIntN(32, unzigzag(BigInt.asUintN(32, bits))));
    case 'int64':
    case 'sfixed64':
      return BigInt.asIntN(64, bits).toString();
    case 'uint64':
    case 'fixed64':
      return bits.toString();
    case 'sint64':
      return BigInt.asIntN(64, unzigzag(bits)).toString();
    case 'float':
      return floatJson(floatOf(bits), true);
    case 'double':
      return floatJson(doubleOf(bits), false);
    case 'enum':
      return enumJson(field, Number(BigInt.asIntN(32, bits)));
    case 'string':
    case 'bytes':
    case 'message':
    case 'group':
      throw new RangeError('not a number');
  }
}

const unzigzag = (bits: bigint): bigint => (bits >> 1n) ^ -(bits & 1n);

function floatOf(bits: bigint): number {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(Number(BigInt.asUintN(32, bits)));
  return buffer.readFloatLE();
}

function doubleOf(bits: bigint): number {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(bits);
  return buffer.readDoubleLE();
}

function floatJson(value: number, isSingle: boolean): Json {
  if (!Number.isFinite(value)) return String(value);
  if (!isSingle) return value;
  // The shortest decimal that is the same single: 0.1, not 0.10000000149011612.
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

function enumJson(field: FieldPlan, number: number): Json {
  const plan = field.enumeration();
  return plan.name === NULL_VALUE ? null : (plan.byNumber.get(number) ?? number);
}
