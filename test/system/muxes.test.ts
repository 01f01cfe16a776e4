import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPins, type Bootstrap, type RunningEnvoy } from '../../src/envoy/index.ts';
import { releaseOf } from '../../src/schema/release.ts';
import { startLoad, type Load } from '../support/load.mjs';
import { clusterText, listenerText, luaListener, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { until } from './support/until.ts';

// One fleet of every kind of client that an Envoy can be: each version, each wire, both of Envoy's
// own implementations, and the node on the first request alone or on each. All go through one day.

interface Variant {
  readonly title: string;
  readonly group: string;
  readonly version: string;
  readonly wire: Wire;
  readonly isUnified: boolean;
  readonly isNodeOnce: boolean;
}

const WIRES: readonly Wire[] = ['sotw', 'delta'];
const VARIANTS: readonly Variant[] = Object.keys(readPins().versions)
  .flatMap((version) => WIRES.map((wire) => ({ version, wire })))
  .flatMap((one) => [false, true].map((isUnified) => ({ ...one, isUnified })))
  .flatMap((one) => [true, false].map((isNodeOnce) => ({ ...one, isNodeOnce })))
  .map((one, at) => ({ ...one, group: `kind-${at}`, title: titleOf(one) }));

function titleOf({ version, wire, isUnified, isNodeOnce }: Omit<Variant, 'title' | 'group'>) {
  const mux = isUnified ? 'unified' : 'default';
  return `Envoy ${version}, ${mux} client, node ${isNodeOnce ? 'once' : 'always'} (${wire})`;
}

const ROWS = VARIANTS.map((one) => [one.title, one] as const);

/** This client says its node each time, whatever it is told. */
const isDeaf = ({ version, wire, isUnified }: Variant): boolean =>
  releaseOf(version) === '1.36' && wire === 'delta' && !isUnified;

const FLAG = 'envoy.reloadable_features.unified_mux';

const bootstrapOf =
  ({ isUnified, isNodeOnce }: Variant) =>
  (made: Bootstrap): Bootstrap => {
    const dynamic = made['dynamic_resources'] as { readonly ads_config: object };
    const ads = { ...dynamic.ads_config, set_node_on_first_message_only: isNodeOnce };
    return {
      ...made,
      dynamic_resources: { ...dynamic, ads_config: ads },
      layered_runtime: { layers: [{ name: 'mux', static_layer: { [FLAG]: isUnified } }] },
    };
  };

describe('a fleet of every kind of Envoy client', () => {
  let rig: Rig;
  let load: Load;
  const envoys = new Map<Variant, RunningEnvoy>();
  const ports = new Map<Variant, number>();
  const upstreams = { a: '', b: '' };

  const portOf = (variant: Variant): number => ports.get(variant) ?? 0;
  const envoyOf = (variant: Variant): RunningEnvoy => {
    const envoy = envoys.get(variant);
    if (envoy === undefined) throw new Error(`${variant.title} does not run`);
    return envoy;
  };
  const nodeOf = async ({ group }: Variant) =>
    (await rig.helve.nodes()).find(({ cluster }) => cluster === group);
  const ask = async (variant: Variant) => {
    const answer = await fetch(`http://127.0.0.1:${portOf(variant)}/`, {
      headers: { connection: 'close' },
    });
    await answer.arrayBuffer();
    const { status, headers } = answer;
    return { status, by: headers.get('x-upstream'), server: headers.get('server') };
  };
  const answers = (variant: Variant, wanted: { by?: string; server?: string }): Promise<true> =>
    until(`it answers ${JSON.stringify(wanted)}`, async () => {
      const found = await ask(variant);
      const isSo =
        found.by === (wanted.by ?? found.by) && found.server === (wanted.server ?? found.server);
      return isSo && found.status === 200 ? true : null;
    });
  const writeListeners = (more = ''): Promise<void> => {
    const texts = VARIANTS.flatMap((one) => [
      `kind: NodeGroup\nname: ${one.group}\nmatch: {cluster: ${one.group}}\n`,
      `${listenerText(one.group, portOf(one))}nodes: [${one.group}]\n${more}`,
    ]);
    return rig.write('listeners.yaml', texts.join('---\n'));
  };
  const writeRoute = (to: string): Promise<void> =>
    rig.write(
      'routes.yaml',
      routeText(
        'main',
        VARIANTS.map(({ group }) => group),
        to,
      ),
    );

  beforeAll(async () => {
    rig = await createRig();
    for (const name of ['a', 'b'] as const) upstreams[name] = (await rig.upstream(name)).address;
    for (const variant of VARIANTS) ports.set(variant, await freePort());
    await writeListeners();
    for (const name of ['a', 'b'] as const) {
      await rig.write(`${name}.yaml`, clusterText(name, [{ address: upstreams[name] }]));
    }
    await writeRoute('a');
    await rig.startHelve();
    await rig.helve.ready();
    await Promise.all(
      VARIANTS.map(async (variant) => {
        const { group, wire, version } = variant;
        const bootstrap = bootstrapOf(variant);
        const choice = { id: group, cluster: group, wire, version, bootstrap };
        envoys.set(variant, await rig.startEnvoy(choice));
      }),
    );
    await rig.inStep();
    const targets = VARIANTS.map((variant) => ({ port: portOf(variant) }));
    load = startLoad({ targets, rps: 100 });
  });
  afterAll(() => rig.close());

  describe('connects', () => {
    it.each(ROWS)('T-45 %s', async (_title, variant) => {
      expect(await ask(variant)).toMatchObject({ status: 200, by: 'a' });
      const { wire, version } = variant;
      expect(await nodeOf(variant)).toMatchObject({ wire, envoyVersion: version, inStep: true });
      const { entries } = JSON.parse((await envoyOf(variant).admin('/runtime')).body) as {
        readonly entries: Readonly<Record<string, { readonly final_value: string }>>;
      };
      expect(entries[FLAG]?.final_value).toBe(String(variant.isUnified));
    });
  });

  describe('takes an edit', () => {
    beforeAll(() => writeRoute('b'));

    it.each(ROWS)('RDS-01 %s', async (_title, variant) => {
      await answers(variant, { by: 'b' });
    });
  });

  describe('refuses, once, and is traced', () => {
    beforeAll(async () => rig.write('lua.yaml', luaListener(await freePort())));

    it.each(ROWS)('ERR-07 %s', async (_title, variant) => {
      const rejected = await until('the refusal is shown', async () => {
        const node = await nodeOf(variant);
        return node?.types.flatMap((type) => type.rejected)[0] ?? null;
      });
      expect(rejected).toMatchObject({ name: 'lua', origins: [{ file: 'lua.yaml' }] });
      expect(rejected.error).toMatch(/script load error/);
      expect(await ask(variant)).toMatchObject({ status: 200, by: 'b' });
    });
  });

  describe('lets go of what is removed', () => {
    beforeAll(async () => {
      await rig.remove('lua.yaml');
      await rig.remove('a.yaml');
      await rig.inStep();
    });

    it.each(ROWS)('%s', async (_title, variant) => {
      const { body } = await envoyOf(variant).admin('/clusters');
      expect(body).toContain(upstreams.b);
      expect(body).not.toContain(upstreams.a);
      expect(await ask(variant)).toMatchObject({ status: 200, by: 'b' });
      // Whatever else it was sent meanwhile, what it refused came once.
      const refused = 'listener_manager.lds.update_rejected';
      expect((await envoyOf(variant).stats(`^${refused}$`)).get(refused)).toBe(1);
    });
  });

  describe('comes back to a new helve', () => {
    let before: ReadonlyMap<Variant, number> = new Map();
    const updates = async (variant: Variant): Promise<number> => {
      const stats = await envoyOf(variant).stats('update_success$');
      return [...stats.values()].reduce((sum, n) => sum + n, 0);
    };

    beforeAll(async () => {
      const found = VARIANTS.map(async (one) => [one, await updates(one)] as const);
      before = new Map(await Promise.all(found));
      await rig.helve.stop();
      await rig.startHelve();
      await rig.helve.ready();
      await until('all are back', async () =>
        (await rig.helve.status()).nodes.inStep === VARIANTS.length ? true : null,
      );
    });

    it.each(ROWS)('%s', async (_title, variant) => {
      expect(await ask(variant)).toMatchObject({ status: 200, by: 'b' });
      // Over delta what it has is not sent again: "all" of CDS and of LDS is answered by nothing.
      const { wire } = variant;
      if (wire === 'delta') expect(await updates(variant)).toBe((before.get(variant) ?? 0) + 2);
    });
  });

  describe('then takes an edit of its listener', () => {
    beforeAll(() => writeListeners('http: {server: {name: edited}}\n'));

    it.each(ROWS)('ENV-05 LDS-01 %s', async (_title, variant) => {
      await answers(variant, { by: 'b', server: 'edited' });
    });
  });

  describe('has said its node as it was told to', () => {
    it.each(ROWS)('TRN-02 TRN-03 %s', async (_title, variant) => {
      const name = 'cluster.helve_xds.upstream_cx_tx_bytes_total';
      const bytes = (await envoyOf(variant).stats(`^${name}$`)).get(name) ?? 0;
      // A node is 30 KB and more, since it lists what is built in.
      if (variant.isNodeOnce && !isDeaf(variant)) expect(bytes).toBeLessThan(250_000);
      else expect(bytes).toBeGreaterThan(500_000);
    });
  });

  it('loses no request over all of it', async () => {
    const { failures, byUpstream } = await load.stop();
    expect(failures).toEqual([]);
    expect(Object.keys(byUpstream).sort()).toEqual(['a', 'b']);
  });
});
