import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad, type Load } from '../support/load.mjs';
import { listenerText, SHARDS_FLOOR } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { until } from './support/until.ts';

// Envoy has one subscription to scopes for all listeners, and a listener that joins one which is
// running does not wait for its tables.
const WIRES: readonly Wire[] = ['delta', 'sotw'];
const HOSTS = 64;
const RULES = 40;
const hostOf = (at: number): string => `h${at}.test`;

/** The same hosts on each listener, which answer with its name. */
const hostText = (listener: string, at: number): string =>
  JSON.stringify({
    kind: 'Route',
    name: `${listener}-${at}`,
    listeners: [listener],
    hosts: [hostOf(at)],
    rules: Array.from({ length: RULES }, (_, rule) => ({
      match: { prefix: rule === 0 ? '/' : `/rule-${rule}` },
      respond: { status: 200, body: `${listener} ${hostOf(at)}` },
    })),
  });

describe.each(WIRES)('several sharded listeners over %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let load: Load;
  const ports = new Map<string, number>();
  const portOf = (listener: string): number => ports.get(listener) ?? 0;

  /** Null: nobody listens there yet. */
  const ask = (listener: string, host: string): Promise<string | null> =>
    new Promise((resolve, reject) => {
      const options = { port: portOf(listener), host: '127.0.0.1', headers: { host } };
      const request = httpRequest({ ...options, agent: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => (text += part));
        answer.on('end', () => {
          resolve(`${answer.statusCode ?? 0} ${text}`);
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') resolve(null);
        else reject(error);
      });
      request.end();
    });
  const set = (listeners: Readonly<Record<string, boolean>>): Promise<void> =>
    rig.change(
      'listeners.yaml',
      Object.entries(listeners)
        .map(([name, isSharded]) => {
          return `${listenerText(name, portOf(name))}${isSharded ? 'shards: true\n' : ''}`;
        })
        .join('---\n'),
    );
  const write = async (listener: string): Promise<void> => {
    for (let at = 0; at < HOSTS; at += 1) {
      await rig.write(`${listener}-${at}.json`, hostText(listener, at));
    }
  };
  const expectAll = async (...listeners: readonly string[]): Promise<void> => {
    for (const listener of listeners) {
      for (let at = 0; at < HOSTS; at += 1) {
        expect(await ask(listener, hostOf(at))).toBe(`200 ${listener} ${hostOf(at)}`);
      }
    }
  };

  beforeAll(async () => {
    rig = await createRig();
    await rig.write('helve.yaml', SHARDS_FLOOR);
    for (const name of ['one', 'two', 'new']) ports.set(name, await freePort());
    const plain = ['one', 'two'].map((name) => listenerText(name, portOf(name)));
    await rig.write('listeners.yaml', plain.join('---\n'));
    await write('one');
    await write('two');
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    const targets = ['one', 'two'].flatMap((name) =>
      [0, 1, 2, 3].map((at) => ({ port: portOf(name), host: hostOf(at) })),
    );
    load = startLoad({ targets, rps: 400 });
    await until('the load has begun', () => (load.stats().succeeded > 0 ? true : null));
  });
  afterAll(() => rig.close());

  it('join, leave and come together with no request lost', async () => {
    await set({ one: true, two: false });
    await expectAll('one', 'two');
    await set({ one: true, two: true });
    await expectAll('one', 'two');

    // Whoever is let in by a new listener finds its routes there.
    await write('new');
    const first = until('the new one listens', () => ask('new', hostOf(5)));
    await set({ one: true, two: true, new: true });
    expect(await first).toBe(`200 new ${hostOf(5)}`);
    await expectAll('one', 'two', 'new');

    await set({ one: false, two: true, new: false });
    await expectAll('one', 'two', 'new');
    await set({ one: true, two: false, new: false });
    await expectAll('one', 'two', 'new');
    await set({ one: false, two: false, new: false });
    await set({ one: true, two: true, new: true });
    await expectAll('one', 'two', 'new');
    const stats = await envoy.stats('update_rejected');
    expect([...stats].filter(([, count]) => count > 0)).toEqual([]);
    expect((await load.stop()).failures).toEqual([]);
    expect(load.stats().succeeded).toBeGreaterThan(500);
  });
});
