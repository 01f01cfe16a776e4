import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bootstrap, RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad, type Load } from '../support/load.mjs';
import { listenerText, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { refusals } from './support/steady.ts';
import { until } from './support/until.ts';

const ADS = { ads: {}, resource_api_version: 'V3' };

/** Clusters and listeners by services of their own, the rest by ADS; a runtime layer by RTDS. */
const withOwnStreams =
  (wire: Wire) =>
  (made: Bootstrap): Bootstrap => {
    const dynamic = made['dynamic_resources'];
    if (typeof dynamic !== 'object' || dynamic === null) throw new Error('no dynamic resources');
    const own = {
      resource_api_version: 'V3',
      api_config_source: {
        api_type: wire === 'delta' ? 'DELTA_GRPC' : 'GRPC',
        transport_api_version: 'V3',
        grpc_services: [{ envoy_grpc: { cluster_name: 'helve_xds' } }],
      },
    };
    return {
      ...made,
      dynamic_resources: { ...dynamic, cds_config: own, lds_config: own },
      layered_runtime: {
        layers: [
          { name: 'ours', rtds_layer: { name: 'ours', rtds_config: ADS } },
          { name: 'admin', admin_layer: {} },
        ],
      },
    };
  };

const runtime = (value: string): string => `
resources:
  - "@type": type.googleapis.com/envoy.service.runtime.v3.Runtime
    name: ours
    layer: { house.word: ${value} }
`;

/** A cluster whose change makes it anew, with endpoints that come by EDS. */
const cluster = (name: string, to: string, connectMs: number): string => `
resources:
  - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
    name: ${name}
    type: EDS
    connect_timeout: ${connectMs / 1000}s
    eds_cluster_config: { eds_config: { ads: {} } }
  - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
    cluster_name: ${name}
    endpoints:
      - lb_endpoints:
          - endpoint:
              address:
                socket_address: { address: 127.0.0.1, port_value: ${to.split(':')[1] ?? ''} }
`;

describe.each<Wire>(['delta', 'sotw'])('streams of each type (%s, per type)', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let load: Load;
  let one: string;
  let two: string;

  beforeAll(async () => {
    rig = await createRig();
    one = (await rig.upstream('one')).address;
    two = (await rig.upstream('two')).address;
    const port = await freePort();
    await rig.write('web.yaml', listenerText('web', port));
    await rig.write('route.yaml', routeText('main', ['web'], 'one'));
    await rig.write('one.yaml', cluster('one', one, 1_000));
    await rig.write('runtime.yaml', runtime('first'));
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire, bootstrap: withOwnStreams(wire) });
    await rig.inStep();
    load = startLoad({ targets: [{ port, host: 'shop.test' }], rps: 100 });
    await until('the load has begun', () => (load.stats().succeeded > 0 ? true : null));
  });
  afterAll(() => rig.close());

  it('TRN-01 are those of one node, each with its own types', async () => {
    const nodes = await rig.helve.nodes();
    expect(nodes.map(({ id }) => id)).toEqual(['envoy-0']);
    expect(nodes[0]?.streams).toBe(3);
  });

  it('ADS-09 lose no request while a cluster comes, routes switch and the old one goes', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [from, to, at] = round % 2 === 0 ? ['one', 'two', two] : ['two', 'one', one];
      await rig.change(`${to}.yaml`, cluster(to, at, 1_000 + round));
      await rig.change('route.yaml', routeText('main', ['web'], to));
      const { accepted: before } = await rig.helve.status();
      await rig.remove(`${from}.yaml`);
      await until('the removal is accepted', async () =>
        (await rig.helve.status()).accepted?.revision === before?.revision ? null : true,
      );
    }
    expect(load.stats().failures).toEqual([]);
  });

  it('ENV-02 ADS-05 T-01 give a cluster that is made anew its endpoints at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      await rig.change('two.yaml', cluster('two', two, 3_000 + round));
      await until('nothing warms', async () => {
        const stats = await envoy.stats('warming_clusters');
        return stats.get('cluster_manager.warming_clusters') === 0 ? true : null;
      });
    }
    const timeouts = await envoy.stats('init_fetch_timeout');
    expect([...timeouts.values()].reduce((sum, n) => sum + n, 0)).toBe(0);
  });

  it('RTDS-01 change a runtime layer live', async () => {
    const wordOf = async (): Promise<string> => (await envoy.admin('/runtime')).body;
    expect(await wordOf()).toContain('first');
    await rig.write('runtime.yaml', runtime('second'));
    await until('the layer has changed', async () =>
      (await wordOf()).includes('second') ? true : null,
    );
  });

  it('have lost and refused nothing', async () => {
    const { failures, succeeded } = await load.stop();
    expect(failures).toEqual([]);
    expect(succeeded).toBeGreaterThan(0);
    expect(await refusals(envoy)).toEqual([]);
  });
});
