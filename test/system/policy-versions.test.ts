import { get } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPins } from '../../src/envoy/index.ts';
import { clusterText, listenerText } from './support/documents.ts';
import { newIssuer } from './support/issuer.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';

// What clients write into the headers by which they are judged, with each pinned Envoy.
const versions = Object.keys(readPins().versions).sort();

/** Providers are asked in an order that only their hashes tell, so many times. */
const TIMES = 10;

const [near, far] = [newIssuer(), newIssuer()];

let rig: Rig;
const ports = new Map<string, number>();

type Headers = Readonly<Record<string, string | string[]>>;

/** A list is sent as so many lines. */
const status = (version: string, path: string, headers: Headers): Promise<number> =>
  new Promise((resolve, reject) => {
    const port = ports.get(version) ?? 0;
    get({ port, host: '127.0.0.1', path, headers: { ...headers }, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    }).on('error', reject);
  });

const ruleText = (at: number): string => {
  const knows = `{issuer: near, audiences: [shop, other-${at}], jwks: {file: near.json}}`;
  const tells = '{issuer: far, jwks: {file: far.json}, claimToHeaders: {role: x-role}}';
  const jwt = `jwt: {anyOf: [${knows}, ${tells}]}`;
  const admins = 'authorize: {allow: [{headers: {x-role: admin}}]}';
  return `- {name: r${at}, match: {prefix: /r${at}}, ${jwt}, ${admins}, to: a}\n`;
};

/** `x-role: guest` keeps out, and another one than it lets in. */
const ROLES = [
  '{name: deny, match: {path: /deny}, authorize: {deny: [{headers: {x-role: guest}}]}, to: a}',
  '{name: begins, match: {path: /begins}, authorize: {deny: [{headers: {x-role: {prefix: gu}}}]}, to: a}',
  '{name: ends, match: {path: /ends}, authorize: {deny: [{headers: {x-role: {suffix: st}}}]}, to: a}',
  '{name: like, match: {path: /like}, authorize: {deny: [{headers: {x-role: {regex: "gu|guest"}}}]}, to: a}',
  '{name: not, match: {path: /not}, authorize: {allow: [{headers: {x-role: {not: guest}}}]}, to: a}',
];

beforeAll(async () => {
  rig = await createRig();
  await rig.write('near.json', near.jwks);
  await rig.write('far.json', far.jwks);
  const groups: string[] = [];
  for (const [at, version] of versions.entries()) {
    const port = await freePort();
    ports.set(version, port);
    groups.push(
      `kind: NodeGroup\nname: g${at}\nmatch: {cluster: g${at}}\nenvoy: "${version.replace(/\.\d+$/, '')}"\n`,
      `${listenerText(`web${at}`, port)}nodes: [g${at}]\n`,
    );
  }
  const listeners = versions.map((_, at) => `web${at}`).join(', ');
  const rules = Array.from({ length: TIMES }, (_, at) => ruleText(at)).join('');
  const route = `kind: Route\nname: shop\nlisteners: [${listeners}]\nrules:\n${rules}${ROLES.map((rule) => `- ${rule}\n`).join('')}`;
  const cluster = clusterText('a', [await rig.upstream('a')]);
  await rig.write('all.yaml', [...groups, cluster, route].join('---\n'));
  await rig.startHelve();
  await rig.helve.ready();
  for (const [at, version] of versions.entries()) {
    await rig.startEnvoy({ id: `e${at}`, cluster: `g${at}`, version });
  }
  await rig.inStep();
});
afterAll(() => rig.close());

it.each(versions)(
  'Envoy %s believes no header that another issuer would have written',
  async (version) => {
    const bearer = (token: string): Record<string, string> => ({
      authorization: `Bearer ${token}`,
      'x-role': 'admin',
    });
    const plain = near.token({ iss: 'near', aud: 'shop' });
    const answers: number[] = [];
    for (let at = 0; at < TIMES; at += 1)
      answers.push(await status(version, `/r${at}`, bearer(plain)));
    expect(answers).toEqual(Array.from({ length: TIMES }, () => 403));
    const guest = far.token({ iss: 'far', role: 'guest' });
    expect(await status(version, '/r0', bearer(guest))).toBe(403);
    const admin = far.token({ iss: 'far', role: 'admin' });
    expect(await status(version, '/r0', { authorization: `Bearer ${admin}` })).toBe(200);
  },
);

const OTHERS: readonly (readonly [role: Headers[string], status: number])[] = [
  ['guest', 403],
  [['guest', 'admin'], 403],
  [['admin', 'guest'], 403],
  [['admin', 'guest', 'admin'], 403],
  ['admin,guest', 403],
  ['admin', 200],
  [['admin', 'owner'], 200],
  ['a.guests.b', 200],
];

it.each(versions)('Envoy %s keeps out by each line of a header', async (version) => {
  for (const path of ['/deny', '/begins', '/ends', '/like', '/not']) {
    for (const [role, want] of OTHERS) {
      expect(await status(version, path, { 'x-role': role }), `${path} ${String(role)}`).toBe(want);
    }
  }
});
