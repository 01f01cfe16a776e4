import { afterAll, beforeAll, describe, expect } from 'vitest';
import { readPins, type RunningEnvoy } from '../../src/envoy/index.ts';
import type { PollReport } from '../../src/server/index.ts';
import { startLoad, type Load } from '../support/load.mjs';
import { clusterText, listenerText, luaListener, routeText } from './support/documents.ts';
import { it } from './support/in-turn.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { until } from './support/until.ts';

describe.concurrent.each<Wire>(['delta', 'sotw'])(
  'an Envoy that polls for its clusters (%s)',
  (wire) => {
    let rig: Rig;
    let envoy: RunningEnvoy;
    let load: Load;
    let port: number;
    const addresses = new Map<string, string>();

    const polled = async (): Promise<PollReport> => {
      const { text } = await rig.helve.get('/v1/polls');
      const [found] = JSON.parse(text) as readonly PollReport[];
      if (found === undefined) throw new Error('no node has polled');
      return found;
    };
    /** It has named the versions that it is to have, and its stream is in step. */
    const inStep = async (): Promise<void> => {
      await rig.inStep();
      await until('what is polled for was seen', async () =>
        (await polled()).types.every(({ current }) => current) ? true : null,
      );
    };
    const answered = async (): Promise<string> =>
      (await fetch(`http://127.0.0.1:${port}/`, { headers: { host: 'shop.test' } })).text();

    beforeAll(async () => {
      rig = await createRig();
      for (const name of ['one', 'two']) addresses.set(name, (await rig.upstream(name)).address);
      port = await freePort();
      const rest = `127.0.0.1:${await freePort()}`;
      await rig.write('web.yaml', listenerText('web', port));
      await rig.write('route.yaml', routeText('main', ['web'], 'one'));
      await rig.write('one.yaml', clusterText('one', [{ address: addresses.get('one') ?? '' }]));
      await rig.startHelve(['--rest', rest]);
      await rig.helve.ready();
      envoy = await rig.startEnvoy({ wire, rest });
      await inStep();
      load = startLoad({ targets: [{ port, host: 'shop.test' }], rps: 100 });
      await until('the load has begun', () => (load.stats().succeeded > 0 ? true : null));
    });
    afterAll(() => rig.close());

    it('REST-02 REST-05 (rest) is one whose versions are known, and nothing else', async () => {
      expect(await polled()).toMatchObject({
        ...{ id: 'envoy-0', cluster: 'edge', via: 'rest', envoyVersion: readPins().default },
        types: [
          { type: 'CDS', current: true },
          { type: 'LDS', current: true },
        ],
      });
      const [node] = await rig.helve.nodes();
      expect(node?.types.map(({ type }) => type)).not.toContain('CDS');
      expect(node?.types.map(({ type }) => type)).toContain('RDS');
    });

    it('REST-03 ADS-09 (rest) loses no request while clusters come, routes move, clusters go', async () => {
      for (let round = 0; round < 4; round += 1) {
        const [from, to] = round % 2 === 0 ? ['one', 'two'] : ['two', 'one'];
        const address = addresses.get(to) ?? '';
        // In one edit: what comes, what leads there, and what goes.
        await rig.remove(`${from}.yaml`);
        await rig.write('route.yaml', routeText('main', ['web'], to));
        await rig.write(`${to}.yaml`, clusterText(to, [{ address }]));
        await until('the edit is live', async () =>
          (await answered()).includes(to) ? true : null,
        );
      }
      await inStep();
      expect(load.stats().failures).toEqual([]);
    });

    it('REST-03 REST-04 (rest) asks each second, and is answered in time', async () => {
      const before = await envoy.stats('cluster_manager.cds|listener_manager.lds');
      expect(before.get('cluster_manager.cds.init_fetch_timeout')).toBe(0);
      expect(before.get('cluster_manager.cds.update_failure')).toBe(0);
      const unchanged = 'helve_fetch_total{via="rest",type="Cluster",answer="unchanged"}';
      const count = await rig.helve.metric(unchanged);
      await until('it has asked again', async () =>
        (await rig.helve.metric(unchanged)) > count ? true : null,
      );
    });

    it('REST-05 (rest) goes on with what it has where it refuses, and names the old version', async () => {
      const { types: before } = await polled();
      await rig.write('refused.yaml', luaListener(await freePort()));
      await until('it has refused', async () =>
        ((await envoy.stats('lds.update_rejected')).get('listener_manager.lds.update_rejected') ??
          0) > 0
          ? true
          : null,
      );
      await until('the old version comes back', async () => {
        const listeners = (await polled()).types.find(({ type }) => type === 'LDS');
        return listeners?.current === false ? true : null;
      });
      const seenOf = (types: PollReport['types']): string | undefined =>
        types.find(({ type }) => type === 'LDS')?.seen;
      expect(seenOf((await polled()).types)).toBe(seenOf(before));
      await rig.remove('refused.yaml');
      await inStep();
    });

    it('has lost nothing', async () => {
      const { failures, succeeded } = await load.stop();
      expect(failures).toEqual([]);
      expect(succeeded).toBeGreaterThan(0);
    });
  },
);
