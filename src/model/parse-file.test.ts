import { describe, expect, test } from 'vitest';
import { parseFile } from './index.ts';

/** Each finding as `CODE:line:col`, in the order of the report. */
const findings = (path: string, text: string): readonly string[] =>
  parseFile(path, text).diagnostics.map(
    ({ code, span }) => `${code}:${span?.line ?? 0}:${span?.col ?? 0}`,
  );

const head = 'kind: Cluster\nname: a\n';
const listener = (rest: string): string => `kind: Listener\nname: a\nport: 80\n${rest}\n`;
const route = (rest: string): string => `kind: Route\nname: a\n${rest}\n`;
const cluster = (rest: string): string => `${head}${rest}\n`;
const to = (target: string): string => route(`to: ${target}`);
const host = (text: string): string => route(`to: b\nhosts: [${JSON.stringify(text)}]`);
const prefix = (text: string): string => route(`to: b\nmatch: {prefix: ${JSON.stringify(text)}}`);

type Row = readonly [name: string, text: string, ...found: string[]];

const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
  .concat(
    Array.from('bcdefghi').map(
      (c, i) =>
        `${c}: &${c} [${Array(9)
          .fill(`*${'abcdefgh'[i] ?? ''}`)
          .join(',')}]`,
    ),
  )
  .join('\n');

