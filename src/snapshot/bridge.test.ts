import { parse } from 'protobufjs';
import { expect, test } from 'vitest';
import { version } from '../base/index.ts';
import { bridge, compositeBytes, losesEntries } from './bridge.ts';
import { NO_TRAITS, type Ref, type Resource } from './resource.ts';

const { root } = parse(
  `syntax = "proto3";
  message Any { string type_url = 1; bytes value = 2; }
  message Typed { string name = 1; Any typed_config = 2; }
  message Config { string prefix = 1; map<string, string> items = 2; }`,
  { keepCase: true },
);

const encode = (type: string, value: object): Uint8Array => {
  const message = root.lookupType(type);
  return message.encode(message.fromObject(value)).finish();
};

function config(keys: readonly string[], refs: readonly Ref[] = []): Resource {
  const entries = keys.map((key) => ({ key, bytes: encode('Config', { items: { [key]: key } }) }));
  const composite = { typeUrl: 'x/Config', shell: encode('Config', { prefix: 'p' }), entries };
  const bytes = compositeBytes('f', composite);
  const head = { type: 'TypedExtensionConfig', name: 'f', version: version(keys.join()) } as const;
  return { ...head, bytes, refs, parts: [], secret: false, traits: NO_TRAITS, composite };
}

function read(resource: Resource): unknown {
  const typed = root.lookupType('Typed');
  const plain = typed.toObject(typed.decode(resource.bytes), { bytes: Buffer });
  const { name, typed_config: any } = plain as {
    name: string;
    typed_config: { type_url: string; value: Uint8Array };
  };
  const inner = root.lookupType('Config');
  return { name, url: any.type_url, ...inner.toObject(inner.decode(any.value)) };
}

test('a bridge has the entries of both, each once, in the shell of the newer', () => {
  const secret = { type: 'Secret', name: 's' } as const;
  const [before, next] = [config(['a', 'b'], [secret]), config(['b', 'c'])];
  const bridged = bridge(before, next);
  const items = { a: 'a', b: 'b', c: 'c' };
  expect(read(bridged)).toEqual({ name: 'f', url: 'x/Config', prefix: 'p', items });
  expect(bridged.refs).toEqual([secret]);
  expect(bridged.version).not.toBe(next.version);
  expect(bridge(before, next)).toBe(bridged);
  expect(losesEntries(bridged, next)).toBe(true);
});

test('where nothing is lost there is nothing to bridge', () => {
  const next = config(['a', 'b']);
  expect(bridge(config(['a']), next)).toBe(next);
  const { composite, ...plain } = config(['z']);
  expect(composite?.entries).toHaveLength(1);
  expect(bridge(plain, next)).toBe(next);
});
