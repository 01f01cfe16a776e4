import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Bootstrap, RunningEnvoy } from '../../src/envoy/index.ts';
import { it } from './support/in-turn.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { until } from './support/until.ts';

const TTL = '4s';
const ADS = { ads: {}, resource_api_version: 'V3' };

const withLayer =
  (isUnified: boolean) =>
  (made: Bootstrap): Bootstrap => ({
    ...made,
    layered_runtime: {
      layers: [
        {
          name: 'fixed',
          static_layer: {
            'house.word': 'fixed',
            'envoy.reloadable_features.unified_mux': isUnified,
          },
        },
        { name: 'overlay', rtds_layer: { name: 'overlay', rtds_config: ADS } },
      ],
    },
  });

const enveloped = (ttl: string, resource: string): string => `
  - "@type": type.googleapis.com/envoy.service.discovery.v3.Resource
    ttl: ${ttl}
    resource: ${resource}`;

const runtime = (word: string): string => `resources:
${enveloped(TTL, `{ "@type": type.googleapis.com/envoy.service.runtime.v3.Runtime, name: overlay, layer: { house.word: ${word} } }`)}
`;

const cluster = (name: string): string =>
  `{ "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: ${name}, type: STATIC, connect_timeout: 1s }`;

const VARIANTS: readonly (readonly [Wire, string, boolean])[] = [
  ['delta', 'its default client', false],
  ['delta', 'its unified one', true],
  ['sotw', 'its default client', false],
  ['sotw', 'its unified one', true],
];

describe.concurrent.each(VARIANTS)('lifetimes on an Envoy (%s), %s', (wire, _client, isUnified) => {
  let rig: Rig;
  let envoy: RunningEnvoy;

  beforeAll(async () => {
    rig = await createRig();
    await rig.write('runtime.yaml', runtime('first'));
    await rig.write('mortal.yaml', `resources:\n${enveloped(TTL, cluster('mortal'))}`);
    await rig.write('lasting.yaml', `resources:\n  - ${cluster('lasting')}`);
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire, bootstrap: withLayer(isUnified) });
  });
  afterAll(() => rig.close());

  const word = async (): Promise<string> => {
    const { body } = await envoy.admin('/runtime');
    const { entries } = JSON.parse(body) as {
      readonly entries: Readonly<Record<string, { readonly final_value: string }>>;
    };
    return entries['house.word']?.final_value ?? '';
  };
  const isWord = (wanted: string): Promise<true> =>
    until(`the layer says ${wanted}`, async () => ((await word()) === wanted ? true : null));
  const sent = (): Promise<number> => rig.helve.metric('helve_stream_responses_total');
  /** More than two lifetimes have, of the layer and, over delta, of the cluster. */
  const refreshes = async (): Promise<void> => {
    const before = await until('the Envoy is served', sent);
    const enough = before + (wire === 'delta' ? 18 : 9);
    await until('it was refreshed often', async () => ((await sent()) >= enough ? true : null));
  };
  const clusters = async (): Promise<string> => (await envoy.admin('/clusters')).body;

  it('TTL-01 TTL-02 TTL-03 TTL-04 TTL-05 RTDS-01 a layer outlives its lifetime while helve lives', async () => {
    await isWord('first');
    await refreshes();
    await isWord('first');
    expect(await clusters()).toContain('mortal::');
    const stats = await envoy.stats('update_rejected');
    expect([...stats.values()].reduce((sum, n) => sum + n, 0)).toBe(0);
  });

  it('TTL-01 an edit begins it anew', async () => {
    await rig.change('runtime.yaml', runtime('second'));
    await isWord('second');
  });

  it('TTL-01 TTL-02 after a restart it goes on', async () => {
    await rig.helve.stop();
    await rig.startHelve();
    await rig.helve.ready();
    await refreshes();
    await isWord('second');
    expect(await clusters()).toContain('mortal::');
  });

  it('ENV-11 TTL-01 TTL-05 TTL-06 T-28 it falls back once helve is gone, and what has none stays', async () => {
    await rig.helve.stop();
    await isWord('fixed');
    if (wire === 'delta') {
      await until('the cluster is gone', async () =>
        (await clusters()).includes('mortal::') ? null : true,
      );
    } else {
      expect(await clusters()).toContain('mortal::');
    }
    expect(await clusters()).toContain('lasting::');
  });
});