const SYNTAX: readonly Row[] = [
  ['tab', 'kind: Cluster\nname: a\ntimeouts:\n\tconnect: 1s\n', 'YAML_SYNTAX:4:1'],
  ['duplicate key', `${head}name: b\n`, 'YAML_DUPLICATE_KEY:3:1'],
  ['duplicate key below', cluster('timeouts: {idle: 1s, idle: 2s}'), 'YAML_DUPLICATE_KEY:3:22'],
  ['open quote', cluster('description: "abc'), 'YAML_SYNTAX:3:14'],
  ['open bracket', cluster('endpoints: [a:1, b:2\nprotocol: http1'), 'YAML_SYNTAX:3:12'],
  ['too deep', '['.repeat(100_000), 'YAML_TOO_DEEP:1:65'],
  ['too deep by indentation', nest(2000), 'YAML_TOO_DEEP:65:65'],
  ['alias bomb', bomb, 'SCHEMA_REQUIRED:1:1', 'YAML_ALIAS_LIMIT:7:11'],
  ['alias cycle', cluster('labels: &a {b: *a}'), 'YAML_ALIAS_CYCLE:3:16'],
  ['unquoted *.x', route('to: b\nhosts: [*.example.com]'), 'YAML_SYNTAX:4:9'],
  ['unquoted *', route('to: b\nhosts: [*]'), 'YAML_SYNTAX:4:9'],
  ['unquoted %x%', cluster('description: %REQ(x)%'), 'YAML_SYNTAX:3:14'],
  ['unquoted @x', cluster('description: @x'), 'YAML_SYNTAX:3:14'],
  ['merge key', cluster('<<: {protocol: http2}'), 'YAML_MERGE_KEY:3:1'],
  ['YAML 1.1', `%YAML 1.1\n---\n${head}`, 'YAML_VERSION:1:1'],
  ['custom tag', cluster('description: !foo x'), 'YAML_TAG:3:14'],
  ['js tag', cluster('description: !!js/function "x"'), 'YAML_TAG:3:14'],
  ['binary', cluster('description: !!binary aGk='), 'YAML_TAG:3:14'],
  ['map as key', '? {a: 1}\n: b\n', 'YAML_KEY:1:3'],
  ['template', to('{{ .Values.to }}'), 'TEXT_NOT_EXPANDED:3:6'],
  ['number as key', cluster('labels: {1: a}'), 'YAML_KEY:3:10'],
  ['__proto__', cluster('labels: {__proto__: a}'), 'YAML_RESERVED_KEY:3:10'],
  ['constructor', cluster('labels:\n  constructor: a'), 'YAML_RESERVED_KEY:4:3'],
  ['UTF-16', 'k\0i\0n\0d\0', 'FILE_ENCODING:1:2'],
  ['lone surrogate', cluster('description: \ud800'), 'FILE_ENCODING:3:14'],
  ['escaped surrogate', cluster('description: "\\ud800"'), 'FILE_ENCODING:3:14'],
  ['NUL', cluster('description: "a\0b"'), 'STRING_CONTROL_CHAR:3:16'],
  ['escaped NUL', cluster('description: "a\\0b"'), 'STRING_CONTROL_CHAR:3:14'],
  ['leading zero', 'kind: Listener\nname: a\nport: 0777\n', 'NUMBER_FORM:3:7'],
  ['1_000', 'kind: Listener\nname: a\nport: 1_000\n', 'SCHEMA_TYPE:3:7'],
  ['rounded', 'kind: Listener\nname: a\nport: 12345678901234567890\n', 'NUMBER_RANGE:3:7'],
  ['.inf', 'kind: Listener\nname: a\nport: .inf\n', 'NUMBER_FINITE:3:7'],
  ['1e400', 'kind: Listener\nname: a\nport: 1e400\n', 'NUMBER_FINITE:3:7'],
  ['yes', listener('default: yes'), 'SCHEMA_TYPE:4:10'],
  ['on', listener('default: on'), 'SCHEMA_TYPE:4:10'],
  ['empty', '', 'DOC_EMPTY:1:1'],
  ['comments', '# nothing\n---\n', 'DOC_EMPTY:1:1'],
  ['PEM', `Bag\n-----BEGIN PRIVATE KEY-----\n${'A'.repeat(64)}\n`, 'FILE_PEM:1:1'],
  ['PEM in a value', cluster('description: |\n  -----BEGIN X-----\n')],
  ['too large', '#'.repeat(4 * 1024 * 1024 + 1), 'FILE_TOO_LARGE:1:1'],
  ['too many documents', '--- {}\n'.repeat(10_001), ...manyDocuments()],
  [
    'conflict marker',
    cluster('<<<<<<< HEAD\nx: 1\n=======\n>>>>>>> b'),
    'FILE_CONFLICT_MARKER:3:1',
  ],
  ['second value', cluster('description: a: b'), 'YAML_SYNTAX:3:15'],
  ['indentation', 'kind: Cluster\n name: a\n', 'YAML_SYNTAX:2:2'],
  ['after a mark', '\uFEFFkin: Cluster\n', 'SCHEMA_REQUIRED:1:1'],
  ['CRLF', 'kind: Cluster\r\nname: a\r\nx: 1\r\n', 'SCHEMA_UNKNOWN_FIELD:3:1'],
  ['a list', '- a\n', 'SCHEMA_TYPE:1:1'],
];

const JSON_SYNTAX: readonly Row[] = [
  ['comma', '{"kind": "Cluster", "name": "a",}', 'JSON_SYNTAX:1:33'],
  ['comma in a list', '{"a": [1,]}', 'JSON_SYNTAX:1:10'],
  ['comment', '{\n// x\n"kind": "Cluster"}', 'JSON_SYNTAX:2:1'],
  ['single quotes', "{'kind': 'Cluster'}", 'JSON_SYNTAX:1:2'],
  ['a word', '{"kind": Cluster}', 'JSON_SYNTAX:1:10'],
  ['cut', '{"kind": "Clus', 'JSON_SYNTAX:1:15'],
  ['cut in a list', '[1, [2', 'JSON_SYNTAX:1:7'],
  ['two documents', '{"kind": "Cluster"}\n{}', 'JSON_SYNTAX:2:1'],
  ['bad escape', '{"a": "\\x"}', 'JSON_SYNTAX:1:8'],
  ['leading zero', '{"a": 01}', 'JSON_SYNTAX:1:8'],
  ['no colon', '{"a" 1}', 'JSON_SYNTAX:1:6'],
  ['wrong closer', '{"a": [1}', 'JSON_SYNTAX:1:9'],
  ['duplicate key', '{"kind": "Cluster",\n"name": "a",\n"name": "b"}', 'YAML_DUPLICATE_KEY:3:1'],
  ['too deep', '['.repeat(5000) + ']'.repeat(5000), 'YAML_TOO_DEEP:1:65'],
  ['1e400', '{"kind":"Listener","name":"a","port":1e400}', 'NUMBER_FINITE:1:38'],
  ['tabs', '{\t"kind":"Cluster",\n\t"name":"a",\n\t"x":1}', 'SCHEMA_UNKNOWN_FIELD:3:2'],
];

