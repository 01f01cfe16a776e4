import { didYouMean, quotedName, shownName } from '../base/index.ts';
import { toInteger } from './encode-number.ts';
import { checkRule } from './encode-scalar.ts';
import { isObject, kindOf } from './json.ts';
import { isDuration, isTimestamp, parseDuration, parseTimestamp, splitNanos } from './time.ts';
import type { Json, JsonObject } from './types.ts';
import type { Spot, Walk } from './walk.ts';

const NANOS = 1_000_000_000n;

/** `1.5s`, or `{seconds, nanos}` as Envoy's documentation writes it. */
export function encodeDuration(walk: Walk, value: Json, spot: Spot): void {
  const nanos = nanosOf(walk, value, spot, parseDuration);
  if (nanos === 'reported') return;
  if (nanos === null || !isDuration(nanos)) {
    const words = `${spot.label} is not a duration; write seconds such as "1.5s"`;
    walk.problems.add('SCHEMA_DURATION', spot.place, words);
    return;
  }
  checkRule(walk, nanos, spot);
  if (nanos < 0n && walk.isChecking) {
    // Envoy converts each to milliseconds, and throws there.
    const words = `${spot.label} is negative; write 0s or more`;
    walk.problems.add('PROTO_INVALID', spot.place, words);
  }
  writeParts(walk, nanos / NANOS, nanos % NANOS);
}

/** RFC 3339, or `{seconds, nanos}`. */
export function encodeTimestamp(walk: Walk, value: Json, spot: Spot): void {
  const nanos = nanosOf(walk, value, spot, parseTimestamp);
  if (nanos === 'reported') return;
  if (nanos === null || !isTimestamp(nanos)) {
    const words = `${spot.label} is not a time; write e.g. "2026-01-31T12:00:00Z"`;
    walk.problems.add('SCHEMA_TYPE', spot.place, words);
    return;
  }
  checkRule(walk, nanos, spot);
  const { seconds, rest } = splitNanos(nanos);
  writeParts(walk, seconds, rest);
}

function writeParts(walk: Walk, seconds: bigint, nanos: bigint): void {
  if (seconds !== 0n) {
    walk.writer.uint32(0x08);
    walk.writer.uint64(BigInt.asUintN(64, seconds));
  }
  if (nanos !== 0n) {
    walk.writer.uint32(0x10);
    walk.writer.int32(Number(nanos));
  }
}

type Parse = (text: string) => bigint | null;

function nanosOf(walk: Walk, value: Json, spot: Spot, parse: Parse): bigint | null | 'reported' {
  if (typeof value === 'string') return parse(value);
  return isObject(value) ? nanosOfParts(walk, value, spot) : null;
}

const PARTS: readonly string[] = ['seconds', 'nanos'];

function nanosOfParts(walk: Walk, value: JsonObject, spot: Spot): bigint | null | 'reported' {
  const wrong = Object.keys(value).filter((key) => !PARTS.includes(key));
  for (const key of wrong) {
    const advice = didYouMean(key, PARTS);
    const shown = walk.isSecret ? shownName(key, advice !== '') : quotedName(key);
    const what = `unknown field ${shown} in ${spot.label}`;
    const words = what + (advice === '' ? '; remove it' : advice);
    walk.problems.addAtKey('SCHEMA_UNKNOWN_FIELD', spot.place.child(key), words);
  }
  const [seconds, nanos] = PARTS.map((part) => partOf(walk, value, part, spot));
  if (wrong.length > 0 || seconds === null || nanos === null) return 'reported';
  const isMixed = (seconds ?? 0n) * (nanos ?? 0n) < 0n;
  const isWhole = -NANOS < (nanos ?? 0n) && (nanos ?? 0n) < NANOS;
  return isMixed || !isWhole ? null : (seconds ?? 0n) * NANOS + (nanos ?? 0n);
}

function partOf(walk: Walk, value: JsonObject, part: string, spot: Spot): bigint | null {
  const given = value[part];
  if (given === undefined) return 0n;
  const place = spot.place.child(part);
  return toInteger(walk, 'int64', given, { place, label: `"${part}"`, rule: null });
}

/** `a.b,c.d`, in either spelling of each name. */
export function encodeFieldMask(walk: Walk, value: Json, spot: Spot): void {
  if (typeof value !== 'string') {
    const words = `${spot.label} must be a string, got ${kindOf(value)}; write e.g. "a.b,c"`;
    walk.problems.add('SCHEMA_TYPE', spot.place, words);
    return;
  }
  for (const path of value === '' ? [] : value.split(',')) {
    walk.writer.uint32(0x0a);
    walk.writer.string(path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  }
}
