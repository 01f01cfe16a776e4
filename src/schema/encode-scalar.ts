import { didYouMean } from '../base/index.ts';
import type { FieldKind } from './descriptor.ts';
import { toFloat, toInt32, toInteger } from './encode-number.ts';
import type { EnumPlan } from './enum-plan.ts';
import { kindOf } from './json.ts';
import type { FieldPlan } from './plan.ts';
import { regexProblem } from './regex.ts';
import type { Checked } from './rules/index.ts';
import type { Json } from './types.ts';
import type { Spot, Walk } from './walk.ts';
import { NULL_VALUE } from './well-known.ts';
import type { WireWriter } from './wire-writer.ts';

/** Converts one value and holds it to its rule; null after a problem was reported. */
export function toScalar(walk: Walk, field: FieldPlan, value: Json, spot: Spot): Checked | null {
  const found = convert(walk, field, value, spot);
  if (found === null) return null;
  if (spot.rule !== null) checkRule(walk, found, spot);
  if (field.isRegex && typeof found === 'string') checkRegex(walk, found, spot);
  return found;
}

/** Reports what a rule says of a converted value. */
export function checkRule(walk: Walk, value: Checked, spot: Spot): void {
  const words = spot.rule?.(value) ?? null;
  if (words !== null) walk.problems.add('PROTO_INVALID', spot.place, `${spot.label} ${words}`);
}

function checkRegex(walk: Walk, value: string, spot: Spot): void {
  const found = regexProblem(value);
  if (found !== null) walk.problems.add(found.code, spot.place, `${spot.label} ${found.words}`);
}

function convert(walk: Walk, field: FieldPlan, value: Json, spot: Spot): Checked | null {
  const { kind } = field;
  switch (kind) {
    case 'string':
      return typeof value === 'string' ? toText(walk, value, spot) : wrong(walk, value, spot, kind);
    case 'bool':
      return typeof value === 'boolean' ? value : wrong(walk, value, spot, kind);
    case 'bytes':
      return toBytes(walk, value, spot);
    case 'enum':
      return toEnum(walk, field.enumeration(), value, spot);
    case 'message':
    case 'group':
      return wrong(walk, value, spot, kind);
    default:
      return toNumber(walk, kind, value, spot);
  }
}

const EXPECTED: ReadonlyMap<FieldKind, string> = new Map([
  ['string', 'a string'],
  ['bool', 'true or false'],
  ['bytes', 'a base64 string'],
  ['enum', 'the name of a value'],
]);

