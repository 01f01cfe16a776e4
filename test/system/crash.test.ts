import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad, type LoadTarget } from '../support/load.mjs';
import { clusterText, listenerText, routeText } from './support/documents.ts';
import { it } from './support/in-turn.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { during, until } from './support/until.ts';

const KILLS = Number(process.env['HELVE_KILLS'] ?? 6);
const AWAY_MS = Number(process.env['HELVE_AWAY_SECONDS'] ?? 10) * 1_000;

// Everything that would show that something was sent again, or applied again.
const MOVES = /modified|_added|_removed|draining|warming|config_reload$/;

describe.concurrent.each<Wire>(['delta', 'sotw'])('deaths, %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let targets: readonly LoadTarget[];
  let a: { address: string };
  let b: { address: string };

  beforeAll(async () => {
    rig = await createRig();
    [a, b] = [await rig.upstream('a'), await rig.upstream('b')];
    const port = await freePort();
    await rig.write('web.yaml', listenerText('web', port));
    await rig.write('clusters/a.yaml', clusterText('a', [a]));
    await rig.write('clusters/b.yaml', clusterText('b', [b]));
    await rig.write('route.yaml', routeText('main', ['web'], 'a'));
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    targets = [{ port, host: 'shop.test' }];
  });
  afterAll(() => rig.close());

  const connected = (): Promise<true> =>
    until('the node is connected', async () =>
      (await rig.helve.status()).nodes.connected > 0 ? true : null,
    );

  it('SOTW-02 DELTA-07 T-24 resends nothing after a restart when nothing changed', async () => {
    const before = await envoy.stats('listener_manager|cluster_manager|rds|vhds|srds');
    await rig.helve.kill9();
    await rig.startHelve();
    await rig.helve.ready();
    await connected();
    await rig.inStep();
    const after = await envoy.stats('listener_manager|cluster_manager|rds|vhds|srds');
    for (const [name, value] of before) {
      if (MOVES.test(name)) expect([name, after.get(name)]).toEqual([name, value]);
    }
  });

  it('loses nothing when helve is killed at any moment, and converges', async () => {
    const load = startLoad({ targets, rps: 100 });
    for (let kill = 0; kill < KILLS; kill += 1) {
      const to = kill % 2 === 0 ? 'b' : 'a';
      await rig.write('route.yaml', routeText('main', ['web'], to));
      await during(Math.random() * 60);
      await rig.helve.kill9();
      await rig.startHelve();
      await rig.helve.ready();
      await connected();
      await rig.inStep();
      await until(`traffic goes to ${to}`, () => converged(to));
    }
    const stats = await load.stop();
    expect(stats.failures).toEqual([]);
    expect(stats.failed).toBe(0);
  });

  it('loses nothing when the ingest process is killed, and converges', async () => {
    const load = startLoad({ targets, rps: 100 });
    for (let kill = 0; kill < KILLS; kill += 1) {
      const to = kill % 2 === 0 ? 'b' : 'a';
      const children = await until('the ingest process runs', async () => {
        const pids = await rig.helve.children();
        return pids.length > 0 ? pids : null;
      });
      await rig.write('route.yaml', routeText('main', ['web'], to));
      await during(Math.random() * 60);
      for (const pid of children) process.kill(pid, 'SIGKILL');
      await until('another runs', async () => {
        const pids = await rig.helve.children();
        return pids.some((pid) => !children.includes(pid)) ? true : null;
      });
      await until(`traffic goes to ${to}`, () => converged(to));
      await rig.inStep();
    }
    const stats = await load.stop();
    expect(stats.failures).toEqual([]);
    expect(stats.failed).toBe(0);
  });

  it('ends its ingest process when it is killed', async () => {
    const children = await rig.helve.children();
    expect(children.length).toBeGreaterThan(0);
    await rig.helve.kill9();
    await until('the ingest process is gone', () => (children.some(isAlive) ? null : true));
    await rig.startHelve();
    await rig.helve.ready();
    await connected();
  });

  it('may be away for long', async () => {
    const load = startLoad({ targets, rps: 100 });
    await rig.helve.stop();
    await during(AWAY_MS);
    await rig.startHelve();
    await rig.helve.ready();
    await connected();
    await rig.write('route.yaml', routeText('main', ['web'], '{a: 50, b: 50}'));
    await rig.inStep();
    const stats = await load.stop();
    expect(stats.failures).toEqual([]);
  });

  it('feeds an Envoy that is started again under load', async () => {
    await envoy.stop();
    envoy = await rig.startEnvoy({ wire, id: 'envoy-0' });
    await until('there is traffic again', async () => {
      const load = startLoad({ targets, rps: 50 });
      await during(100);
      const { failed, succeeded } = await load.stop();
      return failed === 0 && succeeded > 0 ? true : null;
    });
    const load = startLoad({ targets, rps: 100 });
    await during(1_000);
    expect((await load.stop()).failures).toEqual([]);
  });

  it('TRN-14 ends cleanly on SIGTERM: exit code 0, streams with a status', async () => {
    const start = performance.now();
    rig.helve.signal('SIGTERM');
    const { code } = await rig.helve.exited;
    expect(code).toBe(0);
    expect(performance.now() - start).toBeLessThan(60_000);
    await rig.startHelve();
    await rig.helve.ready();
    await connected();
  });

  async function converged(to: string): Promise<true | null> {
    const load = startLoad({ targets, rps: 100 });
    await during(40);
    const { byUpstream } = await load.stop();
    return Object.keys(byUpstream).join() === to ? true : null;
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
