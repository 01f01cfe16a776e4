import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { createCompiler } from './index.ts';

const schema = openGenerated();
const newCompiler = () => createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });

const CA = readFileSync(
  new URL('../../test/golden/certificates/certs/test-only-shop.crt', import.meta.url),
  'utf8',
);
const OWNERS =
  'owners:\n- {paths: teams/shop/**, names: [shop, "s?-*"], hosts: [shop.test, "*.shop.test"]}\n' +
  '- {paths: teams/shop/cart/**, hosts: [cart.test]}\n- {paths: teams/any/**, names: any/*}\n';
const LISTENER = 'kind: Listener\nname: web\nport: 8080\nowner: all\n';

const TABLE = 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration';
const raw = (name: string, domain: string): string =>
  `resources:\n- "@type": ${TABLE}\n  name: ${name}\n` +
  `  virtual_hosts: [{name: a, domains: ["${domain}"]}]\n`;
const route = (name: string, host: string): string =>
  `kind: Route\nname: ${name}\nlisteners: [web]\nhosts: ["${host}"]\nto: 10.0.0.1:80\nowner: x\n`;
const OTHER = route('of-another', 'x.test');
const patch = (target: string): string =>
  `kind: Patch\nname: shop/p\ntarget: {kind: Route, name: ${target}}\n` +
  'merge: {route: {timeout: 1s}}\n';

type Row = readonly [title: string, path: string, text: string, places: readonly string[]];

test.for<Row>([
  ['its own', 'teams/shop/a.yaml', route('shop/cart', 'shop.test'), []],
  ['below a host of it', 'teams/shop/a.yaml', route('shop/cart', 'a.b.shop.test'), []],
  ['all below a host of it', 'teams/shop/a.yaml', route('shop/cart', '*.a.shop.test'), []],
  ['its name itself', 'teams/shop/a.yaml', route('shop', 'shop.test'), []],
  ['a pattern', 'teams/shop/a.yaml', route('s1-x', 'shop.test'), []],
  ['the name of another', 'teams/shop/a.yaml', route('other/shop', 'shop.test'), ['2:7']],
  ['what begins like it', 'teams/shop/a.yaml', route('shopping', 'shop.test'), ['2:7']],
  ['the host of another', 'teams/shop/a.yaml', route('shop/cart', 'a.test'), ['4:9']],
  ['every host', 'teams/shop/a.yaml', route('shop/cart', '*'), ['4:9']],
  ['wider than its hosts', 'teams/shop/a.yaml', route('shop/cart', '*.test'), ['4:9']],
  ['two entries together', 'teams/shop/cart/a.yaml', route('shop/cart', 'cart.test'), []],
  ['one entry alone', 'teams/shop/a.yaml', route('shop/cart', 'cart.test'), ['4:9']],
  ['any host', 'teams/any/a.yaml', route('any/cart', 'a.test'), []],
  ['a name of no entry', 'teams/any/a.yaml', route('cart', 'a.test'), ['2:7']],
  ['a path of nobody', 'other/a.yaml', route('cart', 'shop.test'), []],
  ['a patch of another', 'teams/shop/a.yaml', patch('of-another'), ['3:29']],
  ['raw names', 'teams/shop/a.yaml', raw('cart', 'shop.test'), ['3:9']],
  ['raw domains', 'teams/shop/a.yaml', raw('shop/t', 'cart.test:8080'), ['4:39']],
  ['raw domains of its own', 'teams/shop/a.yaml', raw('shop/t', 'shop.test:8080'), []],
  [
    'what no Route takes',
    'teams/shop/a.yaml',
    'kind: Listener\nname: shop/l\nport: 8081\nto: 10.0.0.1:80\n',
    ['4:5'],
  ],
  [
    'connections',
    'teams/shop/a.yaml',
    'kind: Listener\nname: shop/l\nport: 8081\nprotocol: tcp\nto: 10.0.0.1:80\n',
    [],
  ],
])('owners: %s', ([, path, text, places]) => {
  const texts = { 'helve.yaml': OWNERS, 'web.yaml': LISTENER, 'other.yaml': OTHER, [path]: text };
  const outcome = newCompiler().compile(compileInput(texts), null);
  const denied = outcome.diagnostics.filter(({ code }) => code === 'OWNERSHIP_DENIED');
  expect(denied.map(({ span }) => `${span?.line}:${span?.col}`)).toEqual(places);
  const errors = outcome.diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors).toEqual(denied);
});

const LENT =
  'owners:\n- {paths: teams/shop/**, names: [shop, lent/ca]}\n' +
  '- {paths: teams/any/**, names: [any, lent]}\n';

test.for<readonly [title: string, trust: string, path: string, places: readonly string[]]>([
  ['its own', 'shop/ca', 'teams/shop/t.yaml', []],
  ['of nobody', 'ca', 'all/of/t.yaml', []],
  ['of another', 'any/ca', 'teams/any/t.yaml', ['REF_NOT_GRANTED a.yaml:4:14']],
  ['of another that lends it', 'lent/ca', 'teams/any/t.yaml', []],
  ['of another that lends others', 'lent/cb', 'teams/any/t.yaml', ['REF_NOT_GRANTED a.yaml:4:14']],
  ['of none', 'any/ca', 'teams/any/t.yaml', ['REF_NOT_FOUND a.yaml:4:14']],
])('a cluster of an owner refers to a trust: %s', ([title, trust, path, places]) => {
  const tls = `tls: {trust: ${trust}}\n`;
  const name = title === 'of none' ? 'any/other' : trust;
  const texts = {
    'helve.yaml': LENT,
    'teams/shop/a.yaml': `kind: Cluster\nname: shop/app\nendpoints: [app.test:443]\n${tls}`,
    [path]: `kind: Trust\nname: ${name}\nca: ../../ca.pem\nowner: x\n`,
  };
  const outcome = newCompiler().compile(compileInput(texts, { 'ca.pem': CA }), null);
  const errors = outcome.diagnostics.filter(({ severity }) => severity === 'error');
  const shown = errors.map(({ code, span }) => `${code} a.yaml:${span?.line}:${span?.col}`);
  expect(shown).toEqual(places);
});

test('an edit of helve.yaml alone judges every file anew', () => {
  const compiler = newCompiler();
  const texts = { 'web.yaml': LISTENER, 'teams/shop/a.yaml': route('cart', 'shop.test') };
  const isTaken = (settings: string): boolean =>
    compiler.compile(compileInput({ ...texts, 'helve.yaml': settings }), null).ok;
  expect([isTaken(''), isTaken(OWNERS), isTaken('')]).toEqual([true, false, true]);
});
