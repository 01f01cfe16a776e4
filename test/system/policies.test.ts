import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad, type Load } from '../support/load.mjs';
import type { Upstream } from '../support/upstream.mjs';
import { clusterText, listenerText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { listenerMoves, refusals, type ListenerMoves } from './support/steady.ts';
import { until } from './support/until.ts';

const WIRES: readonly Wire[] = ['delta', 'sotw'];

/** A rule of its own under load, and one for each policy. */
const routeText = (rules: readonly string[]): string =>
  ['kind: Route', 'name: shop', 'listeners: [web]', 'rules:', ...rules, ''].join('\n');

const ALL = '- {name: all, match: {prefix: /}, to: a}';

const FEW = '- {name: few, match: {prefix: /few}, rateLimit: [{limit: 3/day}], to: a}';
const MORE = '- {name: few, match: {prefix: /few}, rateLimit: [{limit: 5/day}], to: a}';
const OTHER = '- {name: other, match: {prefix: /other}, rateLimit: [{limit: 1k/day}], to: a}';
const MARKED =
  '- {name: marked, match: {prefix: /marked}, headers: {response: {set: {x-mark: "1"}}}, to: a}';

describe.each(WIRES)('policies over %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let load: Load;
  let port: number;
  let before: ListenerMoves;

  const ask = async (path: string): Promise<Response> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    await answer.arrayBuffer();
    return answer;
  };
  /** How many of many requests pass. */
  const passed = async (path: string, requests: number): Promise<number> => {
    let count = 0;
    for (let at = 0; at < requests; at += 1) {
      const { status } = await ask(path);
      expect([200, 429]).toContain(status);
      if (status === 200) count += 1;
    }
    return count;
  };
  const set = async (rules: readonly string[]): Promise<void> => {
    await rig.change('routes.yaml', routeText(rules));
  };

  beforeAll(async () => {
    rig = await createRig();
    const a: Upstream = await rig.upstream('a');
    port = await freePort();
    await rig.write('shop.yaml', [listenerText('web', port), clusterText('a', [a])].join('---\n'));
    await rig.write('routes.yaml', routeText([ALL]));
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    before = await listenerMoves(envoy);
    load = startLoad({ targets: [{ port }], rps: 100 });
    await until('the load has begun', () => (load.stats().succeeded > 0 ? true : null));
  });
  afterAll(() => rig.close());

  it('headers: on, and off again', async () => {
    await set([ALL, MARKED]);
    expect((await ask('/marked')).headers.get('x-mark')).toBe('1');
    expect((await ask('/')).headers.get('x-mark')).toBeNull();
    await set([ALL]);
    expect((await ask('/marked')).headers.get('x-mark')).toBeNull();
  });

  it('rateLimit: on, changed, and off again', async () => {
    await set([ALL, FEW]);
    expect(await passed('/few', 6)).toBe(3);
    await set([ALL, MORE]);
    expect(await passed('/few', 8)).toBe(5);
    await set([ALL]);
    expect(await passed('/few', 8)).toBe(8);
  });

  it('rateLimit: buckets stay as they are while other rules change', async () => {
    await set([ALL, FEW]);
    expect(await passed('/few', 6)).toBe(3);
    await set([ALL, FEW, MARKED]);
    expect((await ask('/marked')).headers.get('x-mark')).toBe('1');
    expect(await passed('/few', 3)).toBe(0);
  });

  it('rateLimit: all buckets of a listener are full again where one of its limits changes', async () => {
    await set([ALL, FEW, OTHER]);
    expect(await passed('/few', 6)).toBe(3);
    await set([ALL, FEW, OTHER.replace('1k', '2k')]);
    expect(await passed('/few', 6)).toBe(3);
  });

  it('rateLimit: equal limits of two rules count apart', async () => {
    const rule = (name: string): string =>
      `- {name: ${name}, match: {prefix: /${name}}, rateLimit: [{limit: 4/day}], to: a}`;
    await set([ALL, rule('one'), rule('two')]);
    expect([await passed('/one', 6), await passed('/two', 6)]).toEqual([4, 4]);
  });

  it('rateLimit: each client address and header value has a bucket of its own', async () => {
    const rule =
      '- {name: apart, match: {prefix: /apart}, rateLimit: [{limit: 2/day, by: [{header: x-who}]}], to: a}';
    await set([ALL, rule, OTHER]);
    const asAda = async (who: string): Promise<number> => {
      const headers = { 'x-who': who };
      const answer = await fetch(`http://127.0.0.1:${port}/apart`, { headers });
      await answer.arrayBuffer();
      return answer.status;
    };
    expect([await asAda('ada'), await asAda('ada'), await asAda('ada')]).toEqual([200, 200, 429]);
    expect(await asAda('bob')).toBe(200);
    expect(await passed('/apart', 4)).toBe(4);
  });

  it('has lost nothing, refused nothing and drained nothing', async () => {
    const { failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(await refusals(envoy)).toEqual([]);
    expect(await listenerMoves(envoy)).toEqual(before);
  });
});
