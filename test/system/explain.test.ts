import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Taken } from '../../src/compile/index.ts';
import type { Upstream } from '../support/upstream.mjs';
import { clusterText, listenerText } from './support/documents.ts';
import { explainer, ruleIn } from './support/explainer.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { until } from './support/until.ts';

// What `explain route` says of hosts, paths, rewrites and redirects, against what an Envoy does.
let rig: Rig;
let port: number;
let upstream: Upstream;
let explain: Awaited<ReturnType<typeof explainer>>;

const ROUTES = `
kind: Route
name: shop
hosts: [shop.test, "*.shop.test"]
rules:
- {name: exact, match: {path: /exact}, to: up, rewrite: {path: /a/b}}
- {name: cut, match: {prefix: /cut}, to: up, rewrite: {prefix: /}}
- {name: moved, match: {prefix: /moved}, to: up, rewrite: {prefix: /to/there}}
- {name: swapped, match: {prefix: /swap}, to: up, rewrite: {regex: {pattern: "^/swap/([a-z]+)/([a-z]+)", with: '/\\2/\\1'}}}
- {name: cased, match: {path: /Cased, ignoreCase: true}, to: up}
- {name: word, match: {regex: '/w[[:digit:]]{2,3}\\.(?:html|txt)'}, to: up}
- {name: encoded, match: {prefix: /query, query: {q: "a%20b"}}, to: up}
- {name: plain, match: {prefix: /query, query: {q: "a b"}}, to: up}
- {name: tier, match: {prefix: /cookie, cookies: {tier: gold}}, to: up}
- {name: rest, to: up}
---
kind: Route
name: deep
hosts: ["*.deep.shop.test"]
to: up
---
kind: Route
name: any
rules:
- {name: old, match: {prefix: /old}, redirect: {prefix: /new}}
- {name: gone, match: {path: /gone}, redirect: {path: "/here?x=1", code: 302}}
- {name: away, match: {prefix: /away}, redirect: {host: other.test, scheme: https}}
- {name: ported, match: {prefix: /ported}, redirect: {port: 8443, scheme: https}}
- {name: closed, match: {prefix: /closed}, respond: {status: 403}}
`;

interface Seen {
  readonly status: number;
  readonly rule: string;
  /** As the upstream got it. */
  readonly path: string | null;
  readonly location: string | null;
}

/** Node's own client leaves paths as they are. */
function ask(target: string, headers: Readonly<Record<string, string>>): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: '127.0.0.1', port, path: target, headers, agent: false },
      (got) => {
        let body = '';
        got.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        got.once('end', () => {
          const path = got.headers['x-upstream'] === undefined ? null : body.trim().split(' ')[1];
          const location = got.headers.location ?? null;
          const rule = String(got.headers['x-rule'] ?? 'none');
          resolve({ status: got.statusCode ?? 0, rule, path: path ?? null, location });
        });
      },
    );
    sent.once('error', reject);
    sent.end();
  });
}

beforeAll(async () => {
  rig = await createRig();
  port = await freePort();
  upstream = await rig.upstream('up');
  // Each answer names its route.
  const named = 'headers: {response: {set: {x-rule: "%ROUTE_NAME%"}}}\n';
  await rig.write('web.yaml', listenerText('web', port) + named);
  await rig.write('up.yaml', clusterText('up', [upstream]));
  await rig.write('routes.yaml', ROUTES);
  await rig.startHelve();
  await rig.helve.ready();
  await rig.startEnvoy();
  await rig.inStep();
  explain = await explainer(rig.dir);
  await until('it answers', async () => {
    return (await ask('/closed', { host: 'x.test' })).status === 403 ? true : null;
  });
});
afterAll(() => rig.close());

const REQUESTS: readonly (readonly [host: string, target: string, cookie?: string])[] = [
  ['shop.test', '/exact?x=1'],
  ['SHOP.test', '/exact'],
  ['a.shop.test', '/cut/c/d?e'],
  ['shop.test', '/cut'],
  ['shop.test', '/cutter'],
  ['shop.test', '/moved/x/'],
  ['shop.test', '/swap/one/two/three'],
  ['shop.test', '/cASED'],
  ['shop.test', '/w12.html'],
  ['shop.test', '/w1234.html'],
  ['shop.test', '/query?q=a%20b'],
  ['shop.test', '/query?q=a+b'],
  ['shop.test', '/query?p=1&q=a%20b&q=2'],
  ['shop.test', '/query?q=A%20b'],
  ['shop.test', '/cookie', 'a=b; tier=gold'],
  ['shop.test', '/cookie', 'tier=golden'],
  ['x.deep.shop.test', '/cut/c'],
  ['deep.shop.test', '/cut/c'],
  ['shop.test', '//cut///c'],
  ['shop.test', '/x/../cut/./c'],
  ['shop.test', '/%63ut/c%21'],
  ['shop.test', '/x/%2e%2e/cut/c'],
  ['shop.test', '/cut%2Fc'],
  ['other.test', '/old/a?b=c'],
  ['other.test', '/older'],
  ['other.test', '/gone?q=1'],
  ['other.test', '/away/x?q=1'],
  ['other.test', '/ported/x'],
  ['other.test', '/closed/x'],
  ['other.test', '/nothing'],
];

it.each(REQUESTS)('%s%s', async (host, target = '', cookie = '') => {
  const headers: Record<string, string> = cookie === '' ? {} : { cookie };
  const seen = await ask(target, { host: `${host}:${port}`, ...headers });
  const explained = explain({ method: 'GET', url: `http://${host}:${port}${target}`, headers });
  if (explained.kind === 'answered') {
    expect([seen.status, seen.rule]).toEqual([explained.status, 'none']);
    return;
  }
  const taken = explained.kind === 'routed' ? explained.taken : null;
  const rule = taken === null ? 'none' : `${taken.document ?? ''}#${ruleIn(explained)}`;
  expect(seen.rule).toBe(rule);
  expect(seen).toEqual({ rule, path: null, location: null, ...answerOf(taken) });
});

/** What is said to come back, as far as the table looks at it. */
function answerOf(taken: Taken | null): Partial<Seen> {
  const outcome = taken?.outcome ?? null;
  if (outcome === null) return { status: 404 };
  if (outcome.kind === 'forward') return { status: 200, path: outcome.path };
  if (outcome.kind === 'other') return {};
  const { status } = outcome;
  return outcome.kind === 'redirect' ? { status, location: outcome.location } : { status };
}