const HEADS: readonly Row[] = [
  ['no kind', 'name: a\n', 'SCHEMA_REQUIRED:1:1'],
  ['unknown kind', 'kind: Rout\nname: a\n', 'SCHEMA_KIND:1:7'],
  ['later kind', 'kind: Tenant\nname: a\n', 'SCHEMA_KIND:1:7'],
  ['no name', 'kind: Cluster\n', 'SCHEMA_REQUIRED:1:1'],
  ['null name', 'kind: Cluster\nname:\n', 'SCHEMA_NULL:2:5'],
  ['upper case', 'kind: Cluster\nname: Shop\n', 'NAME_INVALID:2:7'],
  ['..', 'kind: Cluster\nname: a/../b\n', 'NAME_INVALID:2:7'],
  ['long name', `kind: Cluster\nname: ${'a'.repeat(201)}\n`, 'NAME_INVALID:2:7'],
  ['label', cluster('labels: {a: 1}'), 'SCHEMA_TYPE:3:13'],
];

const LISTENERS: readonly Row[] = [
  ['no port', 'kind: Listener\nname: a\n', 'SCHEMA_REQUIRED:1:1'],
  ['port 0', 'kind: Listener\nname: a\nport: 0\n', 'SCHEMA_RANGE:3:7'],
  ['port 65536', 'kind: Listener\nname: a\nport: 65536\n', 'SCHEMA_RANGE:3:7'],
  ['port "80"', 'kind: Listener\nname: a\nport: "80"\n', 'SCHEMA_TYPE:3:7'],
  ['unknown', listener('adress: 0.0.0.0'), 'SCHEMA_UNKNOWN_FIELD:4:1'],
  ['unknown for missing', 'kind: Listener\nname: a\nprot: 80\n', 'SCHEMA_UNKNOWN_FIELD:3:1'],
  [
    'unknown in a rule',
    route('rules:\n- {too: b}\n- {}'),
    'SCHEMA_UNKNOWN_FIELD:4:4',
    'SCHEMA_ONE_OF:5:3',
  ],
  [
    'unknown in a match',
    route('rules:\n- {match: {prefx: /}, to: b}'),
    'SCHEMA_UNKNOWN_FIELD:4:12',
  ],
  ['later field', listener('accessLog: []'), 'SCHEMA_UNKNOWN_FIELD:4:1'],
  ['two destinations', listener('proxyProtocol: true\noriginalDst: true'), 'PROTOCOL_CONFLICT:5:1'],
  [
    'destination of UDP',
    listener('protocol: udp\nto: a\noriginalDst: true'),
    'PROTOCOL_CONFLICT:6:1',
  ],
  ['PROXY of UDP', listener('protocol: udp\nto: a\nproxyProtocol: true'), 'PROTOCOL_CONFLICT:6:1'],
  ['quic', listener('protocol: quic'), 'SCHEMA_ENUM:4:11'],
  ['name as address', listener('address: localhost'), 'SCHEMA_IP:4:10'],
  ['zeros', listener('address: 010.0.0.1'), 'SCHEMA_IP:4:10'],
  ['short IP', listener('address: 1.2.3'), 'SCHEMA_IP:4:10'],
  ['zone', listener('address: "fe80::1%eth0"'), 'SCHEMA_IP:4:10'],
  ['mapped', listener('address: "::ffff:10.0.0.1"'), 'SCHEMA_IP:4:10'],
  ['https alone', listener('protocol: https'), 'TLS_NO_CERT:4:11'],
  ['http with tls', listener('protocol: http\ntls: {certificates: [a]}'), 'PROTOCOL_CONFLICT:4:11'],
  ['no certificate', listener('tls: {}'), 'TLS_NO_CERT:4:1'],
  ['default', listener('tls: {certificates: [shop], default: shp}'), 'SCHEMA_ENUM:4:38'],
  ['twice', listener('tls: {certificates: [a, a]}'), 'SCHEMA_DUPLICATE:4:25'],
  ['number', listener('tls: {certificates: [a], minVersion: 1.2}'), 'SCHEMA_TYPE:4:38'],
  ['too old', listener('tls: {certificates: [a], minVersion: "1.1"}'), 'SCHEMA_ENUM:4:38'],
  ['no nodes', listener('nodes: []'), 'SCHEMA_RANGE:4:8'],
];

