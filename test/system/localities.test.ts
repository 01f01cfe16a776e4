import { afterEach, describe, expect, it } from 'vitest';
import { readPins, type RunningEnvoy } from '../../src/envoy/index.ts';
import { listenerText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { until } from './support/until.ts';

const VERSIONS = Object.keys(readPins().versions);
const REQUESTS = 1000;

let rig: Rig;
afterEach(() => rig.close());

/** How many of `count` requests each upstream answered, by the first letter of its name. */
async function shares(port: number, path: string, count: number): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (let done = 0; done < count; done += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    await answer.arrayBuffer();
    expect(answer.status).toBe(200);
    const zone = answer.headers.get('x-upstream')?.slice(0, 1) ?? '-';
    found[zone] = (found[zone] ?? 0) + 1;
  }
  return found;
}

/** Upstreams `a0`, `b0`, …, as endpoints in the zones of their letters. */
async function endpointsIn(zones: readonly string[]): Promise<string> {
  const texts: string[] = [];
  for (const [index, zone] of zones.entries()) {
    const { address } = await rig.upstream(`${zone}${index}`);
    texts.push(`{address: "${address}", zone: ${zone}}`);
  }
  return `[${texts.join(', ')}]`;
}

const stat = async (envoy: RunningEnvoy, name: string): Promise<number> =>
  (await envoy.stats(`^${name.replaceAll('.', '\\.')}$`)).get(name) ?? 0;

describe.each(VERSIONS)('localities, Envoy %s', (version) => {
  it('get their shares, and a share moves without the cluster', async () => {
    rig = await createRig();
    const port = await freePort();
    const endpoints = await endpointsIn(['a', 'a', 'b']);
    const text = (a: number, b: number): string =>
      `kind: Cluster\nname: shop\nhealthCheck: none\nendpoints: ${endpoints}\n` +
      'loadBalancer: {type: round-robin, localityWeight: ' +
      `[{zone: a, weight: ${a}}, {zone: b, weight: ${b}}]}\n`;
    await rig.write('web.yaml', `${listenerText('web', port)}to: shop\n`);
    await rig.write('shop.yaml', text(20, 80));
    await rig.startHelve();
    await rig.helve.ready();
    const envoy = await rig.startEnvoy({ version });
    await rig.inStep();
    // By their own weights it would be 2 to 1.
    const { a = 0, b = 0 } = await shares(port, '/', REQUESTS);
    expect(a + b).toBe(REQUESTS);
    expect(b / REQUESTS).toBeGreaterThan(0.7);
    expect(b / REQUESTS).toBeLessThan(0.9);
    const before = await stat(envoy, 'cluster_manager.cluster_modified');
    await rig.change('shop.yaml', text(1, 0));
    await until('the zone without a share gets nothing', async () =>
      (await shares(port, '/', 20))['a'] === 20 ? true : null,
    );
    expect(await shares(port, '/', 100)).toEqual({ a: 100 });
    expect(await stat(envoy, 'cluster_manager.cluster_modified')).toBe(before);
  });

  it('are preferred by Envoys in them where a cluster asks for it', async () => {
    rig = await createRig();
    const port = await freePort();
    const endpoints = await endpointsIn(['a', 'a', 'a', 'b', 'b', 'b']);
    const cluster = (name: string, more: string): string =>
      `kind: Cluster\nname: ${name}\nhealthCheck: none\nendpoints: ${endpoints}\n${more}`;
    const fleet = (...zones: readonly string[]): string =>
      'kind: Endpoints\nname: edge\nendpoints: [' +
      zones.map((zone, at) => `{address: "127.0.0.1:${at + 1}", zone: ${zone}}`).join(', ') +
      ']\n';
    await rig.write(
      'web.yaml',
      [
        listenerText('web', port),
        cluster('near', 'loadBalancer: {type: round-robin, zoneAware: {local: edge}}\n'),
        cluster('far', 'loadBalancer: round-robin\n'),
        'kind: Cluster\nname: edge\nhealthCheck: none\n',
        'kind: Route\nname: near\nlisteners: [web]\nmatch: {prefix: /near}\nto: near\n',
        'kind: Route\nname: far\nlisteners: [web]\nto: far\n',
      ].join('---\n'),
    );
    await rig.write('edge.yaml', fleet('a', 'b'));
    await rig.startHelve();
    await rig.helve.ready();
    const place = { locality: { zone: 'a' }, localCluster: 'edge' };
    const envoy = await rig.startEnvoy({ version, place });
    await rig.inStep();
    expect(await shares(port, '/near', 60)).toEqual({ a: 60 });
    // It would do so of its own accord: six endpoints are enough.
    expect(await shares(port, '/far', 60)).toEqual({ a: 30, b: 30 });
    expect(await stat(envoy, 'cluster.helve_local.membership_total')).toBe(2);
    // Where most Envoys are in one zone, a part of what they send must leave it.
    await rig.change('edge.yaml', fleet('a', 'a', 'a', 'b'));
    await until('the fleet has moved', async () =>
      ((await shares(port, '/near', 60))['b'] ?? 0) > 0 ? true : null,
    );
    expect(await stat(envoy, 'cluster.near.lb_zone_routing_cross_zone')).toBeGreaterThan(0);
    expect(await stat(envoy, 'cluster_manager.cluster_modified')).toBe(0);
  });
});
