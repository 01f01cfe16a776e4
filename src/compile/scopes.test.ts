import { expect, test } from 'vitest';
import { formatSpan, type Diagnostic } from '../base/index.ts';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import {
  GUARD,
  GUARDED_ROUTE,
  httpChain,
  OPEN_ROUTE,
  rawFile,
  rawListener,
  RBAC,
  rds,
  socket,
} from '../../test/support/raw-texts.ts';
import { createCompiler } from './index.ts';

const schema = openGenerated();
type Texts = Readonly<Record<string, string>>;

interface Row {
  readonly name: string;
  readonly texts: Texts;
  readonly want: readonly string[];
  /** Names of what the base view has. */
  readonly has?: readonly string[];
}

const SCOPED =
  'scoped_routes: {name: scopes, scope_key_builder: {fragments: [{header_value_extractor: ' +
  '{name: x, index: 0}}]},\n  rds_config_source: {ads: {}}, ' +
  'scoped_rds: {scoped_rds_config_source: {ads: {}}}}';
const listener = (routes: string, filters: readonly string[] = [RBAC], name = 'web'): string =>
  rawFile(
    rawListener(
      name,
      `address: ${socket('127.0.0.1', name.length)}, ` +
        `filter_chains: [${httpChain(routes, filters)}]`,
    ),
  );
const scope = (table: string): string =>
  rawFile([
    'config.route.v3.ScopedRouteConfiguration',
    `name: s, key: {fragments: [{string_key: a}]}, route_configuration_name: ${table}`,
  ]);
const table = (name: string, route = GUARDED_ROUTE): string =>
  rawFile([
    'config.route.v3.RouteConfiguration',
    `name: ${name}, virtual_hosts: [{name: all, domains: ["*"], routes: [\n  ${route}]}]`,
  ]);
const onDemand = rawFile([
  'config.route.v3.RouteConfiguration',
  'name: main, vhds: {config_source: {ads: {}}}',
]);
const host = (name: string, route = GUARDED_ROUTE): string =>
  rawFile([
    'config.route.v3.VirtualHost',
    `name: ${name}, domains: [a.test], routes: [\n  ${route}]`,
  ]);

// Below it, Envoys take no virtual hosts over ADS.
const FLOOR: Texts = { 'helve.yaml': 'envoy: "1.39"\n' };
const SCOPES: Texts = {
  ...FLOOR,
  'l.yaml': listener(SCOPED),
  's.yaml': scope('main'),
  'r.yaml': table('main'),
};
const HOSTS: Texts = {
  ...FLOOR,
  'l.yaml': listener(rds('main')),
  'r.yaml': onDemand,
  'v.yaml': host('main/a.test'),
};
const INLINE =
  'route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [\n  ' +
  `${GUARDED_ROUTE}]}]}`;
const ONE_HOST = `name: all, domains: ["*"], routes: [${OPEN_ROUTE}],\n  ${GUARD}`;
const TO_NOWHERE = '{match: {prefix: /}, route: {cluster: nope}}';