const ROUTES: readonly Row[] = [
  ['no action', route('hosts: [a.example]'), 'SCHEMA_ONE_OF:1:1'],
  ['two actions', route('to: b\nredirect: {path: /x}'), 'SCHEMA_ONE_OF:4:1'],
  ['rules and to', route('to: b\nrules: [{to: c}]'), 'SCHEMA_ONE_OF:3:1'],
  ['no rules', route('rules: []'), 'SCHEMA_RANGE:3:8'],
  [
    'every rule',
    route('rules:\n- {name: A, to: b}\n- {to: c, wieght: 1}\n- {respond: {status: 99}}\n- {}'),
    'NAME_INVALID:4:10',
    'SCHEMA_UNKNOWN_FIELD:5:11',
    'SCHEMA_RANGE:6:22',
    'SCHEMA_ONE_OF:7:3',
  ],
  [
    'equal names',
    route('rules:\n- {name: x, match: {path: /a}, to: b}\n- {name: x, to: b}'),
    'NAME_DUPLICATE:5:10',
  ],
  ['equal rules', route('rules:\n- {to: b}\n- {name: x, to: c}'), 'ROUTE_CONFLICT:5:3'],
  ['rewrite.prefix', route('match: {path: /a}\nto: b\nrewrite: {prefix: /}'), 'SCHEMA_ONE_OF:5:11'],
  ['no rewrite', route('to: b\nrewrite: {}'), 'SCHEMA_ONE_OF:4:10'],
  ['idle timeout', route('redirect: {path: /a}\ntimeout: 3s'), 'SCHEMA_ONE_OF:4:1'],
  ['redirect code', route('redirect: {path: /a, code: 300}'), 'SCHEMA_ENUM:3:28'],
  ['to itself', route('redirect: {code: 301}'), 'SCHEMA_ONE_OF:3:11'],
  ['status', route('respond: {status: 700}'), 'SCHEMA_RANGE:3:19'],
  ['body', route(`respond: {status: 200, body: ${'é'.repeat(32_769)}}`), 'SCHEMA_RANGE:3:30'],
  ['equal hosts', route('to: b\nhosts: [a.example, A.example]'), 'SCHEMA_DUPLICATE:4:20'],
  ['later field', route('to: b\nsession: {}'), 'SCHEMA_UNKNOWN_FIELD:4:1'],
  ...['5', '"5"', '-1s', '1y', '0.0001ms', '0s', '4000d', '1h30m'].map((text): Row => [
    `timeout ${text}`,
    route(`to: b\ntimeout: ${text}`),
    'SCHEMA_DURATION:4:10',
  ]),
  ...[
    ['http://a.example', 'a b', '_', 'a.*.com', '*x.com', 'api.*', '*.', '*.*.a'],
    ['a.example:80', 'a..b', 'a.', '-a.b', `${'x'.repeat(64)}.b`, 'a.'.repeat(130), 'a/b'],
  ]
    .flat()
    .map((text): Row => [`host ${text}`, host(text), 'SCHEMA_HOST:4:9']),
  ...['1.2.3', '010.0.0.1'].map((text): Row => [`host ${text}`, host(text), 'SCHEMA_IP:4:9']),
  ...[
    ['a', '/a?x', '/a#x', '/%2e%2e/a', '//a', '/a//b', '/a/../b', '/a/', '/a%', '/a%zz'],
    ['/a%2Fb', '/a b', '/é', '/{id}', '/a\\b', '/%41', ''],
  ]
    .flat()
    .map((text): Row => [`prefix ${text}`, prefix(text), 'SCHEMA_PATH:4:17']),
];

