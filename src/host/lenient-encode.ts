import { CATALOGUE } from '../base/index.ts';
import { pointerTokens } from '../model/index.ts';
import type { Json, JsonObject, Problem, Schema } from '../schema/index.ts';

export interface Lenient {
  /** What is left out of the message where it has such a problem. Others are told. */
  readonly isLeftOut: (problem: Problem) => boolean;
}

export type LenientlyEncoded =
  { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly why: string };

/** So many times it is looked for what is wrong: each time a hundred of them are found. */
const ROUNDS_MAX = 10;

/** ProtoJSON → protobuf, less what may be left out. */
export function encodeLeniently(
  schema: Schema,
  message: string,
  given: Json,
  { isLeftOut }: Lenient,
): LenientlyEncoded {
  let json = given;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { bytes, problems } = schema.encode(message, json, { isPart: true });
    const errors = problems.filter(({ code }) => CATALOGUE[code].severity === 'error');
    const wrong = errors.find((problem) => problem.pointer === '' || !isLeftOut(problem));
    if (wrong !== undefined) return { ok: false, why: wordsOf(wrong) };
    if (errors.length === 0) return { ok: true, bytes };
    for (const { pointer } of errors) json = without(json, pointerTokens(pointer));
  }
  return { ok: false, why: 'it has too many fields that are not known' };
}

const wordsOf = ({ pointer, message }: Problem): string =>
  pointer === '' ? message : `${pointer}: ${message}`;

/** The value less the field, or the item, at a path. */
function without(value: Json, [token, ...rest]: readonly string[]): Json {
  if (token === undefined || typeof value !== 'object' || value === null) return value;
  const less = (inner: Json): readonly Json[] => (rest.length === 0 ? [] : [without(inner, rest)]);
  if (isList(value)) {
    return value.flatMap((item, at) => (String(at) === token ? less(item) : [item]));
  }
  const entries = Object.entries(value).flatMap(([key, inner]): [string, Json][] =>
    (key === token ? less(inner) : [inner]).map((left) => [key, left]),
  );
  const made: JsonObject = Object.fromEntries(entries);
  return made;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
