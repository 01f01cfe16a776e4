import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import 'protobufjs/ext/descriptor.js';
import protojson from 'protobufjs/ext/protojson.js';
import { describe, expect, it } from 'vitest';
import { openDescriptorSet } from './descriptor-set.ts';
import { Encoding } from './encode.ts';
import type { EnumPlan } from './enum-plan.ts';
import { Place } from './place.ts';
import type { FieldPlan, MessagePlan } from './plan.ts';
import { createPlanner } from './planner.ts';
import { ProblemList } from './problem-list.ts';
import { indexFacts, NO_FACTS } from './facts.ts';
import { openSchema } from './schema.ts';
import type { Json } from './types.ts';
import { WireWriter } from './wire-writer.ts';

/** Our codec against protobufjs, an independent reader of the same descriptors. */
const set = gunzipSync(readFileSync('generated/envoy-1.40.0.pb.gz'));
const schema = openSchema('1.40.0', set);
const planner = createPlanner(openDescriptorSet(set), indexFacts(NO_FACTS));
const root = protobuf.Root.fromDescriptor(set);
root.resolveAll();

const HCM = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const ROOTS: readonly string[] = [
  'envoy.config.cluster.v3.Cluster',
  'envoy.config.listener.v3.Listener',
  HCM,
  'envoy.config.route.v3.RouteConfiguration',
  'envoy.config.endpoint.v3.ClusterLoadAssignment',
  'envoy.extensions.transport_sockets.tls.v3.Secret',
  'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication',
];

/** A decimal generator, so that one fast-check seed makes one message. */
type Next = (below: number) => number;

function makeMessage(plan: MessagePlan, next: Next, depth: number): { [key: string]: Json } {
  const made: { [key: string]: Json } = {};
  const taken = new Set<number>();
  for (const field of plan.fields) {
    if (field.status === 'disallowed' || next(plan.fields.length > 12 ? 4 : 2) !== 0) continue;
    if (field.oneof !== -1 && taken.has(field.oneof)) continue;
    const value = makeField(field, next, depth);
    if (value === undefined) continue;
    if (field.oneof !== -1) taken.add(field.oneof);
    made[field.name] = value;
  }
  return made;
}

function makeField(field: FieldPlan, next: Next, depth: number): Json | undefined {
  if (field.isMap) {
    const entry = field.message();
    const valueField = entry.byNumber.get(2);
    const value = valueField === undefined ? undefined : makeOne(valueField, next, depth);
    // One entry: protobufjs writes maps in the order of the object, we sort.
    return value === undefined
      ? undefined
      : { [entry.byNumber.get(1)?.kind === 'string' ? 'k/~' : '7']: value };
  }
  if (!field.isRepeated) return makeOne(field, next, depth);
  const items: Json[] = [];
  for (let count = next(3); count > 0; count--) {
    const item = makeOne(field, next, depth);
    if (item !== undefined) items.push(item);
  }
  return items;
}

const TEXTS = ['', 'a', 'Zoë', '日本 x', 'x'.repeat(130)];
const SIGNED = [0, 1, -1, 127, 128, -2147483648, 2147483647];
const UNSIGNED = [0, 1, 127, 128, 300, 4294967295];
const FLOATS = [0, 0.5, -1.25, 100, 'NaN', 'Infinity'];

function pick<T>(from: readonly T[], next: Next): T {
  const found = from[next(from.length)];
  if (found === undefined) throw new Error('nothing to pick');
  return found;
}