const TARGETS: readonly Row[] = [
  ...['::1', '::1:80', '10.0.0.1:0', '10.0.0.1:65536', 'unix:x', 'http://a.example', 'x@y:80']
    .concat(['https://a.example/v1', 'https://10.0.0.1', 'a.example:'])
    .map((text): Row => [text, to(JSON.stringify(text)), 'SCHEMA_ADDRESS:3:5']),
  ...['010.0.0.1:80', '1.2.3:80', '[::ffff:10.0.0.1]:80', '[2001:DB8::1]:80'].map((text): Row => [
    text,
    to(JSON.stringify(text)),
    'SCHEMA_IP:3:5',
  ]),
  ['bad name', to('Cart'), 'NAME_INVALID:3:5'],
  ['bad names', to('{Cart: 1}'), 'NAME_INVALID:3:6'],
  ['sum 0', to('{a: 0, b: 0}'), 'WEIGHT_SUM:3:5'],
  ['sum too large', to('{a: 4294967295, b: 1}'), 'WEIGHT_SUM:3:5'],
  ['negative', to('{a: -1}'), 'SCHEMA_RANGE:3:9'],
  ['text', to('{a: "1"}'), 'SCHEMA_TYPE:3:9'],
  ['names without weights', to('[a, b]'), 'SCHEMA_TYPE:3:6', 'SCHEMA_TYPE:3:9'],
  ['twice', to('["10.0.0.5:80", "10.0.0.5:80"]'), 'SCHEMA_DUPLICATE:3:21'],
  ['mixture', to('[{cluster: a}, "b:1"]'), 'SCHEMA_ONE_OF:3:5'],
  ['a number', to('5'), 'SCHEMA_TYPE:3:5'],
];