function wrong(walk: Walk, value: Json, spot: Spot, kind: FieldKind): null {
  const expected = EXPECTED.get(kind) ?? 'something else';
  walk.problems.add(
    'SCHEMA_TYPE',
    spot.place,
    `${spot.label} must be ${expected}, got ${kindOf(value)}; write ${expected}`,
  );
  return null;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** A lone surrogate has no UTF-8 form: writing it would change the text in silence. */
function toText(walk: Walk, value: string, spot: Spot): string | null {
  if (!LONE_SURROGATE.test(value)) return value;
  walk.problems.add(
    'SCHEMA_TYPE',
    spot.place,
    `${spot.label} has half of a surrogate pair; remove it`,
  );
  return null;
}

const BASE64 = /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/;

/** Standard and URL-safe base64, padded or not, but never a character that is skipped. */
function toBytes(walk: Walk, value: Json, spot: Spot): Uint8Array | null {
  if (typeof value !== 'string') return wrong(walk, value, spot, 'bytes');
  const body = value.replace(/=+$/, '');
  const isPadded = value.length === body.length || value.length % 4 === 0;
  const bytes = BASE64.test(value) && isPadded ? Buffer.from(body, 'base64') : null;
  // The last character's spare bits must be zero, or two texts would mean the same bytes.
  if (bytes?.toString('base64url') === body.replace(/\+/g, '-').replace(/\//g, '_')) return bytes;
  walk.problems.add(
    'SCHEMA_TYPE',
    spot.place,
    `${spot.label} is not base64; encode the bytes, or use a text field such as inline_string`,
  );
  return null;
}

const NAMES_MAX = 8;

function toEnum(walk: Walk, plan: EnumPlan, value: Json, spot: Spot): number | null {
  const number = enumNumber(walk, plan, value, spot);
  if (number === null) return null;
  const name = plan.byNumber.get(number) ?? String(number);
  if (plan.disallowed.has(number)) {
    const words = `${spot.label} is ${name}, which Envoy refuses; write another value`;
    walk.problems.add('PROTO_INVALID', spot.place, words);
  } else if (plan.deprecated.has(number)) {
    const words = `${spot.label} is ${name}, which is deprecated; use its successor`;
    walk.problems.add('ENVOY_DEPRECATED', spot.place, words);
  }
  const since = plan.since.get(number);
  if (since !== undefined) walk.needs.value(spot.label, name, since, spot.place);
  return number;
}

function enumNumber(walk: Walk, plan: EnumPlan, value: Json, spot: Spot): number | null {
  if (value === null && plan.name === NULL_VALUE) return 0;
  if (typeof value === 'string') {
    const number = plan.byName.get(value);
    if (number !== undefined) return number;
    unknownValue(walk, plan, value, spot);
    return null;
  }
  if (typeof value !== 'number') return wrong(walk, value, spot, 'enum');
  const number = toInt32(walk, 'enum', value, spot);
  if (number === null || plan.byNumber.has(number)) return number;
  unknownValue(walk, plan, String(number), spot);
  return null;
}

function unknownValue(walk: Walk, plan: EnumPlan, given: string, spot: Spot): void {
  const names = [...plan.byName.keys()];
  const near = didYouMean(given, names);
  const listed = names.slice(0, NAMES_MAX).join(', ') + (names.length > NAMES_MAX ? ', …' : '');
  const shown = given.length > 60 ? `${given.slice(0, 60)}…` : given;
  walk.problems.add(
    'SCHEMA_ENUM',
    spot.place,
    `${spot.label} has no value ${JSON.stringify(shown)}${near === '' ? `; use ${listed}` : near}`,
  );
}

type TextKind = 'string' | 'bool' | 'bytes' | 'enum' | 'message' | 'group';
type NumberKind = Exclude<FieldKind, TextKind>;

function toNumber(walk: Walk, kind: NumberKind, value: Json, spot: Spot): number | bigint | null {
  switch (kind) {
    case 'float':
    case 'double':
      return toFloat(walk, kind, value, spot);
    case 'int32':
    case 'uint32':
    case 'sint32':
    case 'fixed32':
    case 'sfixed32':
      return toInt32(walk, kind, value, spot);
    case 'int64':
    case 'uint64':
    case 'sint64':
    case 'fixed64':
    case 'sfixed64':
      return toInteger(walk, kind, value, spot);
  }
}

/** Writes a converted value, without its tag. */
export function writeScalar(writer: WireWriter, kind: FieldKind, value: Checked): void {
  if (typeof value === 'string') writer.string(value);
  else if (typeof value === 'number') writeNumber(writer, kind, value);
  else if (typeof value === 'bigint') writeInteger(writer, kind, value);
  else if (typeof value === 'boolean') writer.uint32(value ? 1 : 0);
  else writer.bytes(value);
}

function writeNumber(writer: WireWriter, kind: FieldKind, value: number): void {
  switch (kind) {
    case 'double':
      writer.double(value);
      return;
    case 'float':
      writer.float(value);
      return;
    case 'fixed32':
    case 'sfixed32':
      writer.fixed32(value);
      return;
    case 'sint32':
      writer.uint32(((value << 1) ^ (value >> 31)) >>> 0);
      return;
    default:
      writer.int32(value);
  }
}

function writeInteger(writer: WireWriter, kind: FieldKind, value: bigint): void {
  switch (kind) {
    case 'fixed64':
    case 'sfixed64':
      writer.fixed64(value);
      return;
    case 'sint64':
      writer.uint64(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
      return;
    default:
      writer.uint64(BigInt.asUintN(64, value));
  }
}

/** Whether a value is what its kind has when unset: then proto3 does not write it. */
export function isDefault(value: Checked): boolean {
  if (typeof value === 'number') return Object.is(value, 0);
  if (typeof value === 'object') return value.length === 0;
  return value === '' || value === false || value === 0n;
}
