import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad, type Load } from '../support/load.mjs';
import { clusterText, listenerText, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { refusals } from './support/steady.ts';
import { until } from './support/until.ts';

describe.each<Wire>(['delta', 'sotw'])('connections that age, %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let load: Load;
  let port = 0;

  beforeAll(async () => {
    rig = await createRig();
    const upstream = await rig.upstream('one');
    port = await freePort();
    await rig.write('web.yaml', listenerText('web', port));
    await rig.write('one.yaml', clusterText('one', [{ address: upstream.address }]));
    await rig.write('two.yaml', clusterText('two', [{ address: upstream.address }]));
    await rig.write('route.yaml', routeText('main', ['web'], 'one'));
    await rig.startHelve(['--connection-age', '1']);
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    load = startLoad({ targets: [{ port, host: 'shop.test' }], rps: 100 });
  });
  afterAll(() => rig.close());

  const connects = async (): Promise<number> => {
    const stats = await envoy.stats('cluster.helve_xds.upstream_cx_total');
    return stats.get('cluster.helve_xds.upstream_cx_total') ?? 0;
  };

  it('SRV-03 an Envoy connects anew, and no request is lost', async () => {
    const before = await connects();
    await until('it has connected four times more', async () =>
      (await connects()) >= before + 4 ? true : null,
    );
    await rig.change('route.yaml', routeText('main', ['web'], 'two'));
    await rig.inStep();
    const { failures, succeeded } = await load.stop();
    expect(failures).toEqual([]);
    expect(succeeded).toBeGreaterThan(0);
    expect(await refusals(envoy)).toEqual([]);
  });
});
