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

const status = (version: string, path: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const port = ports.get(version) ?? 0;
    get({ port, host: '127.0.0.1', path, headers, agent: false }, (answer) => {
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
  const route = `kind: Route\nname: shop\nlisteners: [${listeners}]\nrules:\n${rules}`;
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
