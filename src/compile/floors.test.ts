import { expect, test } from 'vitest';
import { documentId, formatSpan, groupName, type Diagnostic } from '../base/index.ts';
import { parseFile, type NativeDocument } from '../model/index.ts';
import type { ViewKey } from '../snapshot/index.ts';
import { newFloorCheck } from './floor-check.ts';
import { EVERY_NODE } from './floors.ts';
import { newGraph, type Graph } from './graph.ts';
import type { Group } from './groups.ts';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { createCompiler, type Compiler } from './index.ts';

const schema = openGenerated();
const newCompiler = (): Compiler =>
  createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });

type Texts = Readonly<Record<string, string>>;
const group = (name: string, envoy: string | null): string =>
  `kind: NodeGroup\nname: ${name}\nmatch: { cluster: ${name} }\n` +
  (envoy === null ? '' : `envoy: "${envoy}"\n`);

const RAW = `resources:
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: app
  type: STATIC
  load_assignment: { cluster_name: app }
  stats_matcher: { reject_all: true }
`;
const BASE: Texts = { 'raw.yaml': RAW, 'web.yaml': 'kind: Listener\nname: web\nport: 80\nto: app' };

const NEED = 'cluster "app": "stats_matcher" of Cluster exists since Envoy 1.40';
const ADVICE = 'raise it to "1.40" if no Envoy there is older, or remove this';

interface Row {
  readonly name: string;
  readonly texts: Texts;
  readonly want: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    name: 'without settings the floor is 1.36',
    texts: {},
    want: [`raw.yaml:6:3 ${NEED}, but \`envoy:\` is "1.36" in helve.yaml; ${ADVICE}`],
  },
  { name: 'a floor that has it', texts: { 'helve.yaml': 'envoy: "1.40"' }, want: [] },
  { name: 'a floor beyond the pins', texts: { 'helve.yaml': 'envoy: "1.41"' }, want: [] },
  {
    name: 'a group below helve.yaml',
    texts: { 'helve.yaml': 'envoy: "1.40"', 'g.yaml': group('edge', '1.39') },
    want: [`raw.yaml:6:3 ${NEED}, but \`envoy:\` is "1.39" in the NodeGroup "edge"; ${ADVICE}`],
  },
  {
    name: 'groups that inherit',
    texts: { 'g.yaml': `${group('a', null)}---\n${group('b', '1.40')}` },
    want: [
      `raw.yaml:6:3 ${NEED}, but \`envoy:\` is "1.36" in helve.yaml and "1.36" in the ` +
        `NodeGroup "a"; ${ADVICE}`,
    ],
  },
  {
    name: 'many groups',
    texts: { 'g.yaml': ['a', 'b', 'c', 'd'].map((name) => group(name, '1.37')).join('---\n') },
    want: [
      `raw.yaml:6:3 ${NEED}, but \`envoy:\` is "1.36" in helve.yaml, ` +
        `"1.37" in the NodeGroup "a", "1.37" in the NodeGroup "b" and 2 more; ${ADVICE}`,
    ],
  },
];

const found = (compiler: Compiler, texts: Texts): readonly string[] => {
  const outcome = compiler.compile(compileInput({ ...BASE, ...texts }), null);
  const told = outcome.diagnostics.filter(({ code }) => code === 'NODE_VERSION');
  expect(outcome.ok).toBe(told.length === 0);
  return told.map(line);
};

const line = ({ span, message }: Diagnostic): string =>
  `${span === null ? '-' : formatSpan(span)} ${message}`;

test.each(ROWS)('$name', ({ texts, want }) => {
  expect(found(newCompiler(), texts)).toEqual(want);
});

test('from any of these to any other, what is found is the same', () => {
  const compiler = newCompiler();
  for (const one of ROWS) {
    for (const { texts, want } of ROWS) {
      found(compiler, one.texts);
      expect(found(compiler, texts)).toEqual(want);
    }
  }
});

test('without the part, no floor minds', () => {
  const compiler = newCompiler();
  const plain = { 'raw.yaml': RAW.replace(/ {2}stats_matcher.*\n/, '') };
  expect(found(compiler, {})).toHaveLength(1);
  expect(found(compiler, plain)).toEqual([]);
  expect(found(compiler, {})).toHaveLength(1);
});

/** As one contributor would. */
function give<T>(into: Group<T>, key: string, item: T): void {
  const owner = {};
  into.stage(owner, key, item);
  into.commit(owner);
}

const EDGE = { origin: { doc: documentId('web.yaml', 0), pointer: '' } };

test('only views that have a resource mind what it needs', () => {
  const graph = newGraph(schema);
  graph.baseFloor.set('', '1.36');
  for (const [key, envoy] of [
    ['old', '1.36'],
    ['new', '1.40'],
  ] as const) {
    give(graph.nodeGroups, '', documentOf(group(key, envoy)));
  }
  const need = { ...EDGE, message: 'it exists since Envoy 1.40', since: '1.40', subject: 'rule' };
  give(graph.needs, 'Listener/web', need);
  const hidden = new Set(['Listener/web']);
  const check = newFloorCheck(graph);
  const onlyNew = new Map<ViewKey, ReadonlySet<string>>([
    ['', hidden],
    [groupName('old'), hidden],
    [groupName('new'), new Set<string>()],
  ]);
  expect(check(onlyNew)).toEqual([]);
  expect(check(new Map([...onlyNew, [groupName('old'), new Set<string>()]]))).toMatchObject([
    { code: 'NODE_VERSION', related: [{ message: 'the NodeGroup "old"' }] },
  ]);
});

function documentOf(text: string): NativeDocument<'NodeGroup'> {
  const [document] = parseFile('g.yaml', text).documents;
  if (document?.kind !== 'NodeGroup') throw new Error('no NodeGroup');
  return document;
}

interface FloorRow {
  readonly listener: string;
  readonly want: string;
}

const floorOf = (graph: Graph, key: string): string => graph.floors.node(key).value;

test.each<FloorRow>([
  { listener: EVERY_NODE, want: '1.38' },
  { listener: 'everywhere', want: '1.38' },
  { listener: 'new', want: '1.40' },
  { listener: 'both', want: '1.39' },
  { listener: 'inherits', want: '1.38' },
  { listener: 'nowhere', want: '1.38' },
])('the floor of "$listener" is $want', ({ listener, want }) => {
  const graph = newGraph(schema);
  graph.baseFloor.set('', '1.38');
  const nodes = { new: ['b'], both: ['b', 'a'], inherits: ['c', 'b'] };
  for (const [name, own] of Object.entries({ everywhere: null, ...nodes })) {
    const text = `kind: Listener\nname: ${name}\nport: 80\n`;
    const tail = own === null ? '' : `nodes: [${own.join(', ')}]\n`;
    const [document] = parseFile('l.yaml', text + tail).documents;
    if (document?.kind !== 'Listener') throw new Error('no Listener');
    give(graph.documents, `Listener/${name}`, document);
  }
  for (const [name, envoy] of [
    ['a', '1.39'],
    ['b', '1.40'],
    ['c', null],
  ] as const) {
    give(graph.nodeGroups, '', documentOf(group(name, envoy)));
  }
  expect(floorOf(graph, listener)).toBe(want);
});
