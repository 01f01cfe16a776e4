import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad, type Load } from '../support/load.mjs';
import { clusterText, listenerText } from './support/documents.ts';
import { newIssuer } from './support/issuer.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { listenerMoves, refusals, type ListenerMoves } from './support/steady.ts';
import { until } from './support/until.ts';

const WIRES: readonly Wire[] = ['delta', 'sotw'];
const house = newIssuer();
const ALL = '{name: all, match: {prefix: /}, to: a}';
const JWT = 'jwt: {issuer: house, jwks: {file: keys.json}}';

const bearer = (claims: object): Record<string, string> => ({
  authorization: `Bearer ${house.token({ iss: 'house', ...claims })}`,
});

describe.each(WIRES)('authorize over %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let load: Load;
  let port: number;
  let before: ListenerMoves;

  const status = async (headers: Record<string, string> = {}): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port}/in`, { headers });
    await answer.arrayBuffer();
    return answer.status;
  };
  const set = async (policies: string, to = 'a'): Promise<void> => {
    const rule = `{name: in, match: {prefix: /in}, ${policies}, to: ${to}}`;
    const head = 'kind: Route\nname: shop\nlisteners: [web]\n';
    await rig.change('routes.yaml', `${head}rules:\n- ${rule}\n- ${ALL}\n`);
  };

  beforeAll(async () => {
    rig = await createRig();
    port = await freePort();
    const a = await rig.upstream('a');
    await rig.write('keys.json', house.jwks);
    await rig.write('web.yaml', [listenerText('web', port), clusterText('a', [a])].join('---\n'));
    await rig.write('routes.yaml', `kind: Route\nname: shop\nlisteners: [web]\nrules: [${ALL}]\n`);
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    before = await listenerMoves(envoy);
    load = startLoad({ targets: [{ port }], rps: 100 });
    await until('the load has begun', () => (load.stats().succeeded > 0 ? true : null));
  });
  afterAll(() => rig.close());

  it('by address', async () => {
    await set('authorize: {allow: [{address: 127.0.0.0/8}]}');
    expect(await status()).toBe(200);
    await set('authorize: {allow: [{address: [10.0.0.0/8, "::1"]}]}');
    expect(await status()).toBe(403);
    await set('authorize: {deny: [{address: 127.0.0.1}]}');
    expect(await status()).toBe(403);
  });

  it('by header, and denied even if allowed', async () => {
    const deny = '[{headers: {x-blocked: {present: true}}}]';
    await set(`authorize: {allow: [{headers: {x-team: ops}}, {headers: {x-a: b}}], deny: ${deny}}`);
    expect(await status()).toBe(403);
    expect(await status({ 'x-team': 'dev' })).toBe(403);
    expect(await status({ 'x-team': 'ops' })).toBe(200);
    expect(await status({ 'x-a': 'b' })).toBe(200);
    expect(await status({ 'x-a': 'b', 'x-blocked': '' })).toBe(403);
  });

  it('by claims of a verified token', async () => {
    const deny = '[{jwt: {sub: mallory}}]';
    await set(
      `${JWT}, authorize: {allow: [{jwt: {role: [admin, owner], on: true}}], deny: ${deny}}`,
    );
    expect(await status()).toBe(401);
    expect(await status(bearer({ role: 'admin' }))).toBe(403);
    expect(await status(bearer({ role: 'guest', on: true }))).toBe(403);
    expect(await status(bearer({ role: 'owner', on: true }))).toBe(200);
    expect(await status(bearer({ role: ['guest', 'admin'], on: true }))).toBe(200);
    expect(await status(bearer({ role: 'admin', on: true, sub: 'mallory' }))).toBe(403);
    await set(`${JWT}, authorize: {deny: ${deny}}`);
    expect(await status(bearer({ sub: 'ada' }))).toBe(200);
    expect(await status(bearer({ sub: 'mallory' }))).toBe(403);
  });

  it('by certificate: nobody passes without one', async () => {
    await set('authorize: {allow: [{certificate: "*"}]}');
    expect(await status()).toBe(403);
  });

  it('of one target', async () => {
    const closed = '[{cluster: a, authorize: {deny: [{address: 127.0.0.1}]}}]';
    await set('timeout: 5s', closed);
    expect(await status()).toBe(403);
    await set('authorize: {deny: [{address: 127.0.0.1}]}', '[{cluster: a, authorize: none}]');
    expect(await status()).toBe(200);
  });

  it('changes under load, neither open nor closed for a moment', async () => {
    const rules = (address: string): string =>
      `headers: {response: {set: {x-a: b}}}, authorize: {allow: [{address: ${address}}]}`;
    await set(rules('10.0.0.0/8'));
    const closed = startLoad({ targets: [{ port, path: '/in', status: 403 }], rps: 200 });
    await until('it has begun', () => (closed.stats().succeeded > 0 ? true : null));
    for (const address of ['10.1.0.0/16', '10.2.0.0/16']) await set(rules(address));
    expect((await closed.stop()).failures).toEqual([]);
  });

  it('is off again', async () => {
    await set('authorize: none');
    expect(await status()).toBe(200);
  });

  it('has lost nothing, refused nothing and drained nothing', async () => {
    const { failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(await refusals(envoy)).toEqual([]);
    expect(await listenerMoves(envoy)).toEqual(before);
  });
});
