import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLoad, type LoadTarget } from '../support/load.mjs';
import { issue } from './support/certificates.ts';
import { listenerText, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { tell } from './support/tell.ts';
import { until } from './support/until.ts';

/** How its endpoints are found, and how they are spoken to. */
const FOUND = { addresses: '127.0.0.1', names: 'localhost' } as const;
const TLS = {
  plain: '',
  tls: 'tls: {verify: none}\n',
  // It warms until its trust has come.
  trusting: 'tls: {trust: app, sni: localhost}\n',
} as const;

type Cluster = readonly [keyof typeof FOUND, keyof typeof TLS];
const PLAIN: Cluster = ['addresses', 'plain'];
const PLAIN_NAMES: Cluster = ['names', 'plain'];
const TLS_NAMES: Cluster = ['names', 'tls'];
const OVER_TLS: Cluster = ['addresses', 'tls'];
const TRUSTING: Cluster = ['addresses', 'trusting'];

const ROUNDS = Number(process.env['HELVE_KIND_ROUNDS'] ?? 4);

// Addresses travel by EDS, host names make a DNS cluster, and TLS is of the cluster: an edit of the
// one with the other changes the cluster in place, while its endpoints come apart from it.
describe.each<Wire>(['delta', 'sotw'])('a cluster that changes its kind under load, %s', (wire) => {
  let rig: Rig;
  let targets: readonly LoadTarget[];
  const ports = { plain: 0, tls: 0 };

  const clusterOf = ([found, spoken]: Cluster): string => {
    const port = spoken === 'plain' ? ports.plain : ports.tls;
    return `kind: Cluster\nname: app\nendpoints: ["${FOUND[found]}:${port}"]\n${TLS[spoken]}`;
  };

  beforeAll(async () => {
    rig = await createRig();
    ports.plain = (await rig.upstream('plain')).port;
    const pair = await issue(['localhost']);
    ports.tls = (await rig.upstream('tls', pair)).port;
    await rig.write('certs/ca.pem', pair.cert);
    await rig.write('trust.yaml', 'kind: Trust\nname: app\nca: certs/ca.pem\n');
    const web = await freePort();
    await rig.write('listeners/web.yaml', listenerText('web', web));
    await rig.write('clusters/app.yaml', clusterOf(PLAIN));
    await rig.write('routes/main.yaml', routeText('main', ['web'], 'app'));
    await rig.startHelve();
    await rig.helve.ready();
    await rig.startEnvoy({ wire });
    await rig.inStep();
    targets = [{ port: web, host: 'shop.test' }];
  });
  afterAll(() => rig.close());

  it.each([
    ['from addresses to host names and back', [PLAIN_NAMES, PLAIN]],
    ['from plaintext to TLS and back', [OVER_TLS, PLAIN]],
    ['from plaintext to TLS that waits for its trust, and back', [TRUSTING, PLAIN]],
    ['in both at once', [TLS_NAMES, PLAIN, TRUSTING, PLAIN_NAMES, OVER_TLS, PLAIN]],
  ] as const)('T-36 loses no request %s', async (_, kinds) => {
    const load = startLoad({ targets, rps: 500 });
    await until('there are answers', () => (load.stats().requests >= 4 ? true : null));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const kind of kinds) await rig.change('clusters/app.yaml', clusterOf(kind));
    }
    const { requests, failed, failures } = await load.stop();
    const changes = ROUNDS * kinds.length;
    tell(`${requests} requests over ${changes} changes of a cluster (${wire}), ${failed} failed`);
    expect(failures).toEqual([]);
    expect(failed).toBe(0);
  });
});
