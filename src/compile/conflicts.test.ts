import { expect, test } from 'vitest';
import { formatSpan, type Diagnostic } from '../base/index.ts';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { httpChain, rawFile, rawListener, rds, socket } from '../../test/support/raw-texts.ts';
import { createCompiler } from './index.ts';

const schema = openGenerated();

interface Row {
  readonly name: string;
  readonly texts: Readonly<Record<string, string>>;
  /** Each with its related places. */
  readonly want: readonly string[];
}

const TABLE = ['config.route.v3.RouteConfiguration', 'name: main'] as const;
const chained = (...chains: readonly string[]): string =>
  rawFile(
    rawListener(
      'web',
      `address: ${socket('127.0.0.1', 8080)},\n  filter_chains: [${chains.join(',\n  ')}]`,
    ),
    TABLE,
  );
const matching = (match: string): string =>
  httpChain(rds('main'), [], `filter_chain_match: {${match}}, `);

const hosts = (...all: readonly string[]): string =>
  rawFile([
    'config.route.v3.RouteConfiguration',
    `name: main, virtual_hosts: [\n  ${all.join(',\n  ')}]`,
  ]);

const group = (name: string, match: string): string =>
  `kind: NodeGroup\nname: ${name}\nmatch: {${match}}\n`;
const onPort = (name: string, more: string): string =>
  `kind: Listener\nname: ${name}\nport: 8080\n${more}`;
const pipe = (path: string): string => `address: {pipe: {path: ${path}}}, filter_chains: [{}]`;
const at = (address: string, port: number, more = ''): string =>
  `address: ${socket(address, port, more)}, filter_chains: [{}]`;

/** Two listeners on one address, the second in groups of its own. */
const inGroups = (one: string, other: string): Row['texts'] => ({
  'a.yaml': onPort('a', 'nodes: [one]\n'),
  'b.yaml': onPort('b', 'nodes: [two]\n'),
  'one.yaml': group('one', one),
  'two.yaml': group('two', other),
});
const CLASH = 'b.yaml:3:7 LISTENER_CONFLICT ← a.yaml:3:7';

const listeners = (...all: readonly (readonly [string, string])[]): Row['texts'] => ({
  'l.yaml': rawFile(...all.map(([name, fields]) => rawListener(name, fields))),
});

