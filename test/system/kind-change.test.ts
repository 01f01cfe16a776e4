import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLoad, type LoadTarget } from '../support/load.mjs';
import { listenerText, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { tell } from './support/tell.ts';
import { until } from './support/until.ts';

const FLIPS = Number(process.env['HELVE_KIND_FLIPS'] ?? 8);

// Addresses travel by EDS, host names make a DNS cluster: who writes one for the other changes the
// kind of a cluster in place.
describe.each<Wire>(['delta', 'sotw'])('a cluster that changes its kind under load, %s', (wire) => {
  let rig: Rig;
  let targets: readonly LoadTarget[];
  let port = '';

  const clusterOf = (host: string, more = ''): string =>
    `kind: Cluster\nname: app\nendpoints: ["${host}:${port}"]\n${more}`;

  beforeAll(async () => {
    rig = await createRig();
    const { address } = await rig.upstream('a');
    port = address.split(':')[1] ?? '';
    const web = await freePort();
    await rig.write('listeners/web.yaml', listenerText('web', web));
    await rig.write('clusters/app.yaml', clusterOf('127.0.0.1'));
    await rig.write('routes/main.yaml', routeText('main', ['web'], 'app'));
    await rig.startHelve();
    await rig.helve.ready();
    await rig.startEnvoy({ wire });
    await rig.inStep();
    targets = [{ port: web, host: 'shop.test' }];
  });
  afterAll(() => rig.close());

  it('T-36 loses no request from addresses to host names and back', async () => {
    const load = startLoad({ targets, rps: 300 });
    await until('there are answers', () => (load.stats().requests >= 4 ? true : null));
    for (let flip = 0; flip < FLIPS; flip += 1) {
      await rig.change('clusters/app.yaml', clusterOf(flip % 2 === 0 ? 'localhost' : '127.0.0.1'));
    }
    const { requests, failed, failures } = await load.stop();
    tell(`${requests} requests over ${FLIPS} changes of kind (${wire}), ${failed} failed`);
    expect(failures).toEqual([]);
    expect(failed).toBe(0);
  });
});
