import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad, type LoadTarget } from '../support/load.mjs';
import { issue } from './support/certificates.ts';
import { clusterText, listenerText, routeText } from './support/documents.ts';
import { it } from './support/in-turn.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { servedSerial } from './support/tls.ts';
import { tell } from './support/tell.ts';
import { during, until } from './support/until.ts';

const SECONDS = Number(process.env['HELVE_CHURN_SECONDS'] ?? 20);
const RENAMES = Number(process.env['HELVE_RENAMES'] ?? 25);
const RPS = 300;

describe.concurrent.each<Wire>(['delta', 'sotw'])('one change a second under load, %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let targets: readonly LoadTarget[];
  let a: { address: string };
  let b: { address: string };
  let tlsPort: number;
  const host = 'shop.test';

  beforeAll(async () => {
    rig = await createRig();
    [a, b] = [await rig.upstream('a'), await rig.upstream('b')];
    const webPort = await freePort();
    tlsPort = await freePort();
    const pair = await issue([host]);
    await rig.write('certs/shop.crt', pair.cert);
    await rig.write('certs/shop.key', pair.key);
    await rig.write(
      'certificates/shop.yaml',
      'kind: Certificate\nname: shop\ncert: ../certs/shop.crt\nkey: ../certs/shop.key\n',
    );
    await rig.write('listeners/web.yaml', listenerText('web', webPort));
    await rig.write('listeners/tls.yaml', listenerText('tls', tlsPort, ['shop']));
    await rig.write('clusters/a.yaml', clusterText('a', [a]));
    await rig.write('clusters/b.yaml', clusterText('b', [b]));
    await rig.write('routes/main.yaml', routeText('main', ['web', 'tls'], '{a: 50, b: 50}'));
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    targets = [
      { port: webPort, host },
      { port: tlsPort, host, tls: true },
    ];
  });
  afterAll(() => rig.close());

  it('answers the first request', async () => {
    const load = startLoad({ targets, rps: 20 });
    await until('there are answers', () => (load.stats().requests >= 4 ? true : null));
    const { failed, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(failed).toBe(0);
  });

  it('makes an edited route live', async () => {
    const start = performance.now();
    await rig.write('routes/main.yaml', routeText('main', ['web', 'tls'], 'b'));
    await until('the edit is seen in traffic', async () => {
      const load = startLoad({ targets, rps: 100 });
      await during(30);
      const { byUpstream } = await load.stop();
      return byUpstream['b'] !== undefined && byUpstream['a'] === undefined ? true : null;
    });
    tell(`edit to traffic (${wire}): ${Math.round(performance.now() - start)} ms at most`);
  });

  it('CDS-01 LDS-01 loses nothing while everything changes every second', async () => {
    const before = await envoy.stats('listener_manager|cluster_manager|no_cluster');
    const load = startLoad({ targets, rps: RPS });
    for (let second = 0; second < SECONDS; second += 1) {
      await change(second);
      await during(1_000);
    }
    await rig.inStep();
    const stats = await load.stop();
    const after = await envoy.stats('listener_manager|cluster_manager|no_cluster');
    tell(`churn (${wire}): ${stats.requests} requests, ${stats.failed} failed`);
    expect(stats.failures).toEqual([]);
    expect(stats.failed).toBe(0);
    expect(stats.requests).toBeGreaterThan(SECONDS * RPS * 0.2);
    expect(moved(before, after, 'listener_manager.listener_modified')).toBe(0);
    expect(moved(before, after, 'cluster_manager.cds.update_rejected')).toBe(0);
    expect(after.get('listener_manager.total_filter_chains_draining')).toBe(0);
    expect(after.get('listener_manager.total_listeners_draining')).toBe(0);
  });

  async function change(second: number): Promise<void> {
    const round = Math.floor(second / 6);
    switch (second % 6) {
      case 0:
        return rig.write('routes/main.yaml', routeText('main', ['web', 'tls'], '{a: 90, b: 10}'));
      case 1:
        return rig.write('clusters/extra.yaml', clusterText(`extra-${round}`, [b]));
      case 2:
        return rig.write(
          'routes/main.yaml',
          routeText('main', ['web', 'tls'], `{a: 40, b: 30, extra-${round}: 30}`),
        );
      case 3: {
        const pair = await issue([host]);
        await rig.write('certs/shop.crt', pair.cert);
        await rig.write('certs/shop.key', pair.key);
        await until('the new certificate is served', async () =>
          (await servedSerial(tlsPort, host)) === pair.serial ? true : null,
        );
        return;
      }
      case 4:
        return rig.write('clusters/a.yaml', clusterText('a', round % 2 === 0 ? [a, b] : [a]));
      default:
        await rig.write('routes/main.yaml', routeText('main', ['web', 'tls'], '{a: 50, b: 50}'));
        return rig.remove('clusters/extra.yaml');
    }
  }

  it('ADS-02 ADS-08 T-30 loses nothing while a cluster is renamed together with its route', async () => {
    await rig.inStep();
    const load = startLoad({ targets, rps: RPS });
    let name = 'a';
    for (let round = 0; round < RENAMES; round += 1) {
      const next = `renamed-${round}`;
      const text = `${routeText('main', ['web', 'tls'], next)}---\n${clusterText(next, [a])}`;
      await rig.write('routes/main.yaml', text);
      if (name === 'a') await rig.remove('clusters/a.yaml');
      name = next;
      const answered = `cluster.${next}.upstream_rq_2xx`;
      await until(`traffic goes to ${next}`, async () =>
        ((await envoy.stats(`^${answered}$`)).get(answered) ?? 0) > 0 ? true : null,
      );
    }
    const stats = await load.stop();
    const counters = await envoy.stats('no_cluster');
    tell(`renames (${wire}): ${stats.requests} requests, ${stats.failed} failed`);
    expect(stats.failures).toEqual([]);
    expect(stats.failed).toBe(0);
    expect([...counters.values()].reduce((sum, n) => sum + n, 0)).toBe(0);
    // What a rename leaves behind is gone within a minute, since no listener drained.
    await until(
      'one cluster of the renames is left',
      async () => {
        const names = new Set(
          [...(await envoy.stats('^cluster\\.renamed-.*membership_total')).keys()].map(
            (stat) => stat.split('.')[1],
          ),
        );
        return names.size === 1 ? true : null;
      },
      60_000,
    );
  });
});

const moved = (
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  name: string,
): number => (after.get(name) ?? Number.NaN) - (before.get(name) ?? Number.NaN);
