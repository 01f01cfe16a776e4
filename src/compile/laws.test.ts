import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyDelta, createInterner, type Revision } from '../snapshot/index.ts';
import { seeded } from '../../test/simulation/random.ts';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { inAnyOrder } from '../../test/support/shuffled-documents.ts';
import {
  httpChain,
  OPEN_ROUTE,
  rawFile,
  rawListener,
  rds,
  socket,
} from '../../test/support/raw-texts.ts';
import { issue } from '../../test/system/support/certificates.ts';
import { createCompiler, type Compilation, type Compiler } from './index.ts';

const schema = openGenerated();
const newCompiler = (): Compiler =>
  createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });

const group = (name: string, cluster: string): string =>
  `kind: NodeGroup\nname: ${name}\nmatch: {cluster: ${cluster}}\n`;
const listener = (name: string, port: number, more: string): string =>
  `kind: Listener\nname: ${name}\nport: ${port}\n${more}`;
const route = (name: string, listeners: string, to: string): string =>
  `kind: Route\nname: ${name}\nlisteners: [${listeners}]\nhosts: [${name}.test]\nto: ${to}\n`;
const wide = (hosts: string, more: string): string =>
  `kind: Route\nname: wide\nlisteners: [web]\nhosts: [${hosts}]\nmatch: {path: /w}\nto: a\n${more}`;
const cluster = (name: string, last: number): string =>
  `kind: Cluster\nname: ${name}\nendpoints: ["10.0.0.${last}:80"]\n`;
const tcpRoute = (name: string, listeners: string, to: string): string =>
  `kind: TcpRoute\nname: ${name}\nlisteners: [${listeners}]\nsni: [${name}.test]\nto: ${to}\n`;
const patch = (name: string, target: string, merge: string): string =>
  `kind: Patch\nname: ${name}\ntarget: {kind: ${target}}\nmerge: {${merge}}\n`;
const certificate = (pair: string): string =>
  `kind: Certificate\nname: shop\ncert: ${pair}.crt\nkey: ${pair}.key\n`;
const rawServed = (table: string): string => {
  const chain = httpChain(rds(table));
  return rawFile(
    rawListener('raw', `address: ${socket('127.0.0.1', 9000)}, filter_chains: [${chain}]`),
  );
};
const rawTable = (name: string, route_: string): string =>
  rawFile([
    'config.route.v3.RouteConfiguration',
    `name: ${name}, virtual_hosts: [{name: all, domains: ["*"], routes: [${route_}]}]`,
  ]);
const toCluster = (name: string): string => `{match: {prefix: /}, route: {cluster: ${name}}}`;

const policy = (name: string, keys: string): string => `kind: Policy\nname: ${name}\n${keys}\n`;
const split = (items: string, more: string): string =>
  `kind: Route\nname: split\nlisteners: [web]\nhosts: [split.test]\nto: [${items}]\n${more}`;
const tiers = (more: string, rules: string): string =>
  `kind: Route\nname: tiers\nlisteners: [web]\nhosts: [tiers.test]\n${more}\nrules: [${rules}]\n`;
const JWT = '{issuer: house, jwks: {url: "https://id.test/keys"}}';
const GOLD = '{name: gold, match: {jwt: {tier: [gold, vip]}}, to: b}';
const REST = '{name: rest, to: a}';

const TLS = 'tls: {trust: t, sni: a.test}\n';
const TO_C = 'protocol: tcp\nnodes: [edge]\nto: c\n';