const ROWS: readonly Row[] = [
  {
    name: 'filter chains of other server names',
    texts: {
      'l.yaml': chained(matching('server_names: [a.test]'), matching('server_names: [b.test]')),
    },
    want: [],
  },
  {
    name: 'filter chains of one server name',
    texts: {
      'l.yaml': chained(
        matching('server_names: [a.test, b.test]'),
        matching('server_names: [c.test, b.test]'),
      ),
    },
    want: ['l.yaml:7:3 FILTER_CHAIN_CONFLICT ← l.yaml:4:19'],
  },
  {
    name: 'filter chains of one name and other protocols',
    texts: {
      'l.yaml': chained(
        matching('server_names: [a.test], application_protocols: [h2]'),
        matching('server_names: [a.test], application_protocols: [http/1.1]'),
      ),
    },
    want: [],
  },
  {
    name: 'two filter chains that match all',
    texts: { 'l.yaml': chained(httpChain(rds('main')), httpChain(rds('main'))) },
    want: ['l.yaml:7:3 FILTER_CHAIN_CONFLICT ← l.yaml:4:19'],
  },
  {
    name: 'hosts of other domains',
    texts: { 'r.yaml': hosts('{name: a, domains: [a.test]}', '{name: b, domains: ["*"]}') },
    want: [],
  },
  {
    name: 'two hosts that claim one domain in another case',
    texts: {
      'r.yaml': hosts('{name: a, domains: [x.test, a.test]}', '{name: b, domains: [A.test]}'),
    },
    want: ['r.yaml:5:23 DOMAIN_CONFLICT ← r.yaml:4:31'],
  },
  {
    name: 'two hosts of one name',
    texts: { 'r.yaml': hosts('{name: a, domains: [a.test]}', '{name: a, domains: [b.test]}') },
    want: ['r.yaml:5:3 DOMAIN_CONFLICT ← r.yaml:4:3'],
  },
  {
    name: 'one address in groups of other clusters',
    texts: inGroups('cluster: edge', 'cluster: inner'),
    want: [],
  },
  {
    name: 'one address in groups that some node can be in both',
    texts: inGroups('cluster: edge', 'region: eu'),
    want: [CLASH],
  },
  {
    name: 'one address in groups whose patterns exclude each other',
    texts: inGroups('id: "edge-*"', 'id: "inner-*"'),
    want: [],
  },
  {
    name: 'one address in groups whose patterns can meet',
    texts: inGroups('id: "edge-*"', 'id: "*-eu"'),
    want: [CLASH],
  },
  {
    name: 'one address in groups of other metadata',
    texts: inGroups('metadata: {tier: a}', 'metadata: {tier: b}'),
    want: [],
  },
  ...[
    ['user agents', 'userAgent: envoy', 'userAgent: "gRPC*"', []],
    ['sub-zones', 'subZone: a', 'subZone: b', []],
    ['versions', 'version: {below: "1.40"}', 'version: {from: "1.40"}', []],
    ['versions that meet', 'version: {from: "1.38"}', 'version: {below: "1.38.1"}', [CLASH]],
    ['parameters, which differ by type', 'parameters: {a: b}', 'parameters: {a: c}', [CLASH]],
    ['features, of which a node may have both', 'features: [a]', 'features: [b]', [CLASH]],
    ['extensions, of which a node may have both', 'extensions: [a]', 'extensions: [b]', [CLASH]],
  ].map(([what, one, two, want]) => ({
    name: `NAME-08 one address in groups of other ${String(what)}`,
    texts: inGroups(String(one), String(two)),
    want: [want ?? []].flat(),
  })),
  {
    name: 'one address in a group and on every node',
    texts: {
      ...inGroups('cluster: edge', 'cluster: inner'),
      'b.yaml': onPort('b', ''),
    },
    want: [CLASH],
  },
  {
    name: 'two groups on one side, one of which meets the other side',
    texts: {
      ...inGroups('cluster: edge', 'cluster: inner'),
      'a.yaml': onPort('a', 'nodes: [one, three]\n'),
      'three.yaml': group('three', 'zone: z'),
    },
    want: [CLASH],
  },
  {
    name: 'two Unix sockets',
    texts: listeners(['a', pipe('/run/a')], ['b', pipe('/run/b')]),
    want: [],
  },
  {
    name: 'one Unix socket',
    texts: listeners(['a', pipe('/run/a')], ['b', pipe('/run/a')]),
    want: ['l.yaml:5:21 LISTENER_CONFLICT ← l.yaml:3:21'],
  },
  {
    name: 'one port over TCP and UDP',
    texts: listeners(['a', at('127.0.0.1', 80)], ['b', at('127.0.0.1', 80, ', protocol: UDP')]),
    want: [],
  },
  {
    name: 'one port on two addresses',
    texts: listeners(['a', at('127.0.0.1', 80)], ['b', at('127.0.0.2', 80)]),
    want: [],
  },
  {
    name: 'all of IPv4 and one address of it',
    texts: listeners(['a', at('127.0.0.1', 80)], ['b', at('0.0.0.0', 80)]),
    want: ['l.yaml:5:21 LISTENER_CONFLICT ← l.yaml:3:21'],
  },
  {
    name: 'all of IPv6 and an address of IPv4',
    texts: listeners(['a', at('127.0.0.1', 80)], ['b', at('::', 80)]),
    want: [],
  },
  {
    name: 'all of IPv6, which takes IPv4 too, and an address of it',
    texts: listeners(['a', at('127.0.0.1', 80)], ['b', at('::', 80, ', ipv4_compat: true')]),
    want: ['l.yaml:5:21 LISTENER_CONFLICT ← l.yaml:3:21'],
  },
  {
    name: 'an additional address that another listener has',
    texts: listeners(
      ['a', at('127.0.0.1', 80)],
      [
        'b',
        `${at('127.0.0.1', 81)},\n  additional_addresses: [{address: ${socket('127.0.0.1', 80)}}]`,
      ],
    ),
    want: ['l.yaml:6:26 LISTENER_CONFLICT ← l.yaml:3:21'],
  },
];

test.each(ROWS)('$name', ({ texts, want }) => {
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const { diagnostics } = compiler.compile(compileInput(texts), null);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors.map(told), JSON.stringify(errors)).toEqual(want);
});

const told = ({ span, code, related }: Diagnostic): string =>
  `${span === null ? '-' : formatSpan(span)} ${code}` +
  related.map((other) => ` ← ${formatSpan(other.span)}`).join('');
