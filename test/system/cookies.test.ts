import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seeded, type Random } from '../simulation/random.ts';
import { listenerText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { until } from './support/until.ts';

// Conditions on one cookie, in headers that hold others beside it, as an Envoy reads them. A
// difference prints the seed; SEED=… repeats it.
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const REQUESTS = 1500;

/** What a rule of its own path asks of the cookie `tier`, and which values pass. */
const TESTS: readonly (readonly [written: string, passes: (value: string) => boolean])[] = [
  ['gold', (value) => value === 'gold'],
  ['{prefix: go}', (value) => value.startsWith('go')],
  ['{suffix: ld}', (value) => value.endsWith('ld')],
  ['{contains: ol}', (value) => value.includes('ol')],
  ['{regex: "gold|silver"}', (value) => /^(?:gold|silver)$/.test(value)],
  ['{regex: "^gold$|^si.*$"}', (value) => /^(?:gold|si.*)$/.test(value)],
  ['{regex: ".*"}', () => true],
  ['{regex: ".+"}', (value) => value !== ''],
  ['{regex: "[^s]+"}', (value) => /^[^s]+$/.test(value)],
  ['{regex: "\\\\D+"}', (value) => /^\D+$/.test(value)],
  ['{regex: "\\\\w{4}[.]?"}', (value) => /^\w{4}[.]?$/.test(value)],
  ['{regex: "(go|si)(ld|lver)?"}', (value) => /^(?:go|si)(?:ld|lver)?$/.test(value)],
  ['{regex: "a=.*"}', (value) => value.startsWith('a=')],
  ['{regex: "\\\\Qg.d\\\\E"}', (value) => value === 'g.d'],
];
const VALUES = ['gold', 'go', 'ld', 'silver', 'si', 'g.d', 'gxd', 'gold1', '', 'a=gold', 'golds'];
/** Names that end or begin like it, and one that holds a character of expressions. */
const NAMES = ['tier', 'tier', 'atier', 'tiers', 'x', 'x.tier'];
const BETWEEN = ['; ', ';', ';  ', ' ; '];

interface Sent {
  readonly lines: readonly string[];
  /** Values of the cookie itself; a blank before the `;` may be of it or not. */
  readonly values: readonly string[];
}

function cookiesFrom(random: Random): Sent {
  const cookies = Array.from({ length: random.int(5) }, () => ({
    name: random.pick(NAMES),
    value: random.pick(VALUES),
  }));
  const texts = cookies.map(({ name, value }) => `${name}=${value}`);
  // A client of HTTP/2 may send each in a header of its own, and so may one of HTTP/1.
  const isApart = random.chance(0.2);
  const between = random.pick(BETWEEN);
  const lines = isApart || texts.length === 0 ? texts : [texts.join(between)];
  const values = cookies.flatMap(({ name, value }, index) => {
    if (name !== 'tier') return [];
    const isBlankBehind = !isApart && index < cookies.length - 1 && between.startsWith(' ');
    return isBlankBehind ? [value, `${value} `] : [value];
  });
  return { lines, values };
}

let rig: Rig;
let port: number;

/** Whether the rule of the path takes it. Each line is sent as it stands. */
const isTaken = (path: string, lines: readonly string[]): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const headers = ['host', 'a.test', ...lines.flatMap((line) => ['cookie', line])];
    const sent = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        resolve(answer.statusCode === 200);
      });
    });
    sent.on('error', reject);
    sent.end();
  });

beforeAll(async () => {
  rig = await createRig();
  port = await freePort();
  const rules = TESTS.flatMap(([written], index) => [
    `- {match: {prefix: /is/${index}, cookies: {tier: ${written}}}, respond: {status: 200}}\n`,
    `- {match: {prefix: /not/${index}, cookies: {tier: {not: ${written}}}}, respond: {status: 200}}\n`,
  ]);
  const route = `kind: Route\nname: tiers\nrules:\n${rules.join('')}`;
  await rig.write('web.yaml', [listenerText('web', port), route].join('---\n'));
  await rig.startHelve();
  await rig.helve.ready();
  await rig.startEnvoy();
  await rig.inStep();
  await until('it answers', async () => ((await isTaken('/is/0', ['tier=gold'])) ? true : null));
});
afterAll(() => rig.close());

it.each([
  ['whatever stands before it', '/is/0', ['x=1; tier=gold'], true],
  ['whatever stands behind it', '/is/0', ['tier=gold; x=1'], true],
  ['without a space behind the other', '/is/0', ['x=1;tier=gold;y=2'], true],
  ['in a header of its own', '/is/0', ['x=1', 'tier=gold'], true],
  ['the first of two that differ', '/is/0', ['tier=gold; tier=silver'], true],
  ['the second of them', '/is/0', ['tier=silver; tier=gold'], true],
  ['no part of a longer value', '/is/0', ['tier=golden'], false],
  ['no cookie whose name ends so', '/is/0', ['atier=gold'], false],
  ['nothing beyond the end of its value', '/is/2', ['tier=g; x=ld'], false],
  ['no expression beyond it either', '/is/5', ['tier=go; x=si'], false],
  ['nothing else of another cookie', '/is/8', ['tier=s; x=g'], false],
  ['not, where one of two passes', '/not/0', ['tier=silver; tier=gold'], false],
  ['not, where there is none', '/not/0', ['x=gold'], true],
  ['not, where there is no cookie at all', '/not/0', [], true],
])('reads %s', async (_, path, lines, want) => {
  expect(await isTaken(path, lines)).toBe(want);
});

it(`takes the value of a cookie whole, whatever stands beside it (seed ${seed})`, async () => {
  const random = seeded(seed);
  const seen = { taken: 0, left: 0 };
  for (let count = 0; count < REQUESTS; count++) {
    const index = random.int(TESTS.length);
    const { lines, values } = cookiesFrom(random);
    const passes = values.some((value) => TESTS[index]?.[1](value));
    const isNegated = random.chance(0.3);
    const path = `/${isNegated ? 'not' : 'is'}/${index}`;
    const shown = `seed ${seed}: ${TESTS[index]?.[0] ?? ''} ${path} ${JSON.stringify(lines)}`;
    expect(await isTaken(path, lines), shown).toBe(passes !== isNegated);
    seen[passes ? 'taken' : 'left'] += 1;
  }
  expect(Math.min(seen.taken, seen.left)).toBeGreaterThan(REQUESTS / 10);
});
