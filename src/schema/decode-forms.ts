import type { RawValue } from './decode-scalar.ts';
import { emptyObject, isObject } from './json.ts';
import { REDACTED } from './redact.ts';
import {
  spellDuration,
  spellTimestamp,
  TIMESTAMP_SECONDS_MAX,
  TIMESTAMP_SECONDS_MIN,
} from './time.ts';
import type { MessagePlan, Planner } from './plan.ts';
import type { Json } from './types.ts';
import { isUnderValue, typeOfUrl } from './well-known.ts';

const NANOS = 1_000_000_000n;

export interface DecodeContext {
  readonly planner: Planner;
  /** Sensitive fields are shown as they are. */
  readonly isRevealed: boolean;
}

export type DecodeMessage = (plan: MessagePlan, bytes: Uint8Array, context: DecodeContext) => Json;

function nanosOf(seconds: RawValue | undefined, nanos: RawValue | undefined): bigint {
  const whole = typeof seconds === 'bigint' ? BigInt.asIntN(64, seconds) : 0n;
  return whole * NANOS + (typeof nanos === 'bigint' ? BigInt.asIntN(32, nanos) : 0n);
}

export function decodeDuration(seconds: RawValue | undefined, nanos: RawValue | undefined): Json {
  return spellDuration(nanosOf(seconds, nanos));
}

/** A time that no text can hold is shown as the nearest that one can. */
export function decodeTimestamp(seconds: RawValue | undefined, nanos: RawValue | undefined): Json {
  const found = nanosOf(seconds, nanos);
  const min = TIMESTAMP_SECONDS_MIN * NANOS;
  const max = TIMESTAMP_SECONDS_MAX * NANOS;
  return spellTimestamp(found < min ? min : found > max ? max : found);
}

export function decodeMask(paths: readonly RawValue[]): Json {
  return paths
    .map((path) => (path instanceof Uint8Array ? Buffer.from(path).toString('utf8') : ''))
    .map((path) => path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))
    .join(',');
}

/** What an Any holds, opened; what this Envoy does not know cannot be judged and stays closed. */
export function decodeAny(
  url: RawValue | undefined,
  value: RawValue | undefined,
  context: DecodeContext & { readonly decode: DecodeMessage },
): Json {
  const json = emptyObject();
  const typeUrl = url instanceof Uint8Array ? Buffer.from(url).toString('utf8') : '';
  const bytes = value instanceof Uint8Array ? value : new Uint8Array(0);
  if (typeUrl === '' && bytes.length === 0) return json;
  json['@type'] = typeUrl;
  const plan = context.planner.message(typeOfUrl(typeUrl));
  if (plan === null) {
    json['value'] = context.isRevealed ? Buffer.from(bytes).toString('base64') : REDACTED;
    return json;
  }
  const inner = context.decode(plan, bytes, context);
  if (isUnderValue(plan.form) || !isObject(inner)) json['value'] = inner;
  else Object.assign(json, inner);
  return json;
}
