import { LIMITS, type Origin } from '../base/index.ts';
import type { JsonObject } from '../schema/index.ts';
import { typeRow, TYPES, type TypeId } from '../snapshot/index.ts';
import type { Found } from './found.ts';
import { fieldOf } from './inspect/json.ts';

export interface Lifetime {
  /** Null: it has none, or none that can be kept. */
  readonly ttlMs: number | null;
  readonly found: readonly Found[];
}

/** `ttl` of an envelope around a resource of this type; null: of a type that is not known. */
export function lifetimeOf(envelope: JsonObject, type: TypeId | null, origin: Origin): Lifetime {
  const given = fieldOf(envelope, 'ttl');
  // What is no duration is found where the envelope is read.
  const seconds = typeof given === 'string' ? SECONDS.exec(given)?.[1] : undefined;
  if (seconds === undefined || type === null) return { ttlMs: null, found: [] };
  const refused = (message: string): Lifetime => ({
    ttlMs: null,
    found: [{ code: 'RESOURCE_TTL', message, origin, related: [] }],
  });
  const { mayExpire, short } = typeRow(type);
  if (!mayExpire.delta) {
    return refused(
      `Envoys crash on a ttl of ${short}, or ignore it; remove it (${WHERE} may have one)`,
    );
  }
  const ttlMs = Math.round(Number(seconds) * 1000);
  if (ttlMs >= LIMITS.ttlMsMin) return { ttlMs, found: [] };
  const least = `${LIMITS.ttlMsMin / 1000}s`;
  return refused(`a ttl is refreshed three times before it ends; write ${least} or more`);
}

const SECONDS = /^(-?\d+(?:\.\d+)?)s$/;

const WHERE = TYPES.filter(({ mayExpire }) => mayExpire.delta)
  .map(({ short }) => short)
  .join(', ');
