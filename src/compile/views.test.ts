import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { compileInput } from '../../test/support/compile-input.ts';
import { createCompiler } from './index.ts';

const certs = new URL('../../test/golden/certificates/certs/', import.meta.url);
const files = { 'ca.pem': readFileSync(new URL('test-only-shop.crt', certs), 'utf8') };
const schema = openGenerated();

const cluster = (name: string, more = ''): string =>
  `{kind: Cluster, name: ${name}, endpoints: ["10.0.0.1:80"]${more}}`;
const BASE: readonly string[] = [
  '{kind: Listener, name: web, port: 80, nodes: [edge], to: c}',
  '{kind: NodeGroup, name: edge, match: {cluster: edge}}',
  '{kind: NodeGroup, name: other, match: {cluster: other}}',
  '{kind: Trust, name: t, ca: ca.pem}',
  cluster('c', ', tls: {trust: t, sni: a.test}'),
];
const EDGE = ['Cluster/c', 'ClusterLoadAssignment/c', 'Listener/web', 'Secret/trust/t'];
const withEdge = (...names: readonly string[]): readonly string[] => [...EDGE, ...names].sort();

/** The rest comes along with each listener. */
const SHOWN = new Set<string>(['Cluster', 'ClusterLoadAssignment', 'Listener', 'Secret']);

interface Row {
  readonly name: string;
  readonly documents: readonly string[];
  readonly raw?: string;
  readonly edge: readonly string[];
  /** Of the group `other`, and of nodes in no group. */
  readonly others: readonly string[];
}

const ROWS: readonly Row[] = [
  { name: 'what a listener leads to is with its groups', documents: [], edge: EDGE, others: [] },
  {
    name: 'what no listener leads to is everywhere',
    documents: [cluster('unused')],
    edge: withEdge('Cluster/unused', 'ClusterLoadAssignment/unused'),
    others: ['Cluster/unused', 'ClusterLoadAssignment/unused'],
  },
  {
    name: 'but where a Trust of it is missing',
    documents: [cluster('unused', ', tls: {trust: t, sni: a.test}')],
    edge: withEdge('Cluster/unused', 'ClusterLoadAssignment/unused'),
    others: ['ClusterLoadAssignment/unused'],
  },
  {
    name: 'but where a member of it is missing, or a member of a member',
    documents: [
      '{kind: Cluster, name: all, members: [some, free]}',
      '{kind: Cluster, name: some, members: [c]}',
      cluster('free'),
    ],
    edge: withEdge('Cluster/all', 'Cluster/free', 'Cluster/some', 'ClusterLoadAssignment/free'),
    others: ['Cluster/free', 'ClusterLoadAssignment/free'],
  },
  {
    name: 'raw resources bring along all that they name',
    documents: [],
    raw:
      'name: agg, lb_policy: CLUSTER_PROVIDED, cluster_type: {name: envoy.clusters.aggregate, ' +
      'typed_config: {"@type": type.googleapis.com/envoy.extensions.clusters.aggregate.v3.' +
      'ClusterConfig, clusters: [c]}}',
    edge: withEdge('Cluster/agg'),
    others: ['Cluster/agg', 'Cluster/c', 'ClusterLoadAssignment/c', 'Secret/trust/t'],
  },
];

test.each(ROWS)('$name', ({ documents, raw, edge, others }) => {
  const texts = { 'a.yaml': [...BASE, ...documents].join('\n---\n') };
  const type = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
  const more =
    raw === undefined ? {} : { 'raw.yaml': `resources:\n- {"@type": ${type}, ${raw}}\n` };
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const outcome = compiler.compile(compileInput({ ...texts, ...more }, files), null);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  const { value } = outcome;
  const views = value.delta(null).views.map((view): readonly [string, readonly string[]] => [
    view,
    value
      .resources(view)
      .filter(({ type: id }) => SHOWN.has(id))
      .map(({ type: id, name }) => `${id}/${name.replace(/#.*$/, '')}`),
  ]);
  const shown = Object.fromEntries(views.map(([view, names]) => [view, [...names].sort()]));
  expect(shown).toEqual({ '': others, edge, other: others });
});
