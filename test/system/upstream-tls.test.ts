import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import type { Upstream, UpstreamTls } from '../support/upstream.mjs';
import { issue, type Pair } from './support/certificates.ts';
import { listenerText, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { until } from './support/until.ts';

const NAME = 'cart.internal';

/**
 * Every step lets the upstream close its connections, so that the next request shakes hands.
 * Certificates that are trusted together have subjects of their own: without key identifiers, TLS
 * libraries take those of one subject for one issuer.
 */
describe.each<Wire>(['delta', 'sotw'])('TLS to upstreams, %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let cart: Upstream;
  let port: number;
  let server: Pair;
  let client: Pair;
  let modified: number;

  const ask = async (): Promise<readonly [number, string | null]> => {
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    await answer.text();
    return [answer.status, answer.headers.get('x-client')];
  };
  const answers = (status: number, by: string | null, tls?: UpstreamTls): Promise<true> =>
    until(`the answer is ${status} for ${by}`, async () => {
      if (tls !== undefined) cart.renew(tls);
      const [got, serial] = await ask();
      return got === status && serial === by ? true : null;
    });
  const changes = async (): Promise<number> => {
    const stats = await envoy.stats('cluster_manager');
    const count = stats.get('cluster_manager.cluster_modified');
    if (count === undefined) throw new Error('Envoy has no such counter');
    return count;
  };
  const writeClient = async (pair: Pair): Promise<void> => {
    await rig.write('certs/client.crt', pair.cert);
    await rig.write('certs/client.key', pair.key);
    client = pair;
  };

  beforeAll(async () => {
    rig = await createRig();
    port = await freePort();
    server = await issue([NAME]);
    await writeClient(await issue(['edge.internal']));
    await rig.write('certs/ca.pem', server.cert);
    cart = await rig.upstream('cart', { ...server, ca: client.cert });
    await rig.write(
      'cart.yaml',
      [
        'kind: Trust\nname: internal\nca: certs/ca.pem\n',
        'kind: Certificate\nname: client\ncert: certs/client.crt\nkey: certs/client.key\n',
        `kind: Cluster\nname: cart\nendpoints: ["${cart.address}"]\n` +
          `tls: {trust: internal, sni: ${NAME}, certificate: client}\n`,
        listenerText('web', port),
        routeText('main', ['web'], 'cart'),
      ].join('---\n'),
    );
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    await answers(200, client.serial);
    modified = await changes();
  });
  afterAll(() => rig.close());

  it('refuses a server that no trust knows, and one of another name', async () => {
    cart.renew({ ...(await issue([NAME])), ca: client.cert });
    expect(await ask()).toEqual([503, null]);
    const other = await issue(['other.internal']);
    const before = (await rig.helve.status()).accepted?.hash;
    await rig.write('certs/ca.pem', server.cert + other.cert);
    await until('both are trusted', async () =>
      (await rig.helve.status()).accepted?.hash === before ? null : true,
    );
    await rig.inStep();
    cart.renew({ ...other, ca: client.cert });
    expect(await ask()).toEqual([503, null]);
    await answers(200, client.serial, { ...server, ca: client.cert });
  });

  it('follows the rotation of the CA', async () => {
    const next = await issue(['next.internal', NAME]);
    await rig.write('certs/ca.pem', server.cert + next.cert);
    await answers(200, client.serial, { ...next, ca: client.cert });
    await rig.write('certs/ca.pem', next.cert);
    await answers(503, null, { ...server, ca: client.cert });
    server = next;
    await answers(200, client.serial, { ...server, ca: client.cert });
  });

  it('follows the rotation of the certificate that it shows', async () => {
    const next = await issue(['edge-next.internal']);
    const both = client.cert + next.cert;
    await writeClient(next);
    await until('the next certificate is shown', async () => {
      cart.renew({ ...server, ca: both });
      const [status, serial] = await ask();
      return status === 200 && serial === next.serial ? true : null;
    });
    await answers(200, next.serial, { ...server, ca: next.cert });
  });

  it('goes on with the last good CA where its file is cut', async () => {
    await rig.write('certs/ca.pem', server.cert.slice(0, 200));
    const held = await until('the cut file is reported', async () => {
      const { input } = await rig.helve.status();
      return input.state === 'held' ? input : null;
    });
    expect(held.diagnostics[0]).toMatchObject({ code: 'CERT_PEM', file: 'cart.yaml', line: 3 });
    await answers(200, client.serial, { ...server, ca: client.cert });
    await rig.write('certs/ca.pem', server.cert);
    await rig.inStep();
  });

  it('CDS-01 T-35 and never touches the cluster', async () => {
    expect(await changes()).toBe(modified);
  });
});
