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

const [house, stranger] = [newIssuer(), newIssuer()];

const tokenOf = (claims: object, issuer = house): string =>
  issuer.token({ iss: 'house', sub: 'ada', ...claims });

const [GOLD, PLAIN, ADMIN] = [{ tier: 'gold' }, { tier: 'none' }, { role: 'admin' }].map((claims) =>
  tokenOf(claims),
);
const FORGED = tokenOf({ tier: 'gold', role: 'admin' }, stranger);

const jwt = (file: string): string =>
  `jwt: {issuer: house, jwks: {file: ${file}}, from: [{query: t}], claimToHeaders: {sub: x-user}}`;
const REST = '{name: rest, to: a}';

describe.each(WIRES)('claim routes over %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let load: Load;
  let port: number;
  let before: ListenerMoves;

  const ask = (path: string, token = '', headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}${token === '' ? '' : `?t=${token}`}`, { headers });
  /** The side that answers, or the status of a refusal. */
  const side = async (
    path: string,
    token = '',
    headers: Record<string, string> = {},
  ): Promise<string> => {
    const answer = await ask(path, token, headers);
    const text = await answer.text();
    return answer.ok ? text.slice(0, text.indexOf(' ')) : String(answer.status);
  };
  const set = (policy: string, rules: readonly string[]): Promise<void> => {
    const head = `kind: Route\nname: tiers\nlisteners: [web]\n${policy}\nrules:\n`;
    return rig.change('routes.yaml', `${head}${rules.map((rule) => `- ${rule}\n`).join('')}`);
  };

  beforeAll(async () => {
    rig = await createRig();
    port = await freePort();
    const [a, b] = [await rig.upstream('a'), await rig.upstream('b')];
    const documents = [listenerText('web', port), clusterText('a', [a]), clusterText('b', [b])];
    await rig.write('web.yaml', documents.join('---\n'));
    await rig.write('keys.json', house.jwks);
    await rig.write(
      'routes.yaml',
      `kind: Route\nname: tiers\nlisteners: [web]\nrules: [${REST}]\n`,
    );
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    before = await listenerMoves(envoy);
    const targets = [GOLD, PLAIN].map((token) => ({ port, path: `/?t=${token}` }));
    load = startLoad({ targets, rps: 150 });
    await until('the load has begun', () => (load.stats().succeeded > 0 ? true : null));
  });
  afterAll(() => rig.close());

  const gold = '{name: gold, match: {jwt: {tier: gold}}, to: b}';
  const admin = (keys: string): string =>
    `{name: admin, match: {prefix: /admin}, to: a, authorize: {allow: [{jwt: {role: ${keys}}}]}}`;

  it('are closed to who has no good token, and lead each to its side', async () => {
    await set(jwt('keys.json'), [gold, admin('admin'), REST]);
    for (const path of ['/', '/admin']) {
      expect(await side(path)).toBe('401');
      expect(await side(path, FORGED)).toBe('401');
    }
    expect(await side('/', PLAIN)).toBe('a');
    expect(await side('/', GOLD)).toBe('b');
    expect(await side('/', tokenOf({ tier: ['silver', 'gold'] }))).toBe('b');
    expect(await side('/', tokenOf({ tier: 'golden' }))).toBe('a');
    expect(await side('/admin', GOLD)).toBe('403');
    expect(await side('/admin', ADMIN)).toBe('a');
  });

  it('apply what the rule says that is taken in the end', async () => {
    const deny = 'authorize: {deny: [{headers: {x-blocked: {present: true}}}]}';
    const strict = `{name: gold, match: {jwt: {tier: gold}}, to: b, ${deny}}`;
    await set(jwt('keys.json'), [strict, REST]);
    const blocked = { 'x-blocked': '1' };
    expect(await side('/', GOLD, blocked)).toBe('403');
    expect(await side('/', GOLD)).toBe('b');
    expect(await side('/', PLAIN, blocked)).toBe('a');
    await set(jwt('keys.json'), [gold, `{name: rest, to: a, ${deny}}`]);
    expect(await side('/', GOLD, blocked)).toBe('b');
    expect(await side('/', PLAIN, blocked)).toBe('403');
  });

  it('change under load, neither open nor closed for a moment', async () => {
    const changing = startLoad({
      targets: [
        { port, path: `/?t=${GOLD}` },
        { port, path: `/?t=${PLAIN}` },
        { port, path: '/', status: 401 },
        { port, path: `/?t=${FORGED}`, status: 401 },
      ],
      rps: 300,
    });
    await until('it has begun', () => (changing.stats().succeeded > 0 ? true : null));
    for (const tier of ['vip', '[gold, vip]', 'gold', '[gold, silver]']) {
      await set(jwt('keys.json'), [`{name: gold, match: {jwt: {tier: ${tier}}}, to: b}`, REST]);
    }
    await set(jwt('keys.json'), [REST]);
    await set(jwt('keys.json'), [gold, REST]);
    expect((await changing.stop()).failures).toEqual([]);
    expect(await side('/', GOLD)).toBe('b');
  });

  it('have lost nothing while they came and changed', async () => {
    expect((await load.stop()).failures).toEqual([]);
  });

  it('may end in an answer, which only who has a token sees', async () => {
    await set(jwt('keys.json'), [gold, '{name: rest, respond: {status: 404}}']);
    expect(await side('/', PLAIN)).toBe('404');
    expect(await side('/')).toBe('401');
    expect(await side('/', GOLD)).toBe('b');
  });

  it('answer 503 where there never were keys', async () => {
    await set(jwt('gone.json'), [gold, admin('admin'), REST]);
    for (const path of ['/', '/admin']) {
      expect(await side(path)).toBe('503');
      expect(await side(path, GOLD)).toBe('503');
      expect(await side(path, FORGED)).toBe('503');
    }
  });

  it('are off again', async () => {
    await set('', [REST]);
    expect(await side('/')).toBe('a');
    expect(await side('/', GOLD)).toBe('a');
  });

  it('have refused nothing and drained nothing', async () => {
    expect(await refusals(envoy)).toEqual([]);
    expect(await listenerMoves(envoy)).toEqual(before);
  });
});
