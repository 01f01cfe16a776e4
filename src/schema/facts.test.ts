import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { deriveFacts } from './derive-facts.ts';
import { indexFacts, parseFacts } from './facts.ts';
import { WireWriter } from './wire-writer.ts';

const facts = parseFacts(readFileSync('envoy/facts.json', 'utf8'));

test('an API against itself has changed nothing', () => {
  const set = gunzipSync(readFileSync('generated/envoy-1.40.0.pb.gz'));
  const found = deriveFacts([
    { version: '1.40.0', set },
    { version: '1.39.9', set },
  ]);
  const none = { messages: [], fields: {}, values: {} };
  const nothing = {
    added: none,
    removed: none,
    deprecated: { fields: {}, values: {} },
    rules: {},
  };
  expect(found).toEqual({ versions: ['1.39.9', '1.40.0'], changes: { '1.40': nothing } });
});

test.each([
  ['a new field', field('old', 1, 9) + field('new', 2, 9), { added: ['new'], removed: [] }],
  ['a field that has gone', '', { added: [], removed: ['old'] }],
  ['another name', field('renamed', 1, 9), { added: [], removed: [] }],
  ['another type', field('old', 1, 5), { added: ['old'], removed: ['old'] }],
])('%s', (_, now, { added, removed }) => {
  const found = deriveFacts([
    { version: '1.1.0', set: setOf(field('old', 1, 9)) },
    { version: '1.2.0', set: setOf(now) },
  ]).changes['1.2'];
  expect(found?.added.fields['envoy.x.v3.M'] ?? []).toEqual(added);
  expect(found?.removed.fields['envoy.x.v3.M'] ?? []).toEqual(removed);
});

test('what is new is known by the release that brought it', () => {
  const since = indexFacts(facts);
  expect(since.field('envoy.config.route.v3.RouteMatch', 'cookies')).toBe('1.39');
  expect(since.field('envoy.config.route.v3.RouteMatch', 'prefix')).toBeNull();
  expect(since.message('envoy.config.route.v3.CookieMatcher')).toBe('1.39');
  expect(since.value('envoy.config.accesslog.v3.ComparisonFilter.Op', 'NE')).toBe('1.39');
  expect(since.earlierRules('envoy.type.v3.TokenBucket', 'max_tokens')).toHaveLength(1);
});

test('damaged facts are refused', () => {
  expect(() => parseFacts('{"versions": []}')).toThrow('envoy/facts.json');
});

/** A FieldDescriptorProto as field 2 of a DescriptorProto, in hex. */
function field(name: string, number: number, type: number): string {
  const writer = new WireWriter();
  writer.uint32(0x0a);
  writer.string(name);
  for (const [tag, value] of [
    [0x18, number],
    [0x20, 1],
    [0x28, type],
  ]) {
    writer.uint32(tag ?? 0);
    writer.uint32(value ?? 0);
  }
  return wrapped(0x12, writer.finish());
}

function setOf(fields: string): Uint8Array {
  const message = wrapped(0x0a, Buffer.from('M')) + fields;
  const file = [
    wrapped(0x12, Buffer.from('envoy.x.v3')),
    wrapped(0x22, Buffer.from(message, 'hex')),
    wrapped(0x62, Buffer.from('proto3')),
  ].join('');
  return new Uint8Array(Buffer.from(wrapped(0x0a, Buffer.from(file, 'hex')), 'hex'));
}

function wrapped(tag: number, bytes: Uint8Array): string {
  const writer = new WireWriter();
  writer.uint32(tag);
  writer.bytes(bytes);
  return Buffer.from(writer.finish()).toString('hex');
}
