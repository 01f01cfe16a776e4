import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad, type LoadTarget } from '../support/load.mjs';
import { startCutProxy, type CutProxy } from './support/cut-proxy.ts';
import { listenerText, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { during, until } from './support/until.ts';

/** Bytes of the burst after which the connection is cut: in the cluster, between, in the EDS. */
const CUTS = [1, 60, 200, 350, 450, 600];

const clusterFile = (connectTimeoutMs: number, endpoint: string): string =>
  JSON.stringify({
    resources: [
      {
        '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
        name: 'a',
        type: 'EDS',
        connect_timeout: `${connectTimeoutMs / 1000}s`,
        eds_cluster_config: { eds_config: { ads: {} } },
      },
      {
        '@type': 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
        cluster_name: 'a',
        endpoints: [
          {
            lb_endpoints: [
              {
                endpoint: {
                  address: {
                    socket_address: {
                      address: endpoint.split(':')[0],
                      port_value: Number(endpoint.split(':')[1]),
                    },
                  },
                },
              },
            ],
          },
        ],
      },
    ],
  });

describe.each<Wire>(['delta', 'sotw'])('a stream cut inside a push, %s', (wire) => {
  let rig: Rig;
  let proxy: CutProxy;
  let envoy: RunningEnvoy;
  let upstream: string;
  let targets: readonly LoadTarget[];

  beforeAll(async () => {
    rig = await createRig();
    upstream = (await rig.upstream('a')).address;
    const port = await freePort();
    await rig.write('web.yaml', listenerText('web', port));
    await rig.write('route.yaml', routeText('main', ['web'], 'a'));
    await rig.write('cluster.json', clusterFile(1_000, upstream));
    await rig.startHelve();
    await rig.helve.ready();
    proxy = await startCutProxy(rig.xds);
    envoy = await rig.startEnvoy({ wire, xds: proxy.address });
    await rig.inStep();
    targets = [{ port, host: 'shop.test' }];
  });
  afterAll(async () => {
    await proxy.close();
    await rig.close();
  });

  it('ENV-02 ADS-05 T-01 T-02 T-04 T-13 never waits for endpoints that were lost with the stream', async () => {
    const load = startLoad({ targets, rps: 50 });
    for (const [round, bytes] of CUTS.entries()) {
      const cut = proxy.cutAfter(bytes);
      await rig.write('cluster.json', clusterFile(2_000 + round, upstream));
      await Promise.race([cut, during(5_000)]);
      await rig.inStep();
      await until('nothing warms', async () => {
        const stats = await envoy.stats('warming_clusters');
        return stats.get('cluster_manager.warming_clusters') === 0 ? true : null;
      });
    }
    const stats = await load.stop();
    expect(stats.failures).toEqual([]);
    const timeouts = await envoy.stats('init_fetch_timeout');
    expect([...timeouts.values()].reduce((sum, n) => sum + n, 0)).toBe(0);
  });
});