const ROWS: readonly Row[] = [
  {
    name: 'a scope, its table and the filter that it needs',
    texts: SCOPES,
    want: [],
    has: ['Listener/web', 'RouteConfiguration/main', 'ScopedRouteConfiguration/s'],
  },
  {
    name: 'a scope whose table nobody defines',
    texts: { ...SCOPES, 's.yaml': scope('mian') },
    want: ['s.yaml:3:75 REF_NOT_FOUND'],
  },
  {
    name: 'a table of a scope whose filter is not installed',
    texts: { ...SCOPES, 'l.yaml': listener(SCOPED, []) },
    want: ['r.yaml:5:35 POLICY_FAILS_OPEN ← l.yaml:2:3'],
  },
  {
    name: 'a table that no scope names, beside a listener of scopes without the filter',
    texts: {
      'l.yaml': listener(SCOPED, []),
      's.yaml': scope('other'),
      'o.yaml': table('other', OPEN_ROUTE),
      'r.yaml': table('main'),
    },
    want: [],
  },
  {
    name: 'a scope that leads to a cluster that nobody defines',
    texts: { ...SCOPES, 'r.yaml': table('main', TO_NOWHERE) },
    want: ['r.yaml:4:41 REF_NOT_FOUND'],
  },
  {
    name: 'one of two listeners of scopes lacks the filter',
    texts: { ...SCOPES, 'm.yaml': listener(SCOPED, [], 'second') },
    want: ['r.yaml:5:35 POLICY_FAILS_OPEN ← m.yaml:2:3'],
  },
  {
    name: 'a virtual host of its own and the filter that it needs',
    texts: HOSTS,
    want: [],
    has: ['Listener/web', 'RouteConfiguration/main', 'VirtualHost/main/a.test'],
  },
  {
    name: 'a virtual host whose filter the listener of its table lacks',
    texts: { ...HOSTS, 'l.yaml': listener(rds('main'), []) },
    want: ['v.yaml:5:35 POLICY_FAILS_OPEN ← l.yaml:2:3'],
  },
  {
    name: 'a virtual host of a table that a listener without the filter does not serve',
    texts: {
      ...HOSTS,
      'm.yaml': listener(rds('other'), [], 'second'),
      'o.yaml': table('other', OPEN_ROUTE),
    },
    want: [],
  },
  {
    name: 'a virtual host of a table that a scope serves',
    texts: {
      ...SCOPES,
      'r.yaml': onDemand,
      'v.yaml': host('main/a.test'),
      'l.yaml': listener(SCOPED, []),
    },
    want: ['v.yaml:5:35 POLICY_FAILS_OPEN ← l.yaml:2:3'],
  },
  {
    name: 'a virtual host that leads to a cluster that nobody defines',
    texts: { ...HOSTS, 'v.yaml': host('main/a.test', TO_NOWHERE) },
    want: ['v.yaml:4:41 REF_NOT_FOUND'],
  },
  {
    name: 'a host in a table whose filter is not installed',
    texts: {
      'l.yaml': listener(rds('main'), []),
      'r.yaml': rawFile([
        'config.route.v3.RouteConfiguration',
        `name: main, virtual_hosts: [{${ONE_HOST}}]`,
      ]),
    },
    want: ['r.yaml:4:35 POLICY_FAILS_OPEN ← l.yaml:2:3'],
  },
  {
    name: 'a table whose filter is not installed',
    texts: {
      'l.yaml': listener(rds('main'), []),
      'r.yaml': rawFile(['config.route.v3.RouteConfiguration', `name: main,\n  ${GUARD}`]),
    },
    want: ['r.yaml:4:35 POLICY_FAILS_OPEN ← l.yaml:2:3'],
  },
  {
    name: 'routes inside the listener',
    texts: {
      'l.yaml': listener(INLINE),
    },
    want: [],
  },
  {
    name: 'routes inside the listener whose filter is not installed',
    texts: {
      'l.yaml': listener(INLINE, []),
    },
    want: ['l.yaml:6:35 POLICY_FAILS_OPEN ← l.yaml:2:3'],
  },
];

test.each(ROWS)('$name', ({ texts, want, has }) => {
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const outcome = compiler.compile(compileInput(texts), null);
  const errors = outcome.diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors.map(told), JSON.stringify(errors)).toEqual(want);
  if (has === undefined || !outcome.ok) return;
  const names = outcome.value.resources('').map(({ type, name }) => `${type}/${name}`);
  expect([...names].sort()).toEqual(has);
});

const told = ({ span, code, related }: Diagnostic): string =>
  `${span === null ? '-' : formatSpan(span)} ${code}` +
  related.map((other) => ` ← ${formatSpan(other.span)}`).join('');

interface SecretRow {
  readonly name: string;
  readonly fields: string;
  readonly want: readonly string[];
}

const SECRETS: readonly SecretRow[] = [
  {
    name: 'a key in the text',
    fields: 'generic_secret: {secret: {inline_string: x}}',
    want: ['warning s.yaml:3:37 SECRET_INLINE'],
  },
  {
    name: 'a key in the text as bytes',
    fields: 'generic_secret: {secret: {inline_bytes: eA==}}',
    want: ['warning s.yaml:3:37 SECRET_INLINE'],
  },
  { name: 'a key in a file', fields: 'generic_secret: {secret: {filename: /k}}', want: [] },
  {
    name: 'a key in the environment of the Envoy',
    fields: 'generic_secret: {secret: {environment_variable: K}}',
    want: [],
  },
  {
    name: 'one of several keys in the text',
    fields: 'session_ticket_keys: {keys: [{filename: /k}, {inline_string: x}]}',
    want: ['warning s.yaml:3:40 SECRET_INLINE'],
  },
];

test.each(SECRETS)('inline: $name', ({ fields, want }) => {
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const text = rawFile(['extensions.transport_sockets.tls.v3.Secret', `name: s, ${fields}`]);
  const input = compileInput({ 's.yaml': text }, { '/k': 'key' });
  const { ok, diagnostics } = compiler.compile(input, null);
  const found = diagnostics.filter(({ code }) => code !== 'UNUSED');
  expect(found.map((one) => `${one.severity} ${told(one)}`)).toEqual(want);
  expect(ok).toBe(true);
  // The words name the field, never the value.
  expect(found.every(({ message }) => !/"x"|eA==/.test(message))).toBe(true);
});
