import type { FieldKind } from './descriptor.ts';
import { kindOf } from './json.ts';
import type { Json } from './types.ts';
import type { Spot, Walk } from './walk.ts';

interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

const signed = (bits: bigint): Range => ({
  min: -(2n ** (bits - 1n)),
  max: 2n ** (bits - 1n) - 1n,
});
const unsigned = (bits: bigint): Range => ({ min: 0n, max: 2n ** bits - 1n });

const RANGES: ReadonlyMap<FieldKind, Range> = new Map([
  ['int32', signed(32n)],
  ['sint32', signed(32n)],
  ['sfixed32', signed(32n)],
  ['enum', signed(32n)],
  ['uint32', unsigned(32n)],
  ['fixed32', unsigned(32n)],
  ['int64', signed(64n)],
  ['sint64', signed(64n)],
  ['sfixed64', signed(64n)],
  ['uint64', unsigned(64n)],
  ['fixed64', unsigned(64n)],
]);

const INTEGER = /^-?(?:0|[1-9]\d*)$/;

/** Digits beyond this are out of every range; `BigInt` of a megabyte of digits takes seconds. */
const DIGITS_MAX = 20;

/** A 32-bit integer; null after a problem was reported. */
export function toInt32(walk: Walk, kind: FieldKind, value: Json, spot: Spot): number | null {
  const isPlain = typeof value === 'number' && Number.isInteger(value);
  if (isPlain && value >= 0 && value <= 0x7fffffff) return value === 0 ? 0 : value;
  const found = toInteger(walk, kind, value, spot);
  return found === null ? null : Number(found);
}

/** An integer of any kind, exactly; null after a problem was reported. */
export function toInteger(walk: Walk, kind: FieldKind, value: Json, spot: Spot): bigint | null {
  const range = RANGES.get(kind) ?? signed(64n);
  const found = exactInteger(walk, value, spot);
  if (found === null) return null;
  if (found !== 'large' && found >= range.min && found <= range.max) return found;
  const words = `from ${String(range.min)} to ${String(range.max)}`;
  walk.problems.add(
    'PROTO_RANGE',
    spot.place,
    `${spot.label} is out of range; write an integer ${words}`,
  );
  return null;
}

function exactInteger(walk: Walk, value: Json, spot: Spot): bigint | 'large' | null {
  if (typeof value === 'number' && Number.isInteger(value)) {
    if (Number.isSafeInteger(value)) return BigInt(value);
    walk.problems.add(
      'NUMBER_RANGE',
      spot.place,
      `${spot.label} is too large to be held exactly; put it in quotes`,
    );
    return null;
  }
  if (typeof value === 'string' && INTEGER.test(value)) {
    return value.replace('-', '').length > DIGITS_MAX ? 'large' : BigInt(value);
  }
  const isFraction = typeof value === 'number';
  const got = isFraction ? 'a number with a fraction' : kindOf(value);
  walk.problems.add(
    'SCHEMA_TYPE',
    spot.place,
    `${spot.label} must be an integer, got ${got}; write an integer`,
  );
  return null;
}

const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);
const FLOAT_MAX = 3.4028234663852886e38;

/** A double or float; null after a problem was reported. */
export function toFloat(walk: Walk, kind: FieldKind, value: Json, spot: Spot): number | null {
  if (typeof value === 'string') {
    const special = SPECIAL.get(value);
    if (special !== undefined) return special;
    if (DECIMAL.test(value)) return inRange(walk, kind, Number(value), spot);
  } else if (typeof value === 'number') {
    return inRange(walk, kind, value, spot);
  }
  walk.problems.add(
    'SCHEMA_TYPE',
    spot.place,
    `${spot.label} must be a number, got ${kindOf(value)}; write a number`,
  );
  return null;
}

function inRange(walk: Walk, kind: FieldKind, value: number, spot: Spot): number | null {
  if (!Number.isFinite(value)) {
    walk.problems.add(
      'NUMBER_FINITE',
      spot.place,
      `${spot.label} is not finite; write a finite number, or "Infinity" in quotes`,
    );
    return null;
  }
  if (kind === 'double' || Math.abs(value) <= FLOAT_MAX) return value;
  walk.problems.add(
    'PROTO_RANGE',
    spot.place,
    `${spot.label} does not fit a 32-bit float; write at most 3.4e38`,
  );
  return null;
}
