import { expect, test } from 'vitest';
import { parseFile } from './index.ts';

const LISTENER = 'kind: Listener\nname: web\nport: 8080\n';
const ROUTE = 'kind: Route\nname: shop\n';
const CLUSTER = 'kind: Cluster\nname: cart\n';

const saidOf = (text: string): readonly string[] =>
  parseFile('a.yaml', text).diagnostics.map(
    ({ code, span, message }) => `${span?.line ?? 0}:${span?.col ?? 0} ${code} ${message}`,
  );

/** What people write who know NGINX, Envoy, Kubernetes or the Gateway API. */
test.each([
  [`${LISTENER}listen: 80`, '4:1 SCHEMA_UNKNOWN_FIELD', 'write port'],
  [`${LISTENER}hostname: a.example`, '4:1 SCHEMA_UNKNOWN_FIELD', 'in the hosts of a Route'],
  [`${LISTENER}rules: []`, '4:1 SCHEMA_UNKNOWN_FIELD', 'write Routes, which name it in listeners'],
  [`${LISTENER}address: 0.0.0.0:80`, '4:10 SCHEMA_IP', 'write only the address, "0.0.0.0"'],
  [`${LISTENER}address: "[::]:80"`, '4:10 SCHEMA_IP', 'write only the address, "::"'],
  [`${LISTENER}tls: {cert: a.crt}`, '4:7 SCHEMA_UNKNOWN_FIELD', 'a document of kind Certificate'],
  [`${LISTENER}http: {maxRequestHeaders: 60 kb}`, '4:27 SCHEMA_SIZE', 'write 60KiB'],
  ['kind: Listener\nspec: {port: 80}', '2:1 SCHEMA_UNKNOWN_FIELD', 'documents of helve are flat'],
  ['kind: HTTPRoute\nname: a', '1:7 SCHEMA_KIND', 'what it says is a Route here'],
  ['- kind: Listener\n  name: web', '1:1 SCHEMA_TYPE', 'write --- between documents'],
  ['static_resources: {}', '1:1 SCHEMA_REQUIRED', 'an Envoy reads its bootstrap by itself'],
  ['{{- range .x }}\nkind: Listener\n', '1:1 TEXT_NOT_EXPANDED', 'this is a template'],
  [`${ROUTE}{% if x %}\nto: a`, '3:1 TEXT_NOT_EXPANDED', 'this is a template'],
  [`${ROUTE}hostnames: [a.example]\nto: a`, '3:1 SCHEMA_UNKNOWN_FIELD', 'write hosts'],
  [`${ROUTE}backendRefs: []`, '3:1 SCHEMA_UNKNOWN_FIELD', 'write to'],
  [`${ROUTE}proxy_pass: http://a`, '3:1 SCHEMA_UNKNOWN_FIELD', 'write to: with a cluster or'],
  [`${ROUTE}prefix: /a\nto: a`, '3:1 SCHEMA_UNKNOWN_FIELD', 'write it in match or'],
  [`${ROUTE}match: {method: GET}\nto: a`, '3:9 SCHEMA_UNKNOWN_FIELD', 'did you mean "methods"?'],
  [`${ROUTE}match: {pathPrefix: /a}\nto: a`, '3:9 SCHEMA_UNKNOWN_FIELD', 'write prefix'],
  [`${ROUTE}match: {path: "/u/{id}"}\nto: a`, '3:15 SCHEMA_PATH', 'write regex: "/u/[^/]+"'],
  [`${ROUTE}match: {path: /u/:id}\nto: a`, '3:15 PATH_WILDCARD', 'write regex: "/u/[^/]+"'],
  [`${ROUTE}match: {path: /a/*}\nto: a`, '3:15 PATH_WILDCARD', 'write prefix: /a'],
  [`${ROUTE}match: {prefix: /a.*}\nto: a`, '3:17 PATH_WILDCARD', 'write prefix: /a'],
  [`${ROUTE}match: [{prefix: /a/*/b}]\nto: a`, '3:18 PATH_WILDCARD', 'write regex: "/a/.*/b"'],
  [`${ROUTE}to: {cluster: cart}`, '3:15 SCHEMA_TYPE', 'is no weight of a cluster; write e.g.'],
  [`${ROUTE}to: {a: 95%, b: 5}`, '3:9 SCHEMA_TYPE', 'is no weight of a cluster; write 95'],
  [`${ROUTE}to: a\ntimeout: 1.5s`, '4:10 SCHEMA_DURATION', 'write 1500ms'],
  [`${ROUTE}to: a\ntimeout: 30 sec`, '4:10 SCHEMA_DURATION', 'write 30s'],
  [`${ROUTE}to: a\nretry: {on: [5xx]}`, '4:9 SCHEMA_UNKNOWN_FIELD', 'write when'],
  [`${ROUTE}to: a\nretry: {when: ["5xx,reset"]}`, '4:16 SCHEMA_ENUM', '[5xx, reset]'],
  [`${ROUTE}to: a\nheaders: {set: {a: b}}`, '4:11 SCHEMA_UNKNOWN_FIELD', 'in request or response'],
  [`${ROUTE}to: a\nheaders: {request: {set: {a: $host}}}`, '4:30 TEXT_NOT_EXPANDED', '"$host"'],
  [
    `${ROUTE}to: a\nrewrite: {regex: {pattern: "(.*)", with: /a/$1}}`,
    '4:42 SCHEMA_ENUM',
    '"$1" is no group here; write \\1',
  ],
  [`${ROUTE}redirect: https://a.example`, '3:11 SCHEMA_TYPE', 'write e.g. {path: /cart}'],
  [`${CLUSTER}hosts: [a:80]`, '3:1 SCHEMA_UNKNOWN_FIELD', 'write endpoints'],
  [`${CLUSTER}lb_policy: RANDOM`, '3:1 SCHEMA_UNKNOWN_FIELD', 'write loadBalancer'],
  [`${CLUSTER}connectTimeout: 1s`, '3:1 SCHEMA_UNKNOWN_FIELD', 'write timeouts: {connect: 1s}'],
  [`${CLUSTER}endpoints: [{host: a}]`, '3:14 SCHEMA_UNKNOWN_FIELD', 'write address: host:port'],
  [`${CLUSTER}endpoints: ["a:http"]`, '3:13 SCHEMA_ADDRESS', 'write one of 1 to 65535'],
  [`${CLUSTER}endpoints: [[::1]:80]`, '3:13 YAML_KEY', 'quote the whole text that begins with ['],
  [`${CLUSTER}healthCheck: true`, '3:14 SCHEMA_TYPE', 'write e.g. {path: /cart}'],
  [`${CLUSTER}tls: {ca: ca.pem}`, '3:7 SCHEMA_UNKNOWN_FIELD', 'a document of kind Trust'],
  ['kind: NodeGroup\nname: a\nselector: {id: a}', '3:1 SCHEMA_UNKNOWN_FIELD', 'write match'],
  ['kind: NodeGroup\nname: a\nmatch: {labels: {}}', '3:9 SCHEMA_UNKNOWN_FIELD', 'write metadata'],
  [
    'kind: NodeGroup\nname: a\nmatch: {id: [a, b]}',
    '3:13 SCHEMA_TYPE',
    '; only one can stand here',
  ],
  ['kind: Trust\nname: a\nca: [a.pem]', '3:5 SCHEMA_TYPE', 'write e.g. ca.crt'],
  ['kind: Policy\nname: a\nrateLimit: off', '3:12 SCHEMA_TYPE', '; write none'],
  ['kind: Policy\nname: a\njwt: false', '3:6 SCHEMA_TYPE', '; write none'],
  ['kind: Policy\nname: a\nrateLimit: [{limit: 5/minute}]', '3:21 SCHEMA_TYPE', 'write 5/min'],
  [`${CLUSTER}http2: true`, '3:1 SCHEMA_UNKNOWN_FIELD', 'write protocol: http2'],
  ['kind: Secret\nname: a\nenv: $KEY', '3:6 NAME_INVALID', 'without $'],
  ['kind: Policy\nname: a\nlimit: 5/s', '3:1 SCHEMA_UNKNOWN_FIELD', 'write it in rateLimit'],
  ['kind: Secret\nname: a\nfile: vault://a', '3:7 SCHEMA_PATH', 'this is a URL'],
])('%j is told what to write', (text, place, words) => {
  const [first = '', ...others] = saidOf(text);
  expect(others).toEqual([]);
  expect(first.startsWith(`${place} `), first).toBe(true);
  expect(first).toContain(words);
});

test.each(['constructor', 'valueOf', 'toString'])('%s is a field like any other', (field) => {
  const [said = ''] = saidOf(`{"kind": "Cluster", "name": "a", "endpoints": [], "${field}": 1}`);
  expect(said).toMatch(field === 'constructor' ? /YAML_RESERVED_KEY/ : /SCHEMA_UNKNOWN_FIELD/);
});