const CLUSTERS: readonly Row[] = [
  [
    'each endpoint',
    cluster('endpoints: [{adress: "a:1"}, 5, "x", {address: "b:2", weight: 0}]'),
    'SCHEMA_UNKNOWN_FIELD:3:14',
    'SCHEMA_TYPE:3:30',
    'SCHEMA_ADDRESS:3:33',
    'SCHEMA_RANGE:3:63',
  ],
  ['twice', cluster('endpoints: ["a:1", {address: "A:1"}]'), 'SCHEMA_DUPLICATE:3:20'],
  ['mixture', cluster('endpoints: ["a:1", "unix:/x"]'), 'PROTOCOL_CONFLICT:3:20'],
  ['null', cluster('endpoints:'), 'SCHEMA_NULL:3:10'],
  ['later protocol', cluster('protocol: http3'), 'SCHEMA_ENUM:3:11'],
  ['two probes', cluster('healthCheck: {path: /, tcp: true}'), 'SCHEMA_ONE_OF:3:14'],
  ['a probe of no kind', cluster('healthCheck: {interval: 1s}'), 'SCHEMA_ONE_OF:3:14'],
  ['host without path', cluster('healthCheck: {tcp: true, host: a}'), 'SCHEMA_ONE_OF:3:26'],
  ['grpc probe of http1', cluster('healthCheck: {grpc: {}}'), 'PROTOCOL_CONFLICT:3:1'],
  ['close without check', cluster('onUnhealthy: close'), 'PROTOCOL_CONFLICT:3:1'],
  [
    'keys of random',
    cluster('loadBalancer: {type: random, by: [clientAddress]}'),
    'PROTOCOL_CONFLICT:3:30',
  ],
  ['slow maglev', cluster('loadBalancer: {type: maglev, slowStart: 1s}'), 'PROTOCOL_CONFLICT:3:30'],
  [
    'zones of maglev',
    cluster('loadBalancer: {type: maglev, zoneAware: {local: b}}'),
    'PROTOCOL_CONFLICT:3:30',
  ],
  [
    'zones and weights',
    cluster('loadBalancer: {type: random, localityWeight: [{weight: 1}], zoneAware: {local: b}}'),
    'PROTOCOL_CONFLICT:3:61',
  ],
  [
    'zones of nobody',
    cluster('loadBalancer: {type: random, zoneAware: {}}'),
    'SCHEMA_REQUIRED:3:41',
  ],
  [
    'a locality twice',
    cluster('loadBalancer: {type: random, localityWeight: [{weight: 1}, {weight: 2}]}'),
    'SCHEMA_DUPLICATE:3:60',
  ],
  [
    'no share at all',
    cluster('loadBalancer: {type: random, localityWeight: [{zone: a, weight: 0}]}'),
    'WEIGHT_SUM:3:46',
  ],
  [
    'shares beyond the limit',
    cluster(
      'loadBalancer: {type: random, localityWeight: [{zone: a, weight: 4294967295}, {weight: 1}]}',
    ),
    'WEIGHT_SUM:3:46',
  ],
  ['balancer word', cluster('loadBalancer: fastest'), 'SCHEMA_ENUM:3:15'],
  ['members beside endpoints', cluster('members: [b]\nendpoints: []'), 'PROTOCOL_CONFLICT:4:1'],
  [
    'a choice of one',
    cluster('originalDestination: true\nendpoints: []\nloadBalancer: random'),
    'PROTOCOL_CONFLICT:4:1',
    'PROTOCOL_CONFLICT:5:1',
  ],
  ['a member twice', cluster('members: [b, b]'), 'SCHEMA_DUPLICATE:3:14'],
  ['auto without tls', cluster('protocol: auto'), 'PROTOCOL_CONFLICT:3:1'],
  [
    'trust that is not looked at',
    cluster('tls: {trust: a, verify: none}'),
    'PROTOCOL_CONFLICT:3:7',
  ],
  ['no name to verify', cluster('tls: {verify: [a b]}'), 'SCHEMA_HOST:3:16'],
  ['later field', cluster('aws: {}'), 'SCHEMA_UNKNOWN_FIELD:3:1'],
  ['no endpoints', 'kind: Endpoints\nname: a\n', 'SCHEMA_REQUIRED:1:1'],
];