/** What each file can say; null: it is not there. The first of each makes a tree that is whole. */
const FILES: Readonly<Record<string, readonly (string | null)[]>> = {
  'helve.yaml': [null, 'envoy: "1.39"\n', 'envoy: "1.40"\n', 'envoy: 1\n'],
  'edge.yaml': [
    group('edge', 'edge'),
    group('edge', 'inner'),
    `${group('edge', 'edge')}envoy: "1.40"\n`,
    null,
  ],
  'inner.yaml': [group('inner', 'inner'), group('inner', '"*"')],
  'web.yaml': [
    listener('web', 8080, ''),
    listener('web', 8080, 'nodes: [edge]\n'),
    listener('web', 8080, 'nodes: [edge, inner]\n'),
    listener('web', 8081, 'to: b\n'),
    listener('web', 8080, 'shards: true\n'),
    listener('web', 8080, 'nodes: [edge]\nshards: true\n'),
  ],
  'redirect.yaml': [
    null,
    listener('open', 8090, 'nodes: [inner]\nredirectToHttps: true\n'),
    listener('open', 8090, 'redirectToHttps: true\nnodes: [edge, inner]\n'),
  ],
  'tls.yaml': [
    listener('tls', 8443, 'nodes: [inner]\ntls: {certificates: [shop]}\n'),
    listener('tls', 8443, 'nodes: [edge]\ntls: {certificates: [shop]}\nto: "10.1.0.1:80"\n'),
    listener('tls', 8080, 'nodes: [inner]\ntls: {certificates: [shop]}\n'),
    null,
  ],
  'shop.yaml': [certificate('one'), certificate('two'), certificate('torn')],
  'wide.yaml': [
    wide('"*"', ''),
    wide('"*.test"', 'priority: 1\n'),
    wide('"*.test", r2.test', 'inherit: true\n'),
    wide('"*"', 'timeout: 3s\n'),
    null,
  ],
  'r1.yaml': [route('r1', 'web', 'a'), route('r1', 'web, tls', 'b'), route('r1', 'tls', 'c'), null],
  'r2.yaml': [
    route('r2', 'web', 'c'),
    `${route('r2', 'web', 'c')}inherit: true\n`,
    `${route('r2', 'web', 'b')}inherit: true\npriority: 2\n`,
    `${route('r2', 'web', 'b')}inherit: false\n`,
    route('r2', 'web', '{a: 1, b: 2}'),
    `${route('r2', 'web', 'a')}mirror: [{to: c, percent: 5}]\n`,
    `${route('r2', 'web', 'a')}headers: {response: {set: {x-s: "%SPAN_ID%"}}}\n`,
    route('r1', 'web', 'a'),
  ],
  'a.yaml': [cluster('a', 1), cluster('a', 2), rawFile(['config.cluster.v3.Cluster', 'name: a'])],
  'b.yaml': [cluster('b', 1), cluster('b', 2), 'kind: Cluster\nname: b\n'],
  // A cluster has its endpoints in one of the two.
  'ends.yaml': [
    null,
    'kind: Endpoints\nname: b\nendpoints: ["10.0.1.1:80"]\n',
    'kind: Endpoints\nname: b\nendpoints: ["10.0.1.2:80", "10.0.1.1:80"]\n',
  ],
  'c.yaml': [`${cluster('c', 1)}${TLS}`, cluster('c', 1), cluster('a', 3), null],
  'trust.yaml': ['kind: Trust\nname: t\nca: one.crt\n', 'kind: Trust\nname: t\nca: two.crt\n'],
  // Nothing leads there.
  'unused.yaml': [
    `${cluster('unused', 1)}${TLS}`,
    'kind: Cluster\nname: unused\nmembers: [c]\n',
    `${cluster('unused', 1)}${TLS}---\nkind: Cluster\nname: all\nmembers: [unused, b]\n`,
    null,
  ],
  'raw.yaml': [rawServed('main'), rawServed('other'), null],
  'main.yaml': [
    rawTable('main', toCluster('a')),
    rawTable('main', OPEN_ROUTE),
    rawTable('other', toCluster('b')),
  ],
  'tcp.yaml': [
    `${listener('tcp', 9443, TO_C)}---\n${tcpRoute('v', 'tcp', 'a')}`,
    `${listener('tcp', 9443, 'protocol: tcp\n')}---\n${tcpRoute('v', 'tcp, tls', 'b')}`,
    listener('tcp', 9443, 'protocol: udp\nto: a\n'),
    null,
  ],
  'v.yaml': [null, tcpRoute('w', 'tls', '"10.2.0.1:80"'), tcpRoute('v', 'tcp', 'a')],
  'patch.yaml': [
    patch('p', 'Cluster, name: a', 'lb_policy: RANDOM'),
    patch('p', 'Cluster, name: b', 'stats_matcher: {reject_all: true}'),
    patch('p', 'Listener, name: web', 'tcp_backlog_size: 10'),
    patch('p', 'Route, name: r1', 'response_headers_to_remove: [x-a]'),
    null,
  ],
  'patch2.yaml': [
    null,
    patch('q', 'Cluster, name: a', 'lb_policy: MAGLEV'),
    patch('q', 'Endpoints, name: b', 'policy: {overprovisioning_factor: 200}'),
    patch('q', 'Route, name: r2, rule: missing', 'response_headers_to_remove: [x-a]'),
  ],
  'secret.yaml': [
    'kind: Secret\nname: k\nfile: key\n',
    'kind: Secret\nname: k\nfile: spaces\n',
    null,
  ],
  'p.yaml': [
    policy('p', 'headers: {request: {set: {x-a: "1"}}}'),
    policy('p', 'headers: {request: {remove: [x-a]}}\nenforce: true'),
    policy('p', 'rateLimit: [{limit: 10/s}, {limit: 3/s, by: [clientAddress]}]'),
    policy('p', 'authorize: {allow: [{address: 10.0.0.0/8}, {headers: {x-team: ops}}]}'),
    policy('p', `jwt: ${JWT}`),
    null,
  ],
  'q.yaml': [
    policy('q', 'authorize: {deny: [{address: 10.9.0.0/16}]}'),
    policy('q', 'headers: {response: {set: {x-b: "1"}}}'),
  ],
  'split.yaml': [
    split('{cluster: a, weight: 9}, {cluster: a, weight: 1, policies: [q]}', 'policies: [p]\n'),
    split('{cluster: a, policies: [q]}, {cluster: a, weight: 9}', 'sticky: {header: x-u}\n'),
    split('{cluster: a}, {cluster: b, policies: [p]}', 'sticky: {cookie: {name: ab}}\n'),
    null,
  ],
  'tiers.yaml': [
    tiers(`jwt: ${JWT}`, `${GOLD}, ${REST}`),
    tiers('policies: [p]', `${REST}, ${GOLD}`),
    tiers(
      `jwt: ${JWT}\nauthorize: none`,
      `${REST}, {name: open, match: {path: /o}, jwt: none, to: c}`,
    ),
    null,
  ],
  'other.yaml': [rawTable('other', toCluster('c')), rawTable('web', OPEN_ROUTE), null],
};

