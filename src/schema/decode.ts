import { compareText } from '../base/index.ts';
import {
  decodeAny,
  type DecodeContext,
  decodeDuration,
  decodeMask,
  decodeTimestamp,
} from './decode-forms.ts';
import { type RawValue, readRaw, scalarJson, unpack } from './decode-scalar.ts';
import { emptyObject } from './json.ts';
import type { FieldPlan, MessagePlan } from './plan.ts';
import { redactedJson } from './redact.ts';
import type { Json } from './types.ts';
import { WireReader } from './wire-reader.ts';

/**
 * Protobuf → ProtoJSON with proto names. Unknown fields are dropped. Malformed bytes throw a
 * RangeError, which the callers of this folder catch.
 */
export function decodeMessage(plan: MessagePlan, bytes: Uint8Array, context: DecodeContext): Json {
  const raw = collect(plan, bytes);
  const first = (number: number): RawValue | undefined => raw.get(number)?.at(-1);
  switch (plan.form) {
    case 'any':
      return decodeAny(first(1), first(2), { ...context, decode: decodeMessage });
    case 'duration':
      return decodeDuration(first(1), first(2));
    case 'timestamp':
      return decodeTimestamp(first(1), first(2));
    case 'fieldMask':
      return decodeMask(raw.get(1) ?? []);
    case 'value':
      return decodeValue(plan, raw, context);
    case 'struct':
    case 'listValue':
    case 'wrapper':
      return decodeOnly(plan, raw, context);
    case 'fields':
      return decodeFields(plan, raw, context);
    case 'typedStruct': {
      const json = decodeFields(plan, raw, context);
      return context.isRevealed ? json : redactedJson(plan, json, context.planner);
    }
  }
}

type RawFields = ReadonlyMap<number, readonly RawValue[]>;

function collect(plan: MessagePlan, bytes: Uint8Array): RawFields {
  const reader = new WireReader(bytes);
  const raw = new Map<number, RawValue[]>();
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    const number = tag >>> 3;
    if (!plan.byNumber.has(number)) {
      reader.skip(tag & 7);
      continue;
    }
    const value = readRaw(reader, tag & 7);
    const known = raw.get(number);
    if (known === undefined) raw.set(number, [value]);
    else known.push(value);
  }
  return raw;
}

function decodeFields(plan: MessagePlan, raw: RawFields, context: DecodeContext): Json {
  const json = emptyObject();
  for (const field of plan.fields) {
    const values = raw.get(field.number);
    if (values === undefined) continue;
    const found = decodeField(field, values, context);
    json[field.name] =
      field.isSensitive && !context.isRevealed ? redactedField(field, found, context) : found;
  }
  return json;
}

function redactedField(field: FieldPlan, value: Json, context: DecodeContext): Json {
  const message = field.kind === 'message' ? field.message() : null;
  return redactedJson(message, value, context.planner, true);
}

/** The only field of a wrapper, Struct or ListValue stands for the whole. */
function decodeOnly(plan: MessagePlan, raw: RawFields, context: DecodeContext): Json {
  const field = plan.fields[0];
  if (field === undefined) return null;
  return decodeField(field, raw.get(field.number) ?? [], context);
}

/** A google.protobuf.Value is whichever of its fields is set. */
function decodeValue(plan: MessagePlan, raw: RawFields, context: DecodeContext): Json {
  for (const field of plan.fields) {
    const values = raw.get(field.number);
    if (values === undefined) continue;
    return field.kind === 'enum' ? null : decodeField(field, values, context);
  }
  return null;
}

function decodeField(field: FieldPlan, values: readonly RawValue[], context: DecodeContext): Json {
  if (field.isMap) return decodeMap(field, values, context);
  if (field.isRepeated) {
    return values.flatMap((value) =>
      unpack(field, value).map((item) => decodeOne(field, item, context)),
    );
  }
  const last = values.at(-1);
  if (field.kind !== 'message') return last === undefined ? defaultJson(field) : one(field, last);
  // Parts of one message on the wire are merged: they are its bytes one after the other.
  const whole = values.length === 1 ? last : Buffer.concat(values.map(bytesOf));
  return decodeMessage(field.message(), bytesOf(whole ?? 0), context);
}

const one = (field: FieldPlan, value: RawValue): Json => scalarJson(field, value);

const bytesOf = (value: RawValue): Uint8Array =>
  value instanceof Uint8Array ? value : new Uint8Array(0);

function decodeOne(field: FieldPlan, value: RawValue, context: DecodeContext): Json {
  if (field.kind !== 'message') return scalarJson(field, value);
  return decodeMessage(field.message(), bytesOf(value), context);
}

const TEXTS: ReadonlySet<string> = new Set(['string', 'bytes']);

function defaultJson(field: FieldPlan): Json {
  return scalarJson(field, TEXTS.has(field.kind) ? new Uint8Array(0) : 0n);
}

function decodeMap(field: FieldPlan, values: readonly RawValue[], context: DecodeContext): Json {
  const entry = field.message();
  const keyField = entry.byNumber.get(1);
  const valueField = entry.byNumber.get(2);
  const pairs = new Map<string, Json>();
  if (keyField === undefined || valueField === undefined) return emptyObject();
  for (const value of values) {
    const raw = collect(entry, bytesOf(value));
    const key = decodeField(keyField, raw.get(1) ?? [], context);
    pairs.set(
      typeof key === 'string' ? key : JSON.stringify(key),
      decodeField(valueField, raw.get(2) ?? [], context),
    );
  }
  const json = emptyObject();
  for (const key of [...pairs.keys()].sort(compareText)) json[key] = pairs.get(key) ?? null;
  return json;
}
