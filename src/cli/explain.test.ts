import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { readAsked } from './asked-request.ts';
import { runHere } from '../../test/support/run-here.ts';

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'helve-explain-'));
  await writeFile(join(cwd, 'gateway.yaml'), TEXT);
  await writeFile(join(cwd, 'keys.json'), KEYS);
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const KEYS = `{"keys": [{"kty": "EC", "crv": "P-256", "kid": "a",
  "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`;

const TEXT = `kind: Listener
name: web
port: 8080
jwt: {issuer: https://id.example, jwks: {file: keys.json}}
headers: {request: {set: {x-a: b}}}
---
kind: Route
name: shop
listeners: [web]
hosts: ['*']
rateLimit: [{limit: 3/s}]
rules:
  - name: open
    match: {path: /open}
    jwt: none
    to: a:80
  - name: split
    match: {path: /split}
    to:
      - {cluster: one, weight: 1}
      - {cluster: two, weight: 1, authorize: {deny: [{address: 10.0.0.0/8}]}}
---
kind: Route
name: told
listeners: [web]
hosts: [told.test]
sticky: {header: x-user-id}
rules:
  - match: {prefix: /api}
    to: {one: 95, two: 5}
    rewrite: {prefix: /v2}
    hedge: {after: 1s}
---
kind: Route
name: claims
listeners: [web]
hosts: [Claims.test]
jwt:
  issuer: house
  jwks: {file: keys.json}
  claimToHeaders: {tier: x-tier}
rules:
  - {name: claims, match: {prefix: /c, jwt: {a: b}}, to: two}
  - {name: token, match: {prefix: /z, headers: {authorization: {present: true}}}, to: two}
  - {name: gold, match: {prefix: /t, headers: {x-tier: gold}}, to: two}
  - {name: rest, to: one}
---
kind: Route
name: guarded
listeners: [web]
hosts: [guarded.test]
rules:
  - match: {headers: {x-token: LEAK}, query: {apikey: {prefix: LEAK}}}
    to: one
    headers: {request: {set: {authorization: LEAK}}}
  - to: two
---
kind: Listener
name: plain
port: 8082
redirectToHttps: true
---
kind: Cluster
name: one
endpoints: [a:80]
---
kind: Cluster
name: two
endpoints: [b:80]
`;

const explain = async (...args: readonly string[]): Promise<string> =>
  (await runHere(cwd, ['explain', 'route', ...args])).out;

test('what may refuse a request is named with its answer and its place', async () => {
  const out = await explain('http://a:8080/split');
  expect(out).toMatch(/^policy +headers +listener "web" +gateway.yaml:5:10$/m);
  expect(out).toMatch(/^may refuse +jwt {2}with 401 or 403 +listener "web" +gateway.yaml:4:6$/m);
  expect(out).toMatch(/^ +rateLimit {2}with 429 +route "shop" +gateway.yaml:11:12$/m);
  expect(out).toMatch(/^ +two {2}50% .*may refuse it by authorize.* gateway.yaml:21:/m);
});

test('a redirect of a listener is called what it is', async () => {
  const out = await explain('http://a:8082/x');
  expect(out).toMatch(/redirectToHttps of "?plain/);
});

test('what is switched off refuses nothing', async () => {
  const out = await explain('http://a:8080/open');
  expect(out).toMatch(/^policy .*\n +jwt: none +rule "open" +gateway.yaml:15:10$/m);
  expect(out).toMatch(/^may refuse +rateLimit/m);
});

test('JSON has the answers', async () => {
  const policy = z.object({ key: z.string(), refusals: z.array(z.number()) });
  const shape = z.object({ taken: z.object({ policies: z.array(policy) }) });
  const { taken } = shape.parse(JSON.parse(await explain('http://a:8080/open', '-o', 'json')));
  expect(taken.policies).toEqual([
    { key: 'headers', refusals: [] },
    { key: 'jwt', refusals: [] },
    { key: 'rateLimit', refusals: [429] },
  ]);
});

test.each([[[]], [['-o', 'json']]])(
  'credentials of documents are not printed %j',
  async (flags) => {
    for (const sent of ['LEAK', 'x']) {
      const url = `http://guarded.test:8080/?apikey=${sent}`;
      const out = await explain(url, '-H', 'x-token: LEAK', ...flags);
      expect(out).toContain(sent === 'LEAK' ? 'one' : 'two');
      // What was asked is the user's own.
      expect(
        out
          .split(url)
          .join('')
          .replace(/"x-token": \[\s*"LEAK"|apikey=LEAK/g, ''),
      ).not.toContain('LEAK');
    }
  },
);

test('sticky, hedge and rewrite are named with their lines', async () => {
  const out = await explain('http://told.test:8080/api/x');
  const line = (words: string): number =>
    1 + TEXT.slice(0, TEXT.indexOf(words)).split('\n').length - 1;
  expect(out).toMatch(new RegExp(`^hedge +{after: 1s} +gateway.yaml:${line('hedge:')}:\\d+$`, 'm'));
  expect(out).toMatch(
    new RegExp(`^rewrite +{prefix: /v2} +gateway.yaml:${line('rewrite:')}:\\d+$`, 'm'),
  );
  const sticky = `^sticky +{header: x-user-id} +document +gateway.yaml:${line('sticky:')}:\\d+$`;
  expect(out).toMatch(new RegExp(sticky, 'm'));
  expect(out).toMatch(new RegExp(`^retry +.*1s each +gateway.yaml:${line('hedge:')}:\\d+$`, 'm'));
});

test.each<[path: string, headers: readonly string[], unsure: readonly string[]]>([
  ['/c', [], ['claims']],
  ['/z', ['authorization: Bearer x'], ['token']],
  // What is not there is not taken away.
  ['/z', [], []],
  ['/t', ['x-tier: gold'], ['gold']],
  ['/t', [], ['gold']],
  ['/', ['x-tier: gold'], []],
])('what jwt changes decides nothing yet: %s %j', async (path, headers, unsure) => {
  const flags = headers.flatMap((header) => ['-H', header]);
  const out = await explain(`http://claims.test:8080${path}`, ...flags, '-o', 'json');
  const rule = z.object({ rule: z.string(), takes: z.boolean().nullable() });
  const { before, taken } = z
    .object({ before: z.array(rule), taken: rule.pick({ rule: true }) })
    .parse(JSON.parse(out));
  expect(before.filter(({ takes }) => takes === null).map((one) => one.rule)).toEqual(unsure);
  expect(taken.rule).toBe('rest');
});

test.each([
  ['http://A.TEST:8080/x', 'A.TEST', 'a.test'],
  ['http://[::1]:8080/', '[::1]', ''],
  ['http://u@A.test/', 'A.test', 'a.test'],
])('the host of %s is as it is written', (url, host, sni) => {
  expect(readAsked([url], { header: [] }).asked).toMatchObject({ host, sni });
});
