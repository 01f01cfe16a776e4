import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../base/index.ts';
import { parseFile } from './index.ts';
import { HTTP_DEFAULTS } from './kinds/http-options.ts';

const valueOf = (text: string): unknown => {
  const { documents, diagnostics } = parseFile('f.yaml', text);
  expect(diagnostics.map(formatDiagnostic)).toEqual([]);
  const [document] = documents;
  return document !== undefined && 'value' in document ? document.value : undefined;
};

const head = 'kind: Cluster\nname: a\n';
const listener = (rest: string): string => `kind: Listener\nname: a\nport: 80\n${rest}\n`;
const route = (rest: string): string => `kind: Route\nname: a\n${rest}\n`;
const cluster = (rest: string): string => `${head}${rest}\n`;
const to = (target: string): string => route(`to: ${target}`);
const prefix = (text: string): string => route(`to: b\nmatch: {prefix: ${JSON.stringify(text)}}`);

describe('reads', () => {
  test('words of YAML 1.1 as strings', () => {
    const text = cluster('labels: {a: yes, b: 12:30:45, c: 2020-01-01, d: ~x}');
    const [document] = parseFile('f.yaml', text).documents;
    const labels = { a: 'yes', b: '12:30:45', c: '2020-01-01', d: '~x' };
    expect(document).toMatchObject({ labels });
  });

  test('documents between stray separators, each with its own index', () => {
    const { documents } = parseFile('f.yaml', `---\n${head}---\n---\n${head}`);
    expect(documents.map(({ id }) => id)).toEqual(['f.yaml#0', 'f.yaml#2']);
  });

  test('aliases', () => {
    expect(parseFile('f.yaml', cluster('labels: {x: &x "v", y: *x}')).documents).toMatchObject([
      { labels: { x: 'v', y: 'v' } },
    ]);
  });

  test('a Listener with its defaults', () => {
    expect(valueOf(listener('to: localhost:8000'))).toEqual({
      address: '0.0.0.0',
      port: 80,
      protocol: 'http',
      tls: null,
      http: HTTP_DEFAULTS,
      proxyProtocol: false,
      originalDst: false,
      redirectToHttps: null,
      nodes: null,
      to: {
        kind: 'addresses',
        addresses: [{ kind: 'host', host: 'localhost', port: 8000 }],
        tls: null,
        pointer: '/to',
      },
      tcp: { connectAttempts: 3, idleTimeoutMs: 3_600_000, maxDurationMs: null },
      udp: { idleTimeoutMs: 60_000 },
      policies: { named: [], own: [] },
      isDefault: false,
      isSharded: false,
    });
  });

  test('limits with their defaults', () => {
    const text =
      'kind: Policy\nname: a\nrateLimit: [{limit: 2k/min}, {limit: 1/day, burst: 3, ' +
      'by: [clientAddress, {header: X-A}, {path: true}], match: {methods: [PUT, GET, PUT]}}]';
    const all = { by: [], methods: null, burst: 2000, limit: { amount: 2000, perMs: 60_000 } };
    const by = [{ kind: 'clientAddress' }, { kind: 'header', header: 'x-a' }, { kind: 'path' }];
    const limit = { amount: 1, perMs: 86_400_000 };
    const apart = { by, methods: ['GET', 'PUT'], burst: 3, limit };
    expect(valueOf(text)).toMatchObject({ uses: [{ key: 'rateLimit', value: [all, apart] }] });
  });

  test('who may pass', () => {
    const value = '[{address: [10.0.0.0/8, "::1"], headers: {X-A: b}, jwt: {b: [1, x], a: true}}]';
    const text = `kind: Policy\nname: a\nauthorize: {allow: ${value}}`;
    const match = {
      addresses: [
        { ip: '10.0.0.0', bits: 8 },
        { ip: '::1', bits: 128 },
      ],
      certificates: [],
      headers: [{ name: 'x-a', pointer: '/authorize/allow/0/headers/x-a' }],
      claims: [
        { name: 'a', values: [true] },
        { name: 'b', values: ['x', 1] },
      ],
    };
    const uses = [{ key: 'authorize', value: { allow: [match], deny: [] } }];
    expect(valueOf(text)).toMatchObject({ uses });
  });

  test('a file of keys as no document', () => {
    const keys = '{ "keys": [] }';
    const nothing = { documents: [], diagnostics: [], files: [] };
    expect(parseFile('keys.json', keys)).toMatchObject(nothing);
    expect(parseFile('keys.yaml', keys).diagnostics).toHaveLength(1);
  });

  test('rules with the defaults of their document', () => {
    const rules =
      'rules: [{name: x, to: b}, {match: {path: /p}, to: {a: 1}, timeout: 1s, priority: 1}]';
    expect(
      valueOf(route(`hosts: [BÜCHER.example]\npriority: 5\ntimeout: none\n${rules}`)),
    ).toMatchObject({
      hosts: ['xn--bcher-kva.example'],
      priority: 5,
      rules: [
        { name: 'x', priority: 5, pointer: '/rules/0', action: { timeoutMs: null } },
        {
          name: '=/p',
          priority: 1,
          matches: [{ path: { kind: 'path', path: '/p' } }],
          action: {
            timeoutMs: 1000,
            to: { targets: [{ cluster: 'a', pointer: '/rules/1/to/a' }] },
          },
        },
      ],
    });
  });

  test('addresses of a target in one order, however they are written', () => {
    expect(valueOf(to('["b:1", "a:1"]'))).toEqual(valueOf(to('["a:1", "b:1"]')));
  });

  test.each([
    ['https://api.example.com', 443],
    ['https://api.example.com:8443/', 8443],
  ])('%s', (text, port) => {
    const [action] = [valueOf(to(text))];
    const address = { kind: 'host', host: 'api.example.com', port };
    const target = { addresses: [address], tls: { sni: 'api.example.com' } };
    expect(action).toMatchObject({ rules: [{ action: { to: target } }] });
  });

  test.each(['/', '/a;b=c', '/%C3%A9', "/~a-b_c.d/(x)'*!$&,=:@+"])('prefix %s', (text) => {
    expect(valueOf(prefix(text))).toMatchObject({
      rules: [{ matches: [{ path: { kind: 'prefix', prefix: text } }] }],
    });
  });

  test('the files that documents name, normalised', () => {
    const text =
      'kind: Certificate\nname: a\ncert: ../certs/a.crt\nkey: /etc/x/../a.key\n---\n' +
      'resources: [{"@type": x, a: [{"b/c": {filename: ../../k.pem}}]}]\n';
    const { files, diagnostics } = parseFile('certificates/a.yaml', text);
    expect(diagnostics).toEqual([]);
    expect(files.map(({ path, origin }) => [path, origin.doc, origin.pointer])).toEqual([
      ['certs/a.crt', 'certificates/a.yaml#0', '/cert'],
      ['/etc/a.key', 'certificates/a.yaml#0', '/key'],
      ['../k.pem', 'certificates/a.yaml#1', '/resources/0/a/0/b~1c/filename'],
    ]);
  });

  test.each([
    ['only endpoints', 'kind: Endpoints\nname: a\nendpoints: []\n', true],
    ['a cluster beside', `kind: Endpoints\nname: a\nendpoints: []\n---\n${head}`, false],
    ['torn endpoints', 'kind: Endpoints\nname: a\nendpoints: ["10.0.0.1:8', true],
    ['torn endpoints beside', `${head}---\nkind: Endpoints\nendpoints: ["`, false],
    ['empty', '', false],
  ])('which axis: %s', (_name, text, expected) => {
    expect(parseFile('f.yaml', text).isMaterial).toBe(expected);
  });

  test('never shows a private key that was pasted', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\n    MIICsecret\n    -----END PRIVATE KEY-----';
    const text = `kind: Certificate\nname: a\ncert: x\nkey: |\n    ${pem}\nowner: |\n    ${pem}\n`;
    const { diagnostics } = parseFile('f.yaml', text);
    expect(diagnostics).toHaveLength(2);
    expect(diagnostics.map(formatDiagnostic).join()).not.toContain('MIIC');
  });

  test('shows both places of a conflict', () => {
    const [found] = parseFile('f.yaml', cluster('endpoints: ["a:1", "a:1"]')).diagnostics;
    expect(found?.related.map(({ span }) => [span.line, span.col])).toEqual([[3, 13]]);
  });
});
