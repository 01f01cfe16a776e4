import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { until } from './support/until.ts';

/** What helve cannot know to be wrong: an address that this machine has not. */
const listener = (address: string): string => `
resources:
  - "@type": type.googleapis.com/envoy.config.listener.v3.Listener
    name: web
    address: { socket_address: { address: ${address}, port_value: 0 } }
    filter_chains:
      - filters:
          - name: tcp
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
              stat_prefix: web
              cluster: none
  - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
    name: none
    type: STATIC
    connect_timeout: 1s
`;

describe.each<Wire>(['delta', 'sotw'])('documents that go back after a refusal, %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;

  beforeAll(async () => {
    rig = await createRig();
    await rig.write('web.yaml', listener('127.0.0.1'));
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
  });
  afterAll(() => rig.close());

  const dump = async (): Promise<string> =>
    (await envoy.admin('/config_dump?resource=dynamic_listeners')).body;

  it('T-26 Envoy shows the refusal until it is sent again what it runs', async () => {
    await rig.write('web.yaml', listener('192.0.2.1'));
    await until('it is refused', async () =>
      (await rig.helve.status()).nodes.nacked === 1 ? true : null,
    );
    expect(await dump()).toContain('error_state');
    await rig.change('web.yaml', listener('127.0.0.1'));
    await until('nothing is refused', async () =>
      (await dump()).includes('error_state') ? null : true,
    );
    await rig.inStep();
    const stats = await envoy.stats('listener_manager.total_listeners_');
    expect(stats.get('listener_manager.total_listeners_draining')).toBe(0);
  });
});
