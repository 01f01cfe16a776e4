import { expect, test } from 'vitest';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { createCompiler } from './index.ts';

const schema = openGenerated();

const CLUSTERS = ['a', 'b', 'c', 'd']
  .map((name, index) => `kind: Cluster\nname: ${name}\nendpoints: ["10.0.0.${index + 1}:80"]\n`)
  .join('---\n');

interface RouteText {
  readonly to: string;
  readonly host?: string;
  readonly listener?: string;
  readonly more?: string;
}

const route = (
  name: string,
  { to, host = 'a.shop.test', listener = 'web', more = '' }: RouteText,
): string =>
  `kind: Route\nname: ${name}\nhosts: ["${host}"]\nlisteners: [${listener}]\n` +
  `match: {prefix: /${name}}\nto: ${to}\nsticky: {cookie: {name: side}}\n${more}`;

const GROUPS = ['eu', 'us']
  .map((name) => `kind: NodeGroup\nname: ${name}\nmatch: {region: ${name}}\n`)
  .join('---\n');
const LISTENERS = [
  { name: 'web', more: '' },
  { name: 'web2', more: '' },
  { name: 'eu', more: 'nodes: [eu]\n' },
  { name: 'us', more: 'nodes: [us]\n' },
]
  .map(({ name, more }, index) => `kind: Listener\nname: ${name}\nport: ${8080 + index}\n${more}`)
  .join('---\n');

interface Case {
  readonly title: string;
  readonly one: RouteText;
  readonly other: RouteText;
  readonly isConflict: boolean;
}

const CASES: readonly Case[] = [
  {
    title: 'other targets on one host',
    one: { to: '{a: 1, b: 1}' },
    other: { to: '{c: 1, d: 1}' },
    isConflict: true,
  },
  {
    title: 'one target more',
    one: { to: '{a: 1, b: 1}' },
    other: { to: '{a: 1, b: 1, c: 1}' },
    isConflict: true,
  },
  {
    title: 'the same targets with other weights, one of them of no more share',
    one: { to: '{a: 1, b: 1}' },
    other: { to: '{b: 9, a: 0}' },
    isConflict: false,
  },
  {
    title: 'other hosts',
    one: { to: '{a: 1, b: 1}' },
    other: { to: '{c: 1, d: 1}', host: 'b.shop.test' },
    isConflict: false,
  },
  {
    title: 'one host on two listeners of the same Envoys',
    one: { to: '{a: 1, b: 1}' },
    other: { to: '{c: 1, d: 1}', listener: 'web2' },
    isConflict: true,
  },
  {
    title: 'any host on two listeners',
    one: { to: '{a: 1, b: 1}', host: '*' },
    other: { to: '{c: 1, d: 1}', host: '*', listener: 'web2' },
    isConflict: false,
  },
  {
    title: 'one host on listeners of other Envoys',
    one: { to: '{a: 1, b: 1}', listener: 'eu' },
    other: { to: '{c: 1, d: 1}', listener: 'us' },
    isConflict: false,
  },
  {
    title: 'a wider host that is inherited',
    one: { to: '{a: 1, b: 1}', more: 'inherit: true\n' },
    other: { to: '{c: 1, d: 1}', host: '*.shop.test' },
    isConflict: true,
  },
  {
    title: 'a wider host that is not',
    one: { to: '{a: 1, b: 1}', more: 'inherit: false\n' },
    other: { to: '{c: 1, d: 1}', host: '*.shop.test' },
    isConflict: false,
  },
  {
    title: 'two heirs of a host that has no such cookie',
    one: { to: '{a: 1, b: 1}', more: 'inherit: true\n' },
    other: { to: '{c: 1, d: 1}', host: 'b.shop.test', more: 'inherit: true\n' },
    isConflict: false,
  },
];

test.for(CASES)('one cookie, $title', ({ one, other, isConflict }) => {
  const texts = {
    'clusters.yaml': CLUSTERS,
    'groups.yaml': GROUPS,
    'listeners.yaml': LISTENERS,
    'one.yaml': route('one', one),
    'other.yaml': route('other', other),
  };
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const outcome = compiler.compile(compileInput(texts), null);
  const found = outcome.ok
    ? []
    : outcome.diagnostics.filter(({ severity }) => severity === 'error');
  expect(found.map(({ code }) => code)).toEqual(isConflict ? ['STICKY_CONFLICT'] : []);
});
