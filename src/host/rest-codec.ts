import { CATALOGUE, invariant } from '../base/index.ts';
import { pointerTokens } from '../model/index.ts';
import type { Json, JsonObject, Problem, Schema } from '../schema/index.ts';
import type { ReadRequest, RestCodec } from '../server/index.ts';
import { typeRow } from '../snapshot/index.ts';

const REQUEST = 'envoy.service.discovery.v3.DiscoveryRequest';

/** ProtoJSON as Envoys that poll over REST write and read it. */
export const createRestCodec = (schema: Schema): RestCodec => ({
  read: (json) => readRequest(schema, json),
  write: ({ type, bytes }) => {
    const message = typeRow(type).url.replace('type.googleapis.com/', '');
    const json = schema.decode(message, bytes, { reveal: true });
    invariant(typeof json === 'object' && json !== null, `${message} does not decode`);
    return json;
  },
});

/** So many times it is looked for what is not known: each time a hundred of them are found. */
const ROUNDS_MAX = 10;

function readRequest(schema: Schema, given: Json): ReadRequest {
  let json = given;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { bytes, problems } = schema.encode(REQUEST, json, { isPart: true });
    const errors = problems.filter(({ code }) => CATALOGUE[code].severity === 'error');
    const wrong = errors.find((problem) => !isUnknownField(problem));
    if (wrong !== undefined) return { ok: false, why: wordsOf(wrong) };
    if (errors.length === 0) return { ok: true, bytes };
    for (const { pointer } of errors) json = without(json, pointerTokens(pointer));
  }
  return { ok: false, why: 'it has too many fields that are not known' };
}

const isUnknownField = ({ code }: Problem): boolean => code === 'SCHEMA_UNKNOWN_FIELD';

const wordsOf = ({ pointer, message }: Problem): string =>
  pointer === '' ? message : `${pointer}: ${message}`;

/** The value less the field at a path. */
function without(value: Json, [token, ...rest]: readonly string[]): Json {
  if (token === undefined || typeof value !== 'object' || value === null) return value;
  if (isList(value)) {
    return value.map((item, at) => (String(at) === token ? without(item, rest) : item));
  }
  const entries = Object.entries(value).flatMap(([key, inner]): [string, Json][] => {
    if (key !== token) return [[key, inner]];
    return rest.length === 0 ? [] : [[key, without(inner, rest)]];
  });
  const made: JsonObject = Object.fromEntries(entries);
  return made;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
