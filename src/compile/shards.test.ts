import { expect, test } from 'vitest';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { createCompiler, type Compilation, type Compiler } from './index.ts';

const schema = openGenerated();

type Texts = Readonly<Record<string, string>>;
const listener = (more: string): string => `kind: Listener\nname: web\nport: 8080\n${more}`;
const route = (name: string, says: string): string =>
  `kind: Route\nname: ${name}\nhosts: [${name}.test]\nrespond: {status: 200, body: ${says}}\n`;
const cluster = 'kind: Cluster\nname: c\nendpoints: ["10.0.0.1:80"]\n';

const BEFORE: Texts = {
  'web.yaml': listener('shards: true\n'),
  'a.yaml': route('a', 'one'),
  'b.yaml': route('b', 'one'),
};

function compiled(compiler: Compiler, texts: Texts): Compilation {
  const outcome = compiler.compile(compileInput(texts), null);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  return outcome.value;
}

interface Row {
  readonly name: string;
  readonly edit: Texts;
  readonly want: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    name: 'an edit of a rule changes its shard alone',
    edit: { 'a.yaml': route('a', 'two') },
    want: ['RouteConfiguration/web#shard-61'],
  },
  {
    name: 'a new host comes with its scope and its shard',
    edit: { 'new.yaml': route('new', 'one') },
    want: ['ScopedRouteConfiguration/web#new.test', 'RouteConfiguration/web#shard-54'],
  },
  {
    name: 'without shards there is one table, and a listener that leads to it',
    edit: { 'web.yaml': listener('') },
    want: ['Listener/web', 'RouteConfiguration/web'],
  },
];

test.each(ROWS)('$name', ({ edit, want }) => {
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const base = compiled(compiler, BEFORE);
  const { put } = compiled(compiler, { ...BEFORE, ...edit }).delta(base);
  expect(put.map(({ type, name }) => `${type}/${name}`).sort()).toEqual([...want].sort());
});

test('switching shards on drains the chain, not the listener', () => {
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const drainOf = (more: string): unknown =>
    compiled(compiler, { ...BEFORE, 'web.yaml': listener(more) }).resource('', {
      type: 'Listener',
      name: 'web',
    })?.traits.drain;
  const [plain, sharded] = [drainOf(''), drainOf('shards: true\n')];
  expect(sharded).toMatchObject({ shell: (plain as { readonly shell: string }).shell });
  expect(sharded).not.toEqual(plain);
});

test('scopes and shards go where their listener goes', () => {
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const group = 'kind: NodeGroup\nname: edge\nmatch: {cluster: edge}\n';
  const texts = { 'g.yaml': group, 'c.yaml': cluster, 'r.yaml': route('a', 'one') };
  const revision = compiled(compiler, {
    ...texts,
    'web.yaml': listener('shards: true\nnodes: [edge]\n'),
  });
  const namesOf = (view: '' | 'edge'): readonly string[] =>
    revision
      .resources(revision.delta(null).views.find((one) => one === view) ?? '')
      .filter(({ type }) => type !== 'TypedExtensionConfig')
      .map(({ type, name }) => `${type}/${name}`);
  const everywhere = ['Cluster/c', 'ClusterLoadAssignment/c'];
  expect(namesOf('')).toEqual(everywhere);
  expect(namesOf('edge')).toEqual([
    ...everywhere,
    'Listener/web',
    'ScopedRouteConfiguration/web#a.test',
    'RouteConfiguration/web#shard-61',
  ]);
});

test.each([
  ['of groups that never share a node', 'inner', []],
  ['of groups that may', 'edge', ['POLICY_FAILS_OPEN', 'POLICY_FAILS_OPEN', 'SHARD_CONFLICT']],
])('policies on two sharded listeners %s', (_, cluster, want) => {
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const one = (name: string, port: number, match: string): string =>
    `kind: NodeGroup\nname: ${name}\nmatch: ${match}\n---\n` +
    `kind: Listener\nname: web-${name}\nport: ${port}\nnodes: [${name}]\nshards: true\n`;
  const outcome = compiler.compile(
    compileInput({
      'one.yaml': one('one', 8080, '{cluster: edge}'),
      'two.yaml': one('two', 8081, `{cluster: ${cluster}}`),
      'r.yaml': `${route('a', 'one')}listeners: [web-one, web-two]\nrateLimit: [{limit: 1/s}]\n`,
    }),
    null,
  );
  expect(outcome.diagnostics.map(({ code }) => code).sort()).toEqual(want);
});