function makeOne(field: FieldPlan, next: Next, depth: number): Json | undefined {
  switch (field.kind) {
    case 'string':
      return pick(TEXTS, next);
    case 'bytes':
      return pick(['', 'AAEC', '/+8='], next);
    case 'bool':
      return next(2) === 0;
    case 'float':
    case 'double':
      return pick(FLOATS, next);
    case 'int32':
    case 'sint32':
    case 'sfixed32':
      return pick(SIGNED, next);
    case 'uint32':
    case 'fixed32':
      return pick(UNSIGNED, next);
    case 'int64':
    case 'sint64':
    case 'sfixed64':
      return pick(['0', '-1', '9223372036854775807', '-9223372036854775808'], next);
    case 'uint64':
    case 'fixed64':
      return pick(['0', '300', '18446744073709551615'], next);
    case 'enum':
      return pick(namesOf(field.enumeration()), next);
    case 'message':
    case 'group':
      return depth === 0 ? undefined : makeForm(field.message(), next, depth - 1);
  }
}

function namesOf(plan: EnumPlan): readonly string[] {
  return [...plan.byNumber]
    .filter(([number]) => !plan.disallowed.has(number))
    .map(([, name]) => name);
}

function makeForm(plan: MessagePlan, next: Next, depth: number): Json | undefined {
  switch (plan.form) {
    case 'fields':
    case 'typedStruct':
      return makeMessage(plan, next, depth);
    case 'any': {
      const inner = planner.message(pick(ROOTS, next));
      if (inner === null) return undefined;
      return {
        '@type': `type.googleapis.com/${inner.name}`,
        ...makeMessage(inner, next, depth - 1),
      };
    }
    case 'duration':
      return pick(['0s', '1.500s', '-0.000000001s', '300s'], next);
    case 'timestamp':
      return pick(
        ['1970-01-01T00:00:00Z', '2026-11-25T18:00:00.120Z', '0001-01-01T00:00:00Z'],
        next,
      );
    case 'fieldMask':
      return pick(['', 'a,fooBar.baz'], next);
    case 'struct':
      // protobufjs empties what is in a Struct when its types come from descriptors.
      return {};
    case 'value':
      return undefined;
    case 'listValue':
      return [];
    case 'wrapper': {
      const [field] = plan.fields;
      return field === undefined ? undefined : makeOne(field, next, depth);
    }
  }
}

/** The rules are set aside: protobufjs does not know them, and random values break them. */
function encodeShape(name: string, json: Json): string {
  const plan = planner.message(name);
  if (plan === null) throw new Error(`${name} is unknown`);
  const problems = new ProblemList(100);
  const writer = new WireWriter();
  const encoding = new Encoding({ planner, problems, writer, onMessage: null, isChecking: false });
  encoding.message(plan, json, { place: Place.root, label: name, rule: null });
  const errors = problems
    .finish()
    .filter(({ code }) => !/^(?:ENVOY_(?:DEPRECATED|UNSTABLE)|REGEX_)/.test(code));
  expect(errors).toEqual([]);
  return Buffer.from(writer.finish()).toString('hex');
}

function jsonOf(text: string): Json {
  const value: unknown = JSON.parse(text);
  return isJson(value) ? value : null;
}

/** What JSON.parse gives is JSON. */
const isJson = (value: unknown): value is Json => value !== undefined;

describe('differential', () => {
  it('encodes and decodes like protobufjs', () => {
    let compared = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...ROOTS),
        fc.infiniteStream(fc.nat(1 << 20)),
        (name, numbers) => {
          const next: Next = (below) => numbers.next().value % below;
          const plan = planner.message(name);
          if (plan === null) throw new Error(`${name} is unknown`);
          const json = makeMessage(plan, next, 4);
          const type = root.lookupType(name);
          const theirs = type.encode(protojson.fromJson(type, json)).finish();
          const ours = encodeShape(name, json);
          expect(ours).toBe(Buffer.from(theirs).toString('hex'));
          const bytes = Buffer.from(ours, 'hex');
          expect(encodeShape(name, schema.decode(name, bytes, { reveal: true }))).toBe(ours);
          const read = jsonOf(JSON.stringify(protojson.toJson(type, type.decode(bytes))));
          expect(encodeShape(name, read)).toBe(ours);
          compared++;
        },
      ),
      { seed: 3, numRuns: 400 },
    );
    expect(compared).toBeGreaterThan(300);
  });
});
