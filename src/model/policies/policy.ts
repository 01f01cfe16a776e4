import { z } from 'zod';
import { describe } from '../fields/issue.ts';
import type { KindContext } from '../kinds/kind.ts';

/** Where a policy key may stand, wide to narrow; `route` is a Route document and its rules. */
export type PolicyPlace = 'listener' | 'route' | 'target';

/** What the meaning of a written policy needs: where it stands besides what documents need. */
export interface PolicyContext extends Pick<KindContext, 'report' | 'nameFile'> {
  /** JSON pointer of the key. */
  readonly pointer: string;
}

/** A policy as it is written, before it knows its place. */
export interface WrittenPolicy<Value> {
  /** Null where it says `none`. */
  readonly meaning: ((context: PolicyContext) => Value) | null;
}

/** One policy key: what may be written, where, and what it means. */
export interface Policy<Value> {
  /** The field of the key, `none` included. */
  readonly field: z.ZodType<WrittenPolicy<Value>>;
  readonly places: readonly PolicyPlace[];
  /** Decides who may pass: it fails closed, and enforcing or opening it is said aloud. */
  readonly isSecurity: boolean;
  /** What requests that it refuses are answered with, ascending; empty: it refuses none. */
  readonly refusals: readonly number[];
  /** Only where values of several places add up; else the narrowest place wins whole. */
  merge?(wide: Value, narrow: Value): Value;
}

interface PolicyOptions<Schema extends z.ZodType, Value> {
  readonly places: readonly PolicyPlace[];
  readonly isSecurity?: boolean;
  readonly refusals?: readonly number[];
  readonly merge?: (wide: Value, narrow: Value) => Value;
  readonly meaning: (input: z.output<Schema>, context: PolicyContext) => Value;
}

/** A policy key from the schema of its value and its meaning. */
export function newPolicy<Schema extends z.ZodType, Value>(
  schema: Schema,
  { places, isSecurity = false, refusals = [], merge, meaning }: PolicyOptions<Schema, Value>,
): Policy<Value> {
  const none = z
    .literal('none', {
      error: (issue) => `expected none or a policy, got ${describe(issue.input)}`,
    })
    .transform((): WrittenPolicy<Value> => ({ meaning: null }));
  const given = schema.transform((input): WrittenPolicy<Value> => ({
    meaning: (context) => meaning(input, context),
  }));
  const field = z.union([none, given]);
  return { field, places, isSecurity, refusals, ...(merge === undefined ? {} : { merge }) };
}
