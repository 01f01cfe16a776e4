import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seeded } from '../simulation/random.ts';
import {
  claimDocuments,
  claimPolicy,
  claimText,
  headersWith,
  visitorFrom,
  winnerFor,
  type Visitor,
} from '../support/claim-routes.ts';
import { listenerText } from './support/documents.ts';
import { explainer, ruleIn, type Question } from './support/explainer.ts';
import { newIssuer } from './support/issuer.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { until } from './support/until.ts';

// Rules by claims and by headers that `jwt` writes and takes away, made by a seed, against a plain
// reading of what a token changes. A difference prints the seed; SEED=… repeats it.
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const REQUESTS = 800;

const random = seeded(seed);
const documents = claimDocuments(random, ['*', '*.test', 'a.test', 'b.test']);
const ASKED = ['a.test', 'b.test:8080', 'z.test', 'z.z'];
const [house, stranger] = [newIssuer(), newIssuer()];

let rig: Rig;
let port: number;

/** Claims inside of others are written with dots. */
function tokenFor({ claims, isForged }: Visitor): string | null {
  if (claims === null) return null;
  const { 'realm.role': role, ...own } = claims;
  const nested = role === undefined ? {} : { realm: { role } };
  return (isForged ? stranger : house).token({ iss: 'house', ...own, ...nested });
}

function question(visitor: Visitor): Question {
  const { host, path, method, query, cookies } = visitor.asked;
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`);
  const search = new URLSearchParams(query).toString();
  return {
    method,
    url: `http://127.0.0.1:${port}${path}${search && `?${search}`}`,
    headers: {
      ...headersWith(visitor, tokenFor(visitor)),
      host,
      ...(cookie.length === 0 ? {} : { cookie: cookie.join('; ') }),
    },
  };
}

const ask = ({ url, ...options }: Question): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = httpRequest(url, { ...options, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () => {
        const status = answer.statusCode ?? 0;
        resolve(status === 200 ? text : status === 404 ? 'none' : String(status));
      });
    });
    sent.on('error', reject);
    sent.end();
  });

beforeAll(async () => {
  rig = await createRig();
  port = await freePort();
  await rig.write('web.yaml', `${listenerText('web', port)}${claimPolicy('keys.json')}`);
  await rig.write('keys.json', house.jwks);
  for (const one of documents) await rig.write(`${one.name}.json`, claimText(one, ['web']));
  await rig.startHelve();
  await rig.helve.ready();
  await rig.startEnvoy();
  await rig.inStep();
  await until('it answers', async () =>
    (await ask({ method: 'GET', url: `http://127.0.0.1:${port}/`, headers: { host: 'z.z' } })) ===
    '401'
      ? true
      : null,
  );
});
afterAll(() => rig.close());

it(`takes the rule that the token leads to, as explained (seed ${seed})`, async () => {
  const explain = await explainer(rig.dir);
  const answers = new Set<string>();
  let explained = 0;
  for (let count = 0; count < REQUESTS; count++) {
    const visitor = visitorFrom(random, ASKED);
    const asked = question(visitor);
    const shown = `seed ${seed}: ${JSON.stringify(visitor)}`;
    const want = winnerFor(documents, visitor);
    expect(await ask(asked), shown).toBe(want);
    answers.add(want);
    // Who is refused is told by the token, which nothing explains.
    if (want === '401') continue;
    const rule = ruleIn(explain(asked));
    if (rule === 'unsure') continue;
    expect(rule, `explained, ${shown}`).toBe(want.split(' ').at(-1));
    explained += 1;
  }
  expect(answers.size).toBeGreaterThan(20);
  expect(explained).toBeGreaterThan(20);
});
