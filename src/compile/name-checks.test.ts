import { expect, test } from 'vitest';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { createCompiler } from './index.ts';

const schema = openGenerated();
const listener = (more = ''): string => `{kind: Listener, name: web, port: 8080${more}}`;
const policy = (name: string): string => `{kind: Policy, name: ${name}, headers: {}}`;
const route = (name: string, more: string): string =>
  `{kind: Route, name: ${name}, to: 10.0.0.1:80, ${more}}`;
const group = (more = ''): string => `{kind: NodeGroup, name: edge, match: {cluster: edge}${more}}`;
const TO = ', to: 10.0.0.9:80';
const SHOP = 'hosts: [shop.test], match: {prefix: /shop}';

type Row = readonly [title: string, documents: readonly string[], found: readonly string[]];

test.for<Row>([
  ['names apart', [route('cart', 'priority: 1'), route('carts', 'hosts: [a.test]')], []],
  ['a group of no listener', [group()], ['GROUP_EMPTY 1']],
  ['a group with a floor', [group(', envoy: "1.39"')], []],
  ['a group of a listener', [listener(`, nodes: [edge]${TO}`), group()], []],
  ['a target that hosts hide', [listener(TO), route('shop', SHOP)], ['ROUTE_HIDDEN 1']],
  ['no target', [listener(), route('shop', SHOP)], []],
  ['a host that takes all', [listener(TO), route('shop', 'hosts: [shop.test]')], []],
  ['a host that inherits', [listener(TO), route('shop', `inherit: true, ${SHOP}`)], []],
  ['a host that knows', [listener(TO), route('shop', `inherit: false, ${SHOP}`)], []],
  ['every host', [listener(TO), route('shop', 'match: {prefix: /shop}')], []],
])('%s', ([, documents, found]) => {
  expect(warnings(documents)).toEqual(found);
});

test('names of one kind that differ by marks alone are told with the first', () => {
  const names = ['cart-v1', 'cart.v1', 'cart_v1', 'cartv1', 'cart/v1'];
  const policies = names.map(policy);
  expect(warnings([...policies, route('cart-v1', 'hosts: [b.test]')])).toEqual([
    'NAME_CONFUSABLE 2',
    'NAME_CONFUSABLE 3',
  ]);
});

/** Codes with the document that each is at. */
function warnings(documents: readonly string[]): readonly string[] {
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const text = documents.join('\n---\n');
  const { diagnostics } = compiler.compile(compileInput({ 'a.yaml': text }), null);
  return diagnostics
    .filter(({ code }) => CODES.has(code))
    .map(({ code, span }) => `${code} ${((span?.line ?? 0) + 1) / 2}`);
}

const CODES: ReadonlySet<string> = new Set(['NAME_CONFUSABLE', 'GROUP_EMPTY', 'ROUTE_HIDDEN']);
