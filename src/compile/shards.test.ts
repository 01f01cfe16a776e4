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

const FLOOR: Texts = { 'helve.yaml': 'envoy: "1.39"\n' };
const BEFORE: Texts = {
  'web.yaml': listener('shards: true\n'),
  'a.yaml': route('a', 'one'),
  'b.yaml': route('b', 'one'),
};

function compiled(compiler: Compiler, texts: Texts): Compilation {
  const outcome = compiler.compile(compileInput({ ...FLOOR, ...texts }), null);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  return outcome.value;
}

interface Row {
  readonly name: string;
  /** Beside the texts that all begin with. */
  readonly before?: Texts;
  readonly edit: Texts;
  readonly want: readonly string[];
}

const TABLES = Array.from({ length: 64 }, (_, at) => `RouteConfiguration/web#shard-${at}`);
const SCOPES = TABLES.map((table) => table.replace(/^\w+/, 'ScopedRouteConfiguration'));
const wild = (says: string): string => route('wild', says).replace('[wild.test]', '["*.test"]');

const ROWS: readonly Row[] = [
  {
    name: 'an edit of a rule changes its shard alone',
    edit: { 'a.yaml': route('a', 'two') },
    want: ['RouteConfiguration/web#shard-14'],
  },
  {
    name: 'a new host changes its shard alone, and no scope',
    edit: { 'new.yaml': route('new', 'one') },
    want: ['RouteConfiguration/web#shard-49'],
  },
  {
    name: 'a wildcard host is in each shard',
    edit: { 'wild.yaml': wild('one') },
    want: TABLES,
  },
  {
    name: 'what a host inherits is in its shard',
    before: { 'wild.yaml': wild('one') },
    edit: { 'wild.yaml': wild('one'), 'a.yaml': `${route('a', 'one')}inherit: true\n` },
    want: ['RouteConfiguration/web#shard-14'],
  },
  {
    name: 'a target for the rest is in each shard',
    edit: { 'web.yaml': listener('shards: true\nto: c\n'), 'c.yaml': cluster },
    want: ['Cluster/c', 'ClusterLoadAssignment/c', ...TABLES],
  },
  {
    name: 'without shards there is one table, and a listener that leads to it',
    edit: { 'web.yaml': listener('') },
    want: ['Listener/web', 'RouteConfiguration/web'],
  },
  {
    name: 'with shards there are all tables and scopes from the start',
    before: { 'web.yaml': listener('') },
    edit: {},
    want: ['Listener/web', ...TABLES, ...SCOPES],
  },
];

test.each(ROWS)('$name', ({ before = {}, edit, want }) => {
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const base = compiled(compiler, { ...BEFORE, ...before });
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
  expect([...namesOf('edge')].sort()).toEqual(
    [...everywhere, 'Listener/web', ...TABLES, ...SCOPES].sort(),
  );
});

const DENY = 'authorize: {deny: [{address: 10.0.0.0/8}]}\n';

test('policies on two sharded listeners of one node fail neither open nor closed', () => {
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const one = (name: string, port: number): string =>
    `kind: Listener\nname: web-${name}\nport: ${port}\nshards: true\n`;
  const outcome = compiler.compile(
    compileInput({
      ...FLOOR,
      'one.yaml': one('one', 8080),
      'two.yaml': one('two', 8081),
      'r.yaml': `${route('a', 'one')}listeners: [web-one]\nrateLimit: [{limit: 1/s}]\n`,
      's.yaml': `${route('b', 'one')}listeners: [web-two]\n${DENY}`,
    }),
    null,
  );
  expect(outcome.diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([]);
});

test('an Envoy that would not take them up while it runs is told of', () => {
  const outcome = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] }).compile(
    compileInput(BEFORE),
    null,
  );
  expect(outcome).toMatchObject({
    ok: false,
    diagnostics: [{ code: 'NODE_VERSION', span: { file: 'web.yaml', line: 4, col: 1 } }],
  });
});