const OTHERS: readonly Row[] = [
  ['no key', 'kind: Certificate\nname: a\ncert: x\n', 'SCHEMA_REQUIRED:1:1'],
  ['dir and cert', 'kind: Certificate\nname: a\ncert: x\ndir: y\n', 'SCHEMA_ONE_OF:3:1'],
  ['no match', 'kind: NodeGroup\nname: a\nmatch: {}\n', 'SCHEMA_REQUIRED:3:8'],
  ['every version', 'kind: NodeGroup\nname: a\nmatch: {version: {}}\n', 'SCHEMA_REQUIRED:3:18'],
  ['a word', 'kind: NodeGroup\nname: a\nmatch: {version: {from: new}}\n', 'SCHEMA_TYPE:3:25'],
  ['a *', 'kind: NodeGroup\nname: a\nmatch: {extensions: [a.*]}\n', 'SCHEMA_ENUM:3:22'],
  ['nothing', 'kind: NodeGroup\nname: a\nmatch: {features: []}\n', 'SCHEMA_RANGE:3:19'],
  ['a number', 'kind: NodeGroup\nname: a\nmatch: {id: x}\nenvoy: 1.40\n', 'SCHEMA_TYPE:4:8'],
  ['too old', 'kind: NodeGroup\nname: a\nmatch: {id: x}\nenvoy: "1.30"\n', 'SCHEMA_RANGE:4:8'],
  ['later', 'kind: NodeGroup\nname: a\nmatch: {id: x}\nrollout: {}\n', 'SCHEMA_UNKNOWN_FIELD:4:1'],
  ['no list', 'resources:\n', 'SCHEMA_NULL:1:10'],
  [
    'items',
    'resources: [a, {}, {"@type": 5}]',
    'SCHEMA_TYPE:1:13',
    'SCHEMA_REQUIRED:1:16',
    'SCHEMA_TYPE:1:30',
  ],
  ['extra field', 'resources: []\nfoo: 1\n', 'SCHEMA_UNKNOWN_FIELD:2:1'],
  ['bad number', 'resources:\n- "@type": x\n  v: 0777\n', 'NUMBER_FORM:3:6'],
];

describe.each([
  ['YAML', 'f.yaml', SYNTAX],
  ['JSON', 'f.json', JSON_SYNTAX],
  ['heads', 'f.yaml', HEADS],
  ['Listener', 'f.yaml', LISTENERS],
  ['Route', 'f.yaml', ROUTES],
  ['to', 'f.yaml', TARGETS],
  ['Cluster', 'f.yaml', CLUSTERS],
  ['other kinds', 'f.yaml', OTHERS],
] as const)('refuses: %s', (_group, path, rows) => {
  test.each(rows.map(([name, text, ...found]) => ({ name, text, found })))('$name', (row) => {
    expect(findings(path, row.text)).toEqual(row.found);
  });
});

function nest(levels: number): string {
  return Array.from({ length: levels }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
}

function manyDocuments(): readonly string[] {
  return Array.from({ length: 99 }, (_, i) => `SCHEMA_REQUIRED:${i + 1}:5`).concat([
    'FILE_TOO_LARGE:10002:1',
  ]);
}

test.each(['a.YAML', 'x/a.Yml', 'a.JSON'])('%s is not read, and says so', (path) => {
  const { documents, diagnostics } = parseFile(path, 'kind: Cluster\nname: a\n');
  expect(documents).toEqual([]);
  expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([
    ['FILE_NAME', 'warning'],
  ]);
});

test.each(['-----BEGIN PRIVATE KEY-----\nMIIE', `MIIE${'x'.repeat(70)}`, 'MIIE+/=='])(
  'shows no field that was pasted: %j',
  (key) => {
    const { diagnostics } = parseFile('a.yaml', `${head}${JSON.stringify(key)}: x\n`);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^the field \(a name that is not shown\) does not exist here; known /),
    ]);
  },
);

test('what looks like a key of some service is in no message, as a field or twice', () => {
  const token = ['sk-', 'live-4eC39HqLyjWDarjt'].join('');
  const said = (text: string): readonly string[] =>
    parseFile('a.yaml', text).diagnostics.flatMap(({ message, related }) => [
      message,
      ...related.map((one) => one.message),
    ]);
  expect(said(`${head}${token}: x\n`)).toEqual([
    expect.stringMatching(/^the field \(a name that is not shown\) does not exist here; known /),
  ]);
  expect(said(`${head}labels: {${token}: x, ${token}: y}\n`).slice(0, 2)).toEqual([
    'the key "[redacted]" stands twice in this map; keep one of the two',
    '"[redacted]" first stands here',
  ]);
  expect(said(`${head}endpoints: ${token}\n`).join()).not.toContain(token);
});
