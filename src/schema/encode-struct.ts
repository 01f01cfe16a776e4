import { compareText, LIMITS } from '../base/index.ts';
import { isList, isObject, kindOf, RESERVED_KEYS } from './json.ts';
import type { Place } from './place.ts';
import type { Json, JsonObject } from './types.ts';
import type { Spot, Walk } from './walk.ts';

/** google.protobuf.Struct: any object; its keys are sorted, so that equal objects are equal. */
export function encodeStruct(walk: Walk, value: Json, spot: Spot): void {
  if (isObject(value)) writeStruct(walk, value, spot.place, walk.depth);
  else wrong(walk, spot, 'an object', value);
}

export function encodeListValue(walk: Walk, value: Json, spot: Spot): void {
  if (isList(value)) writeList(walk, value, spot.place, walk.depth);
  else wrong(walk, spot, 'a list', value);
}

export function encodeValue(walk: Walk, value: Json, spot: Spot): void {
  writeValue(walk, value, spot.place, walk.depth);
}

function wrong(walk: Walk, spot: Spot, expected: string, value: Json): void {
  const words = `${spot.label} must be ${expected}, got ${kindOf(value)}; write ${expected}`;
  walk.problems.add('SCHEMA_TYPE', spot.place, words);
}

function writeStruct(walk: Walk, value: JsonObject, place: Place, depth: number): void {
  for (const key of Object.keys(value).sort(compareText)) {
    const inner = place.child(key);
    if (RESERVED_KEYS.has(key)) {
      const words = `the key "${key}" is reserved; choose another name`;
      walk.problems.addAtKey('YAML_RESERVED_KEY', inner, words);
      continue;
    }
    walk.writer.uint32(0x0a);
    const entry = walk.writer.begin();
    walk.writer.uint32(0x0a);
    walk.writer.string(key);
    walk.writer.uint32(0x12);
    const mark = walk.writer.begin();
    writeValue(walk, value[key] ?? null, inner, depth + 3);
    walk.writer.end(mark);
    walk.writer.end(entry);
  }
}

function writeList(walk: Walk, value: readonly Json[], place: Place, depth: number): void {
  for (const [index, item] of value.entries()) {
    walk.writer.uint32(0x0a);
    const mark = walk.writer.begin();
    writeValue(walk, item, place.child(index), depth + 2);
    walk.writer.end(mark);
  }
}

/** The tags are those of google.protobuf.Value's fields 1 to 6. */
function writeValue(walk: Walk, value: Json, place: Place, depth: number): void {
  const { writer } = walk;
  if (value === null) {
    writer.uint32(0x08);
    writer.uint32(0);
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) {
      walk.problems.add('NUMBER_FINITE', place, 'the number is not finite; write a finite one');
    }
    writer.uint32(0x11);
    writer.double(value);
  } else if (typeof value === 'string') {
    writer.uint32(0x1a);
    writer.string(value);
  } else if (typeof value === 'boolean') {
    writer.uint32(0x20);
    writer.uint32(value ? 1 : 0);
  } else if (depth > LIMITS.messageDepthMax) {
    const words = `nesting is deeper than ${String(LIMITS.messageDepthMax)} messages; flatten it`;
    walk.problems.add('COMPILE_LIMIT', place, words);
  } else {
    writer.uint32(isObject(value) ? 0x2a : 0x32);
    const mark = writer.begin();
    if (isObject(value)) writeStruct(walk, value, place, depth);
    else if (isList(value)) writeList(walk, value, place, depth);
    writer.end(mark);
  }
}