const edit = fc.oneof(
  ...Object.entries(FILES).map(([path, texts]) =>
    fc.record({ path: fc.constant(path), text: fc.constantFrom(...texts) }),
  ),
);

const wholeOf = (compilation: Compilation): unknown => {
  const { id, views, changes, put, groups, warnings, heldMaterial } = compilation.delta(null);
  return { id, views, changes, put, groups, warnings, heldMaterial };
};

function expectResolved(compilation: Compilation): void {
  for (const view of compilation.delta(null).views) {
    for (const { type, name, refs } of compilation.resources(view)) {
      const missing = refs.filter((ref) => compilation.resource(view, ref) === null);
      expect(missing, `of ${type}/${name} in the view "${view}"`).toEqual([]);
    }
  }
}

test('groups, certificates, raw tables: incremental is from scratch, all resolves', async () => {
  const [one, two] = [await issue(['shop.test']), await issue(['shop.test', 'more.test'])];
  const files = {
    'one.crt': one.cert,
    'one.key': one.key,
    'two.crt': two.cert,
    'two.key': two.key,
    'torn.crt': two.cert,
    'torn.key': one.key,
    key: 'test-only\n',
    spaces: ' test-only ',
  };
  const now = Date.now();
  let accepted = 0;
  const check = (
    edits: readonly { readonly path: string; readonly text: string | null }[],
  ): void => {
    const compiler = newCompiler();
    const interner = createInterner();
    const texts = new Map(Object.entries(FILES).map(([path, [first]]) => [path, first ?? null]));
    let base: Compilation | null = null;
    let revision: Revision | null = null;
    for (const { path, text } of [{ path: 'a.yaml', text: cluster('a', 1) }, ...edits]) {
      texts.set(path, text);
      const there = [...texts].flatMap(([key, value]) =>
        value === null ? [] : [[key, value] as const],
      );
      const input = (all: typeof there) =>
        compileInput(Object.fromEntries(all), files, {
          now,
          lastGood: base?.material ?? new Map(),
        });
      const guard = base === null ? null : { base, allowRemovals: 100 };
      const outcome = compiler.compile(input(there), guard);
      // Another order of the files, nothing remembered.
      const shuffled = inAnyOrder(there, seeded(accepted));
      const fresh = newCompiler().compile(input([...shuffled]), guard);
      expect(outcome.diagnostics).toEqual(fresh.diagnostics);
      expect(outcome.ok).toBe(fresh.ok);
      if (!outcome.ok || !fresh.ok) continue;
      accepted += 1;
      expect(wholeOf(outcome.value)).toEqual(wholeOf(fresh.value));
      expectResolved(outcome.value);
      // The same once more is nothing new.
      const again = compiler.compile(input(there), guard);
      expect(again.ok && again.value.delta(outcome.value)).toMatchObject({ put: [], changes: [] });
      revision = applyDelta(interner, revision, outcome.value.delta(base));
      const target = applyDelta(interner, null, outcome.value.delta(null));
      expect([...revision.views]).toEqual([...target.views]);
      base = outcome.value;
    }
  };
  fc.assert(fc.property(fc.array(edit, { maxLength: 15 }), check), { numRuns: 25 });
  // A law over nothing but refusals would say little.
  expect(accepted).toBeGreaterThan(25);
});
