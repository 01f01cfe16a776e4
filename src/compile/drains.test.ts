import { expect, test } from 'vitest';
import type { ResourceTraits } from '../snapshot/index.ts';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import {
  httpChain,
  rawFile,
  rawListener,
  RBAC,
  rds,
  socket,
} from '../../test/support/raw-texts.ts';
import { createCompiler } from './index.ts';

const schema = openGenerated();

const named = (name: string): string => `filter_chain_match: {server_names: [${name}]}, `;
const A = httpChain(rds('main'), [], named('a.test'));
const B = httpChain(rds('main'), [], named('b.test'));
const REST = httpChain(rds('main'));

const listener = (chains: readonly string[], more = '', port = 8080): string => {
  const address = `address: ${socket('127.0.0.1', port)}`;
  return rawFile(
    rawListener('web', `${address}${more},\n  filter_chains: [${chains.join(',\n  ')}]`),
    ['config.route.v3.RouteConfiguration', 'name: main'],
  );
};

function drainOf(text: string): NonNullable<ResourceTraits['drain']> {
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const outcome = compiler.compile(compileInput({ 'l.yaml': text }), null);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  const drain = outcome.value.resource('', { type: 'Listener', name: 'web' })?.traits.drain;
  if (drain === undefined || drain === null) throw new Error('a listener says what drains');
  return drain;
}

interface Row {
  readonly name: string;
  readonly text: string;
  /** Whether all of the listener is replaced, and how many of its two chains are. */
  readonly want: readonly [isReplaced: boolean, chains: number];
}

const BEFORE = listener([A, B]);
const ROWS: readonly Row[] = [
  { name: 'nothing', text: BEFORE, want: [false, 0] },
  { name: 'the order of the chains', text: listener([B, A]), want: [false, 0] },
  { name: 'a chain more', text: listener([A, B, REST]), want: [false, 0] },
  {
    name: 'a default chain more',
    text: listener([A, B], `, default_filter_chain: ${REST}`),
    want: [false, 0],
  },
  { name: 'a chain less', text: listener([A]), want: [false, 1] },
  {
    name: 'a filter in one chain',
    text: listener([A, httpChain(rds('main'), [RBAC], named('b.test'))]),
    want: [false, 1],
  },
  {
    name: 'the names of one chain',
    text: listener([A, httpChain(rds('main'), [], named('c.test'))]),
    want: [false, 1],
  },
  { name: 'the port', text: listener([A, B], '', 8081), want: [true, 0] },
  {
    name: 'a limit of the listener',
    text: listener([A, B], ', per_connection_buffer_limit_bytes: 4096'),
    want: [true, 0],
  },
];

test.each(ROWS)('LDS-01 T-32 T-33 what drains: $name', ({ text, want }) => {
  const [before, after] = [drainOf(BEFORE), drainOf(text)];
  const gone = before.chains.filter((chain) => !after.chains.includes(chain));
  expect([before.shell !== after.shell, gone.length]).toEqual(want);
});

const tcp = (more: string): string =>
  `kind: Listener\nname: web\nport: 8443\nprotocol: tcp\n${more}`;
const passed = (name: string, sni: string, port = 8200): string =>
  `---\nkind: TcpRoute\nname: ${name}\nlisteners: [web]\nsni: [${sni}]\nto: 10.0.0.1:${port}\n`;
const VAULT = passed('vault', 'vault.example.com');
const MAIL = passed('mail', 'mail.example.com');

const PASSED: readonly (Row & { readonly before: string })[] = [
  {
    name: 'a TcpRoute more',
    before: tcp('') + VAULT,
    text: tcp('') + VAULT + MAIL,
    want: [false, 0],
  },
  {
    name: 'a TcpRoute less',
    before: tcp('') + VAULT + MAIL,
    text: tcp('') + MAIL,
    want: [false, 1],
  },
  {
    name: 'the target of one TcpRoute',
    before: tcp('') + VAULT + MAIL,
    text: tcp('') + MAIL + passed('vault', 'vault.example.com', 8300),
    want: [false, 1],
  },
  {
    name: 'the first TcpRoute beside `to`: server names are read from now on',
    before: tcp('to: 10.0.0.1:80\n'),
    text: tcp('to: 10.0.0.1:80\n') + VAULT,
    want: [true, 0],
  },
  {
    name: 'another one beside `to`',
    before: tcp('to: 10.0.0.1:80\n') + MAIL,
    text: tcp('to: 10.0.0.1:80\n') + MAIL + VAULT,
    want: [false, 0],
  },
  {
    name: 'the `to` beside TcpRoutes',
    before: tcp('to: 10.0.0.1:80\n') + MAIL,
    text: tcp('to: 10.0.0.1:81\n') + MAIL,
    want: [false, 1],
  },
];

test.each(PASSED)('what drains: $name', ({ before: was, text, want }) => {
  const [before, after] = [drainOf(was), drainOf(text)];
  const gone = before.chains.filter((chain) => !after.chains.includes(chain));
  expect([before.shell !== after.shell, gone.length]).toEqual(want);
});

test('the default chain drains like the others', () => {
  const [before, after] = ['http2_protocol_options: {}', 'http_protocol_options: {}'].map((more) =>
    drainOf(listener([A], `, default_filter_chain: ${httpChain(`${rds('main')}, ${more}`)}`)),
  );
  expect(before?.shell).toBe(after?.shell);
  expect(before?.chains).toHaveLength(2);
  expect(before?.chains[0]).toBe(after?.chains[0]);
  expect(before?.chains[1]).not.toBe(after?.chains[1]);
});

const native = (more = '', to = '10.0.0.1:80'): string =>
  `kind: Listener\nname: web\nport: 8080\n${more}\nto: "${to}"\n`;

const NATIVE_ROWS: readonly Row[] = [
  { name: 'where it sends', text: native('', '10.0.0.2:80'), want: [false, 0] },
  { name: 'a policy', text: native('authorize: {deny: [{address: 10.0.0.1}]}'), want: [false, 0] },
  { name: 'what is for people', text: native('description: The shop.'), want: [false, 0] },
  { name: 'a limit of HTTP', text: native('http: {idleTimeout: 60s}'), want: [false, 1] },
  { name: 'a default of HTTP', text: native('http: {idleTimeout: 1h}'), want: [false, 0] },
  { name: 'who is the client', text: native('http: {clientIp: {hops: 1}}'), want: [false, 1] },
  {
    name: 'a redirect in place of a target',
    text: 'kind: Listener\nname: web\nport: 8080\nredirectToHttps: true\n',
    want: [false, 1],
  },
  { name: 'the PROXY header', text: native('proxyProtocol: true'), want: [true, 0] },
  { name: 'the address', text: native('address: 127.0.0.1'), want: [true, 0] },
];

test.each(NATIVE_ROWS)('what drains of a document: $name', ({ text, want }) => {
  const [before, after] = [drainOf(native()), drainOf(text)];
  const gone = before.chains.filter((chain) => !after.chains.includes(chain));
  expect([before.shell !== after.shell, gone.length]).toEqual(want);
});
