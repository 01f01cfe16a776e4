import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seeded } from '../simulation/random.ts';
import {
  askedFrom,
  orderedDocuments,
  orderedText,
  winnerOf,
  type Asked,
  type OrderedDocument,
} from '../support/ordered-routes.ts';
import { clusterText, listenerText } from './support/documents.ts';
import { explainer, ruleIn, type Question } from './support/explainer.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { until } from './support/until.ts';

// Rules that a seed makes, each answering with its name, against a plain reading of the order. A
// difference prints the seed; SEED=… repeats it.
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const REQUESTS = 800;

interface Side {
  /** Of its documents and of its listener. */
  readonly name: string;
  readonly hosts: readonly string[];
  readonly asked: readonly string[];
  readonly isSharded: boolean;
}

/** A sharded listener takes no wildcards. */
const SIDES: readonly Side[] = [
  {
    name: 'web',
    hosts: ['*', '*.test', '*.b.test', 'a.test', 'b.test', 'a.b.test'],
    asked: ['a.test', 'A.test:8080', 'b.test', 'a.b.test', 'z.b.test', 'z.test', 'z.z'],
    isSharded: false,
  },
  {
    name: 'sharded',
    hosts: ['a.test', 'b.test', 'c.test', 'd.test', 'e.test'],
    asked: ['a.test', 'b.test:8080', 'c.test', 'd.test', 'e.test', 'z.test'],
    isSharded: true,
  },
];

const random = seeded(seed);
const documents = new Map<string, readonly OrderedDocument[]>(
  SIDES.map(({ name, hosts }) => [
    name,
    orderedDocuments(random, { prefix: name, documents: 5, rules: 70, hosts }),
  ]),
);

let rig: Rig;
let port: number;
const ports = new Map<string, number>();

/** The same request for Envoy and for what explains it. */
function question(to: number, { host, path, method, headers, query, cookies }: Asked): Question {
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`);
  const search = new URLSearchParams(query).toString();
  return {
    method,
    url: `http://127.0.0.1:${to}${path}${search && `?${search}`}`,
    headers: { ...headers, host, ...(cookie.length === 0 ? {} : { cookie: cookie.join('; ') }) },
  };
}

/** As it stands: `fetch` would not say another host. */
const ask = ({ url, ...options }: Question): Promise<string> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(url, options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => (text += part));
      answer.on('end', () => {
        resolve(answer.statusCode === 404 ? 'none' : text);
      });
    });
    request.on('error', reject);
    request.end();
  });

beforeAll(async () => {
  rig = await createRig();
  const [a, b] = [await rig.upstream('a'), await rig.upstream('b')];
  const texts = [clusterText('a', [a]), clusterText('b', [b])];
  for (const { name, isSharded } of SIDES) {
    const own = await freePort();
    ports.set(name, own);
    texts.push(`${listenerText(name, own)}${isSharded ? 'shards: true\n' : ''}`);
    for (const one of documents.get(name) ?? []) {
      await rig.write(`${one.name}.json`, orderedText(one, [name]));
    }
  }
  port = ports.get('web') ?? 0;
  const sides =
    'kind: Route\nname: sides\nlisteners: [web]\nhosts: [127.0.0.1]\nmatch: {prefix: /sides}\n' +
    'to: {a: 1, b: 1}\nsticky: {cookie: {name: side, ttl: 1h}}\n';
  await rig.write('web.yaml', [...texts, sides].join('---\n'));
  await rig.startHelve();
  await rig.helve.ready();
  await rig.startEnvoy();
  await rig.inStep();
});
afterAll(() => rig.close());

it.each(SIDES)(
  `takes the rule that the order says, as explained (seed ${seed}, $name)`,
  async (side) => {
    const all = documents.get(side.name) ?? [];
    const to = ports.get(side.name) ?? 0;
    await until('it answers', async () => {
      const text = await ask(question(to, askedFrom(random, side.asked)));
      return text === '' ? null : true;
    });
    const explain = await explainer(rig.dir);
    const answers = new Set<string>();
    for (let count = 0; count < REQUESTS; count++) {
      const request = askedFrom(random, side.asked);
      const shown = `seed ${seed}: ${JSON.stringify(request)}`;
      const want = winnerOf(all, request);
      expect(await ask(question(to, request)), shown).toBe(want);
      const explained = ruleIn(explain(question(to, request)));
      expect(explained, `explained, ${shown}`).toBe(want.split(' ').at(-1));
      answers.add(want);
    }
    // Requests that few rules take would say little of their order.
    expect(answers.size).toBeGreaterThan(20);
  },
);

it('keeps users by a cookie at the side that their first answer came from', async () => {
  const sides = new Set<string>();
  for (let user = 0; user < 40; user++) {
    const first = await fetch(`http://127.0.0.1:${port}/sides`);
    const side = await first.text();
    sides.add(side);
    const [cookie = ''] = (first.headers.get('set-cookie') ?? '').split(';');
    expect(cookie).toMatch(/^side=[0-9a-f]{8}$/);
    for (let count = 0; count < 3; count++) {
      const headers = { cookie: `other=1; ${cookie}; last=2` };
      const again = await fetch(`http://127.0.0.1:${port}/sides`, { headers });
      expect(again.headers.get('set-cookie')).toBeNull();
      expect(await again.text()).toBe(side);
    }
  }
  expect(sides.size).toBe(2);
});
