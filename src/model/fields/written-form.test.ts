import { expect, test } from 'vitest';
import { isMap, type Json } from '../json.ts';
import { KIND_NAMES, kindSchema } from '../json-schema.ts';
import { KINDS, type KindName } from '../kinds/table.ts';
import { parseFile } from '../parse-file.ts';
import { formsOf } from './written-form.ts';

const messagesOf = (text: string): readonly string[] =>
  parseFile('a.yaml', text).diagnostics.map(({ message }) => message);

const RULE = 'kind: Route\nname: a\nrules:\n  - ';

test.each([
  ['kind: Listener\nname: a\nport: 1\nrateLimit: 3/s', '; write e.g. [{limit: 3/s}]'],
  ['kind: Listener\nname: a\nport: 1\nrateLimit: [3/s]', '; write e.g. {limit: 3/s}'],
  ['kind: Listener\nname: a\nport: 1\nrateLimit: {limit: 3/s}', '; write e.g. [{limit: 100/s}]'],
  [
    'kind: Listener\nname: a\nport: 1\njwt: {issuer: i, jwks: k.json}',
    '; write e.g. {file: k.json}',
  ],
  ['kind: Listener\nname: a\nport: 1\nauthorize: 10.0.0.0/8', '[{address: 10.0.0.0/8}]}'],
  [
    'kind: Listener\nname: a\nport: 1\nheaders: 5',
    '; write e.g. {request: {set: {<name>: <text>}}}',
  ],
  ['kind: Listener\nname: a\nport: 1\ntls: shop', '; write e.g. {certificates: [shop]}'],
  ['kind: Listener\nname: a\nport:', 'write a value, e.g. 8080'],
  ['kind: Endpoints\nendpoints: [a:80]', 'is missing; add it, e.g. name: shop'],
  ['kind: Endpoints\nname: a', 'add it, e.g. endpoints: [cart.internal:8080]'],
  ['kind: Endpoints\nname: a\nendpoints: b:80', '; write e.g. [b:80]'],
  ['kind: Route\nname: a\nto: b\npolicies: []', 'must not be empty; write e.g. [shop]'],
  ['kind: Cluster\nname: a\nendpoints: [a:80]\ntimeouts: 3s', '; write e.g. {connect: 3s}'],
  ['kind: Route\nname: a\nhosts: a.example\nto: b', '; write e.g. [a.example]'],
  ['kind: Route\nname: a\nlisteners: web\nto: b', '; write e.g. [web]'],
  [`${RULE}{name: b, to: c, match: /d}`, '; write e.g. {path: /d}'],
  [`${RULE}{name: b, to: 5}`, '; write e.g. cart'],
  [`${RULE}{name: b, to: c, retry: 3}`, '; write e.g. {times: 3}'],
])('%j says %j', (text, said) => {
  expect(messagesOf(text).join('\n')).toContain(said);
});

/** Values that no field takes, each wrong in its own way. */
const WRONG: readonly Json[] = [7.5, 'x y', [[1.5]], { zz: 1.5 }];

const fieldsOf = (kind: KindName): readonly string[] => {
  const { properties } = kindSchema(kind);
  return Object.keys(isMap(properties) ? properties : {}).filter((key) => key !== 'kind');
};

const rows = KIND_NAMES.flatMap((kind) => fieldsOf(kind).map((key) => [kind, key] as const));

test.each(rows)('%s: %s of a wrong form is told how to be written', (kind, key) => {
  for (const value of WRONG) {
    const told = messagesOf(JSON.stringify({ kind, name: 'a', [key]: value }));
    // What is a text, and what is one of a few words, is said by that alone.
    const others = told.filter((one) => /^expected (?!a string, |one of )/.test(one));
    for (const message of others) expect(message).toContain('; ');
  }
});

test.each(rows)('%s: what is shown for %s can be written', (kind, key) => {
  const form = formsOf(KINDS[kind].schema).at([key], null);
  if (form === null) return;
  const found = parseFile('a.yaml', `kind: ${kind}\nname: a\n${key}: ${form}\n`).diagnostics;
  const line = key === 'name' ? 2 : 3;
  const own = found.filter(({ span, code }) => span?.line === line && SHAPE_CODES.has(code));
  expect(own.map(({ message }) => `${form}: ${message}`)).toEqual([]);
});

const SHAPE_CODES: ReadonlySet<string> = new Set([
  ...['SCHEMA_TYPE', 'SCHEMA_REQUIRED', 'SCHEMA_UNKNOWN_FIELD', 'SCHEMA_ENUM', 'SCHEMA_NULL'],
  ...['SCHEMA_RANGE', 'SCHEMA_ADDRESS', 'SCHEMA_DURATION', 'SCHEMA_HOST', 'SCHEMA_PATH'],
]);

test('a private key that was pasted is not shown again', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n';
  const text = JSON.stringify({ kind: 'Listener', name: 'a', port: 1, jwt: pem });
  expect(messagesOf(text).join()).not.toContain('MIIE');
});
