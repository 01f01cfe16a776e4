import { expect, test } from 'vitest';
import { LIMITS } from '../base/index.ts';
import { createExtensionLists } from '../snapshot/index.ts';
import { root } from '../../test/protocol/support/messages.ts';
import { decodeNode } from './decode-node.ts';

const encoded = (node: Readonly<Record<string, unknown>>): Uint8Array => {
  const type = root.lookupType('Node');
  return type.encode(type.fromObject(node)).finish();
};
const extension = (name: string) => ({ name, category: 'c', type_urls: [`a.${name}`] });

test('equal lists of extensions are one object, in whatever order nodes give them', () => {
  const lists = createExtensionLists();
  const [a, b] = [
    ['x', 'y', 'z'],
    ['z', 'x', 'y'],
  ].map((names, at) =>
    decodeNode(encoded({ id: `n${at}`, extensions: names.map(extension) }), lists),
  );
  expect(a?.extensions?.names).toEqual(new Set(['x', 'y', 'z']));
  expect(b?.extensions).toBe(a?.extensions);
  const c = decodeNode(encoded({ id: 'n', extensions: ['x', 'y'].map(extension) }), lists);
  expect(c.extensions).not.toBe(a?.extensions);
});

test.each<[string, readonly object[]]>([
  ['none', []],
  ['too many', new Array<object>(LIMITS.extensionsMax + 1).fill({ name: 'x' })],
  ['too long ones', [{ name: 'x'.repeat(LIMITS.extensionBytesMax + 1) }]],
])('a list of %s counts as none', (_what, extensions) => {
  expect(decodeNode(encoded({ id: 'n', extensions })).extensions).toBeNull();
});

test('nodes that each claim another list do not fill the memory', () => {
  const lists = createExtensionLists(2);
  const nodes = ['a', 'b', 'c', 'a'].map((name) =>
    decodeNode(encoded({ id: 'n', extensions: [extension(name)] }), lists),
  );
  expect(nodes.map(({ extensions }) => extensions?.names.size ?? null)).toEqual([1, 1, null, 1]);
  expect(lists.size()).toBe(2);
});

test('parameters beyond the limit are ignored', () => {
  const many = Object.fromEntries(
    Array.from({ length: LIMITS.parametersMax + 5 }, (_, at) => [`k${at}`, 'v']),
  );
  const types = Object.fromEntries(Object.keys(many).map((key) => [key, { params: many }]));
  const { parameters } = decodeNode(encoded({ id: 'n', dynamic_parameters: types }));
  expect(parameters.size).toBe(LIMITS.parametersMax);
  expect(parameters.get('k0')?.size).toBe(LIMITS.parametersMax);
});

test.each([
  [{ user_agent_name: 'gRPC C++', user_agent_version: 'C-core 1.62.0' }, 'C-core 1.62.0', ''],
  [
    { user_agent_name: 'envoy', user_agent_build_version: { version: { major_number: 1 } } },
    '1.0.0',
    '1.0.0',
  ],
])('a client says its version in one of two ways', (node, agentVersion, envoyVersion) => {
  expect(decodeNode(encoded(node))).toMatchObject({ agentVersion, envoyVersion });
});
