import { once } from 'node:events';
import { Agent, createServer, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad, type Load } from '../support/load.mjs';
import { listenerText, SHARDS_FLOOR } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { during, until } from './support/until.ts';

const WIRES: readonly Wire[] = ['delta', 'sotw'];
const HOSTS = 80;
const RULES = 10;
/** Every host is in a shard of its own, or in one with a few others. */
const hostOf = (at: number): string => `h${at}.test`;

/** A host with rules that answer what `says`. */
const hostText = (at: number, says: string): string =>
  JSON.stringify({
    kind: 'Route',
    name: `h${at}`,
    listeners: ['web'],
    hosts: [hostOf(at)],
    rules: Array.from({ length: RULES }, (_, rule) => ({
      match: { prefix: rule === 0 ? '/' : `/rule-${rule}` },
      respond: { status: 200, body: `${hostOf(at)} ${says}` },
    })),
  });

const WILD = 'kind: Route\nname: wild\nlisteners: [web]\nrespond: {status: 200, body: wild}\n';

const SEEN = 'kind: Route\nname: seen\nlisteners: [web]\nhosts: [seen.test]\n';

/** An upstream that says whether it is told the shard. */
async function startEcho(): Promise<{
  readonly port: number;
  readonly stop: () => Promise<unknown>;
}> {
  const server = createServer(({ headers }, response) => {
    response.end(String(headers['x-helve-shard'] ?? 'no shard'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const stop = (): Promise<unknown> => {
    server.closeAllConnections();
    return once(server.close(), 'close');
  };
  return { port: address.port, stop };
}

describe.each(WIRES)('a sharded listener over %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let load: Load;
  let port: number;
  let edits = 0;

  const ask = (
    host: string,
    agent: Agent | false = false,
    more: Readonly<Record<string, string>> = {},
  ): Promise<string> =>
    new Promise((resolve, reject) => {
      // A connection of its own: those of chains that drain keep the table that they had.
      const options = { port, host: '127.0.0.1', headers: { ...more, host }, agent };
      const request = httpRequest(options, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => (text += part));
        answer.on('end', () => {
          const again = request.reusedSocket ? ', again' : '';
          resolve(`${answer.statusCode ?? 0} ${text}${again}`);
        });
      });
      request.on('error', reject);
      request.end();
    });
  /** Bytes that Envoy has received on its stream to helve. */
  const received = async (): Promise<number> => {
    const stats = await envoy.stats('^cluster\\..*\\.upstream_cx_rx_bytes_total$');
    const [total] = [...stats].filter(([name]) => /xds|helve|ads/.test(name)).map(([, n]) => n);
    if (total === undefined) throw new Error(`no xDS cluster in ${[...stats.keys()].join()}`);
    return total;
  };
  /** Bytes for one edit of one rule. */
  const edit = async (at: number): Promise<number> => {
    edits += 1;
    const before = await received();
    await rig.change(`h${at}.json`, hostText(at, `edit ${edits}`));
    expect(await ask(hostOf(at))).toBe(`200 ${hostOf(at)} edit ${edits}`);
    return (await received()) - before;
  };
  const listenerChanges = async (): Promise<number> => {
    const stats = await envoy.stats('^listener_manager\\.listener_(modified|in_place_updated)$');
    return [...stats.values()].reduce((sum, count) => sum + count, 0);
  };
  const setListener = (more: string): Promise<void> =>
    rig.change('web.yaml', `${listenerText('web', port)}${more}`);
  const tables = async (): Promise<number> => {
    const stats = await envoy.stats('^http\\.web\\.rds\\..*config_reload$');
    return [...stats].filter(([name]) => name.includes('shard-')).length;
  };

  beforeAll(async () => {
    rig = await createRig();
    await rig.write('helve.yaml', SHARDS_FLOOR);
    port = await freePort();
    await rig.write('web.yaml', listenerText('web', port));
    for (let at = 0; at < HOSTS; at += 1) {
      await rig.write(`h${at}.json`, hostText(at, 'first'));
    }
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    const targets = [0, 1, 2, 3].map((at) => ({ port, host: hostOf(at) }));
    load = startLoad({ targets, rps: 60 });
    await until('the load has begun', () => (load.stats().succeeded > 0 ? true : null));
  });
  afterAll(() => rig.close());

  it('is switched on, edited, given hosts and switched off with no request lost', async () => {
    const whole = await edit(0);
    await setListener('shards: true\n');
    await until('the tables are there', async () => ((await tables()) === 64 ? true : null));
    for (let at = 0; at < HOSTS; at += 1) {
      expect(await ask(hostOf(at))).toContain(`200 ${hostOf(at)}`);
    }
    const bytes = [await edit(0), await edit(1), await edit(2), await edit(0)];
    expect(Math.max(...bytes) * 4).toBeLessThan(whole);

    expect(await ask(`${hostOf(5)}:8443`)).toContain(`200 ${hostOf(5)}`);
    expect(await ask(hostOf(5).toUpperCase())).toContain(`200 ${hostOf(5)}`);
    expect(await ask(hostOf(5), false, { 'x-helve-shard': 'web#000000' })).toContain('200 h5.test');
    expect(await ask('unknown.test')).toMatch(/^404/);
    const changes = await listenerChanges();
    await rig.change(`h${HOSTS}.json`, hostText(HOSTS, 'new'));
    await until('the new host answers', async () =>
      (await ask(hostOf(HOSTS))).startsWith('200') ? true : null,
    );
    await rig.remove(`h${HOSTS}.json`);

    const seen = await startEcho();
    await rig.change('seen.yaml', `${SEEN}to: 127.0.0.1:${seen.port}\n`);
    expect(await ask('seen.test', false, { 'x-helve-shard': 'mine' })).toBe('200 no shard');
    await rig.remove('seen.yaml');
    await seen.stop();

    await rig.change('wild.yaml', WILD);
    for (const host of ['a.test', 'unknown.test', 'UNKNOWN.TEST:80', 'x.y.z.test', '[::1]', 'n']) {
      expect(await ask(host)).toBe('200 wild');
    }
    expect(await ask(hostOf(6))).toBe(`200 ${hostOf(6)} first`);
    await rig.change('wild.yaml', WILD.replace('body: wild', 'body: wider'));
    expect(await ask('unknown.test')).toBe('200 wider');
    await rig.remove('wild.yaml');
    await until('the wildcard is gone', async () =>
      (await ask('unknown.test')).startsWith('404') ? true : null,
    );
    // All that was edited went by tables: no listener was touched.
    expect(await listenerChanges()).toBe(changes);

    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await ask(hostOf(7), kept)).toBe(`200 ${hostOf(7)} first`);
    await setListener('');
    // The chain that drains still finds its routes by scopes.
    expect(await ask(hostOf(7), kept)).toBe(`200 ${hostOf(7)} first, again`);
    kept.destroy();
    await during(3_000);
    await edit(3);
    expect((await load.stop()).failures).toEqual([]);
    expect(load.stats().succeeded).toBeGreaterThan(100);
  });
});
