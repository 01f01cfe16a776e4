import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { formatSpan } from '../base/index.ts';
import { openSchema } from '../schema/index.ts';
import { createCompiler, type Compiler } from './index.ts';

/** Facts of our own: what the language says is old, so that real ones would find nothing in it. */
const none = { messages: [], fields: {}, values: {} };
const added = {
  ...none,
  fields: {
    'envoy.config.route.v3.RedirectAction': ['host_redirect'],
    'envoy.config.route.v3.RouteAction': ['auto_host_rewrite'],
    'envoy.config.core.v3.Http2ProtocolOptions': ['connection_keepalive'],
    'envoy.config.route.v3.RouteConfiguration': ['ignore_port_in_host_matching'],
  },
};
const facts = (fields: keyof typeof added.fields): Parameters<typeof openSchema>[2] => ({
  versions: ['1.36.4', '1.40.0'],
  changes: {
    '1.40': {
      added: { ...none, fields: { [fields]: added.fields[fields] } },
      removed: none,
      deprecated: { fields: {}, values: {} },
      rules: {},
    },
  },
});
const set = gunzipSync(readFileSync('generated/envoy-1.40.0.pb.gz'));
const newCompiler = (fields: keyof typeof added.fields): Compiler =>
  createCompiler({
    schema: openSchema('1.40.0', set, facts(fields)),
    version: 'test',
    forbiddenUpstreams: [],
  });

const group = (name: string, envoy: string): string =>
  `kind: NodeGroup\nname: ${name}\nmatch: { cluster: ${name} }\nenvoy: "${envoy}"\n`;
const listener = (name: string, port: number, to: string): string =>
  `kind: Listener\nname: ${name}\nport: ${port}\nnodes: [${name}]\nto: ${to}\n`;

const BASE = {
  'helve.yaml': 'envoy: "1.36"\n',
  'groups.yaml': `${group('old', '1.36')}---\n${group('new', '1.40')}`,
  'old.yaml': listener('old', 1, 'a.test:80'),
  'new.yaml': listener('new', 2, 'a.test:80'),
};
const route = (listeners: string, action: string): string =>
  `kind: Route\nname: r\nlisteners: [${listeners}]\nrules:\n` +
  `- name: all\n  match: { prefix: / }\n  ${action}\n`;
const redirect = (listeners: string): string => route(listeners, 'redirect: { host: new.test }');
const HTTP2 = 'kind: Cluster\nname: h2\nprotocol: http2\nendpoints: ["10.0.0.1:80"]\n';

interface Row {
  readonly name: string;
  readonly fields: keyof typeof added.fields;
  readonly texts: Readonly<Record<string, string>>;
  readonly want: readonly string[];
}

const OLD = 'the NodeGroup "old"';

const ROWS: readonly Row[] = [
  {
    name: 'a rule of a listener that only new nodes get',
    fields: 'envoy.config.route.v3.RedirectAction',
    texts: { 'r.yaml': redirect('new') },
    want: [],
  },
  {
    name: 'a rule of a listener that old nodes get',
    fields: 'envoy.config.route.v3.RedirectAction',
    texts: { 'r.yaml': redirect('new, old') },
    want: [`r.yaml:5:3 ${OLD}`],
  },
  {
    name: 'the rule of a listener itself',
    fields: 'envoy.config.route.v3.RouteAction',
    texts: { 'old.yaml': listener('old', 1, 'https://a.test') },
    want: [`old.yaml:5:1 ${OLD}`],
  },
  {
    name: 'the same where only new nodes get it',
    fields: 'envoy.config.route.v3.RouteAction',
    texts: { 'new.yaml': listener('new', 2, 'https://a.test') },
    want: [],
  },
  {
    name: 'a cluster that only new nodes reach',
    fields: 'envoy.config.core.v3.Http2ProtocolOptions',
    texts: { 'c.yaml': HTTP2, 'r.yaml': route('new', 'to: h2') },
    want: [],
  },
  {
    name: 'a cluster that old nodes reach',
    fields: 'envoy.config.core.v3.Http2ProtocolOptions',
    texts: { 'c.yaml': HTTP2, 'r.yaml': route('old', 'to: h2') },
    want: [`c.yaml:1:1 ${OLD}`],
  },
  {
    name: 'what helve itself writes into a table',
    fields: 'envoy.config.route.v3.RouteConfiguration',
    texts: {},
    want: [`old.yaml:1:1 ${OLD}`],
  },
];

function holders(compiler: Compiler, texts: Row['texts']): readonly string[] {
  const input = { texts: new Map(Object.entries({ ...BASE, ...texts })), material: new Map() };
  const more = { lastGood: new Map(), filterProfile: null, now: 0 };
  const outcome = compiler.compile({ ...input, ...more }, null);
  const told = outcome.diagnostics.filter(({ severity }) => severity === 'error');
  expect(told.filter(({ code }) => code !== 'NODE_VERSION')).toEqual([]);
  expect(outcome.ok).toBe(told.length === 0);
  return told.map(({ span, related }) => {
    const place = span === null ? '-' : formatSpan(span);
    return `${place} ${related.map(({ message }) => message).join()}`;
  });
}

test.each(ROWS)('$name', ({ fields, texts, want }) => {
  expect(holders(newCompiler(fields), texts)).toEqual(want);
});

test('a route that moves between listeners is judged anew', () => {
  const compiler = newCompiler('envoy.config.route.v3.RedirectAction');
  expect(holders(compiler, { 'r.yaml': redirect('new') })).toEqual([]);
  expect(holders(compiler, { 'r.yaml': redirect('old') })).toHaveLength(1);
  expect(holders(compiler, { 'r.yaml': redirect('new') })).toEqual([]);
});
