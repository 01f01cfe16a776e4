import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad, type LoadTarget } from '../support/load.mjs';
import { startCutProxy } from './support/cut-proxy.ts';
import { clusterText, listenerText, luaListener, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { during, until } from './support/until.ts';

interface BadEdit {
  readonly name: string;
  readonly text: string;
  readonly code: string;
  readonly line: number;
}

/** One bad edit of each layer, all written to `bad.yaml`. */
const BAD_EDITS: readonly BadEdit[] = [
  { name: 'syntax', text: 'kind: Route\nname: [x\n', code: 'YAML_SYNTAX', line: 0 },
  {
    name: 'a duplicate key',
    text: 'kind: Cluster\nname: x\nname: y\n',
    code: 'YAML_DUPLICATE_KEY',
    line: 3,
  },
  { name: 'an unknown kind', text: 'kind: Rout\nname: x\n', code: 'SCHEMA_KIND', line: 1 },
  {
    name: 'an unknown field',
    text: 'kind: Route\nname: x\nhostz: [a.test]\nto: a\n',
    code: 'SCHEMA_UNKNOWN_FIELD',
    line: 3,
  },
  {
    name: 'a wrong type',
    text: 'kind: Listener\nname: x\nport: "80"\n',
    code: 'SCHEMA_TYPE',
    line: 3,
  },
  {
    name: 'a reference to nothing',
    text: 'kind: Route\nname: x\nhosts: [x.test]\nto: aa\n',
    code: 'REF_NOT_FOUND',
    line: 4,
  },
  {
    name: 'a duplicate name',
    text: 'kind: Cluster\nname: a\nendpoints: ["127.0.0.1:1"]\n',
    code: 'NAME_DUPLICATE',
    line: 0,
  },
  {
    name: 'an unknown field of Envoy',
    text: 'resources:\n- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\n  name: raw\n  typ: STATIC\n',
    code: 'SCHEMA_UNKNOWN_FIELD',
    line: 4,
  },
  {
    name: 'a validation rule of Envoy',
    text: 'resources:\n- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\n  name: raw\n  connect_timeout: 0s\n',
    code: 'PROTO_INVALID',
    line: 4,
  },
];

describe.each<Wire>(['delta', 'sotw'])('bad edits, %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let targets: readonly LoadTarget[];

  beforeAll(async () => {
    rig = await createRig();
    const [a, b] = [await rig.upstream('a'), await rig.upstream('b')];
    const port = await freePort();
    await rig.write('web.yaml', listenerText('web', port));
    await rig.write('clusters.yaml', `${clusterText('a', [a])}---\n${clusterText('b', [b])}`);
    await rig.write('route.yaml', routeText('main', ['web'], 'a'));
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    targets = [{ port, host: 'shop.test' }];
  });
  afterAll(() => rig.close());

  it.each(BAD_EDITS)('$name is held at its line', async ({ text, code, line }) => {
    const accepted = (await rig.helve.status()).accepted;
    const load = startLoad({ targets, rps: 50 });
    await rig.write('bad.yaml', text);
    const input = await until('the input is held', async () => {
      const status = await rig.helve.status();
      return status.input.state === 'held' ? status.input : null;
    });
    const found = input.diagnostics.find((d) => d.code === code);
    expect(input.diagnostics.map((d) => d.code)).toContain(code);
    const places = [found, ...(found?.related ?? [])];
    expect(places.map((p) => p?.file)).toContain('bad.yaml');
    if (line > 0) expect(found?.line).toBe(line);
    expect((await rig.helve.get('/healthz')).status).toBe(200);
    await rig.remove('bad.yaml');
    await rig.inStep();
    expect((await load.stop()).failures).toEqual([]);
    // The documents are those of before, so no reader can tell that anything happened.
    expect((await rig.helve.status()).accepted?.hash).toBe(accepted?.hash);
  });

  it('CDS-03 ERR-07 T-17 shows at its line what only Envoy refuses, sends it once, and goes on', async () => {
    const port = await freePort();
    const load = startLoad({ targets, rps: 50 });
    const rejectedBefore = await rejections();
    await rig.write('lua.yaml', luaListener(port));
    const type = await until('the NACK is shown', async () => {
      const [node] = await rig.helve.nodes();
      return node?.types.find((t) => t.rejected.length > 0) ?? null;
    });
    const [rejected] = type.rejected;
    expect(rejected?.name).toBe('lua');
    expect(rejected?.error).toMatch(/script load error|lua/i);
    expect(rejected?.origins.map((o) => o.file)).toEqual(['lua.yaml']);
    expect(rejected?.origins[0]?.line).toBeGreaterThan(1);
    expect((await rig.helve.status()).nodes.nacked).toBe(1);
    // Another good edit passes, and does not take the refused one along again.
    await rig.write('route.yaml', routeText('main', ['web'], 'b'));
    await until('the good edit is live', async () => {
      const probe = startLoad({ targets, rps: 100 });
      await during(40);
      const { byUpstream } = await probe.stop();
      return Object.keys(byUpstream).join() === 'b' ? true : null;
    });
    await during(500);
    expect((await rejections()) - rejectedBefore).toBe(1);
    await rig.write('lua.yaml', luaListener(port, 'function envoy_on_request(handle) end'));
    await rig.inStep();
    const fixed = startLoad({ targets: [{ port, host: 'shop.test' }], rps: 50 });
    await during(200);
    expect((await fixed.stop()).failures).toEqual([]);
    expect((await load.stop()).failures).toEqual([]);
    expect((await rejections()) - rejectedBefore).toBe(1);
  });

  it('X-17 lets nobody wait for a stuck reader', async () => {
    const proxy = await startCutProxy(rig.xds);
    const stuck = await rig.startEnvoy({ wire, id: 'stuck', xds: proxy.address });
    proxy.hold(true);
    for (const to of ['a', 'b', 'a']) {
      await rig.write('route.yaml', routeText('main', ['web'], to));
      await until(`traffic goes to ${to}`, async () => {
        const stats = await envoy.stats('rds.web.update_success|update_attempt');
        const probe = startLoad({ targets, rps: 100 });
        await during(40);
        const { byUpstream } = await probe.stop();
        return stats.size > 0 && Object.keys(byUpstream).includes(to) ? true : null;
      });
    }
    proxy.hold(false);
    await stuck.stop();
    await proxy.close();
  });

  async function rejections(): Promise<number> {
    const stats = await envoy.stats('^listener_manager.lds.update_rejected$');
    return stats.get('listener_manager.lds.update_rejected') ?? 0;
  }
});
