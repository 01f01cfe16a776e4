import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad } from '../support/load.mjs';
import { newAuthority, type Authority } from './support/authority.ts';
import { issue, type Pair } from './support/certificates.ts';
import { clusterText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { askOverTls } from './support/tls.ts';
import { until } from './support/until.ts';

const HOST = 'shop.test';
const LISTENERS = ['strict', 'soft', 'open'] as const;
type Name = (typeof LISTENERS)[number];

/** Null: refused in the handshake. */
interface Answer {
  readonly status: number;
  /** `-`: the header was not there. */
  readonly told: string;
}

async function ask(port: number, client: Pair | null, headers = {}): Promise<Answer | null> {
  const answer = await askOverTls(port, { host: HOST, client, headers });
  if (answer === null) return null;
  return { status: answer.statusCode ?? 0, told: String(answer.headers['x-told'] ?? '-') };
}

/** Whether a client that was served comes back without showing its certificate again. */
async function resumes(port: number, client: Pair): Promise<boolean> {
  const shake = (session?: Buffer): Promise<{ session: Buffer | undefined; isReused: boolean }> =>
    new Promise((resolve, reject) => {
      const socket = connect({
        port,
        host: '127.0.0.1',
        servername: HOST,
        rejectUnauthorized: false,
        maxVersion: 'TLSv1.2',
        cert: client.cert,
        key: client.key,
        ...(session === undefined ? {} : { session }),
      });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        resolve({ session: socket.getSession(), isReused: socket.isSessionReused() });
        socket.destroy();
      });
    });
  return (await shake((await shake()).session)).isReused;
}

describe.each(['1.36.4', '1.40.0'])('certificates of clients, Envoy %s', (version) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let partners: Authority;
  let next: Authority;
  let good: Pair;
  const ports = new Map<Name, number>();
  const portOf = (name: Name): number => ports.get(name) ?? 0;

  const listenerText = (name: Name, clients: string): string =>
    `kind: Listener\nname: ${name}\naddress: 127.0.0.1\nport: ${portOf(name)}\n` +
    `tls: {certificates: [shop]${clients}}\n`;
  const strictText = (allowed: string): string =>
    listenerText(
      'strict',
      `, clients: {trust: partners, allow: {uri: ["${allowed}"]}, forward: [uri, subject]}`,
    );
  const drained = async (): Promise<readonly number[]> => {
    const stats = await envoy.stats('^listener_manager\\.');
    return ['listener_modified', 'total_filter_chains_draining', 'total_listeners_draining'].map(
      (name) => stats.get(`listener_manager.${name}`) ?? 0,
    );
  };

  beforeAll(async () => {
    rig = await createRig();
    partners = await newAuthority('partners');
    next = await newAuthority('next');
    good = await partners.issue(['spiffe://partner.example/a']);
    const server = await issue([HOST]);
    const a = await rig.upstream('a');
    for (const name of LISTENERS) ports.set(name, await freePort());
    await rig.write('certs/shop.crt', server.cert);
    await rig.write('certs/shop.key', server.key);
    await rig.write('certs/ca.pem', partners.cert);
    await rig.write('certs/ca.crl', await partners.revoke([]));
    await rig.write('strict.yaml', strictText('spiffe://partner.example/*'));
    const told = 'headers: {response: {set: {x-told: "%REQ(x-forwarded-client-cert)%"}}}';
    await rig.write(
      'all.yaml',
      [
        'kind: Certificate\nname: shop\ncert: certs/shop.crt\nkey: certs/shop.key\n',
        'kind: Trust\nname: partners\nca: certs/ca.pem\ncrl: certs/ca.crl\ncrlDepth: leaf\n',
        listenerText('soft', ', clients: {trust: partners, mode: request}'),
        listenerText('open', ''),
        clusterText('a', [a]),
        `kind: Route\nname: all\nlisteners: [${LISTENERS.join(', ')}]\nto: a\n${told}\n`,
      ].join('---\n'),
    );
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ version });
    await rig.inStep();
  });
  afterAll(() => rig.close());

  it('serves who is allowed, and tells upstreams who it is', async () => {
    const forged = { 'x-forwarded-client-cert': 'URI=spiffe://partner.example/forged' };
    const answer = await ask(portOf('strict'), good, forged);
    expect(answer?.status).toBe(200);
    expect(answer?.told).toContain('URI=spiffe://partner.example/a');
    expect(answer?.told).toContain(`Subject="CN=client ${good.serial}"`);
    expect(answer?.told).not.toContain('forged');
  });

  it.each([
    ['nobody', () => Promise.resolve(null)],
    ['another name', () => partners.issue(['spiffe://other.example/a'])],
    ['a name that begins alike', () => partners.issue(['spiffe://partner.example.evil/a'])],
    ['another CA', () => next.issue(['spiffe://partner.example/a'])],
  ] as const)('refuses %s where one is required', async (_name, client) => {
    expect(await ask(portOf('strict'), await client())).toBeNull();
  });

  it('where one is only asked for, whoever shows one is verified', async () => {
    const forged = { 'x-forwarded-client-cert': 'URI=spiffe://partner.example/forged' };
    expect(await ask(portOf('soft'), null, forged)).toEqual({ status: 200, told: '-' });
    expect(await ask(portOf('soft'), good, forged)).toEqual({ status: 200, told: '-' });
    expect(await ask(portOf('soft'), await next.issue(['spiffe://a/a']))).toBeNull();
    expect(await ask(portOf('open'), null, forged)).toEqual({ status: 200, told: '-' });
  });

  it('nobody comes back with a session of before', async () => {
    expect(await resumes(portOf('open'), good)).toBe(true);
    expect(await resumes(portOf('strict'), good)).toBe(false);
    expect(await resumes(portOf('soft'), good)).toBe(false);
  });

  it('SDS-04 follows revocations and a new CA under load, and drains nothing', async () => {
    const before = await drained();
    const bad = await partners.issue(['spiffe://partner.example/bad']);
    const newcomer = await next.issue(['spiffe://partner.example/b']);
    const load = startLoad({
      targets: [{ port: portOf('strict'), host: HOST, tls: true, client: good }],
      rps: 50,
    });
    await until('the load has begun', () => (load.stats().succeeded > 0 ? true : null));
    expect((await ask(portOf('strict'), bad))?.status).toBe(200);
    const revoked = await partners.revoke([bad]);
    await rig.write('certs/ca.crl', revoked);
    await until('the revoked one is refused', async () =>
      (await ask(portOf('strict'), bad)) === null ? true : null,
    );
    expect(await ask(portOf('strict'), newcomer)).toBeNull();
    await rig.write('certs/ca.crl', revoked + (await next.revoke([])));
    await rig.write('certs/ca.pem', partners.cert + next.cert);
    await until('clients of the new CA are served', async () =>
      (await ask(portOf('strict'), newcomer)) === null ? null : true,
    );
    expect(await ask(portOf('strict'), bad)).toBeNull();
    expect((await load.stop()).failures).toEqual([]);
    await rig.write('certs/ca.pem', next.cert);
    await until('clients of the old CA are refused', async () =>
      (await ask(portOf('strict'), good)) === null ? true : null,
    );
    expect((await ask(portOf('strict'), newcomer))?.status).toBe(200);
    expect(await drained()).toEqual(before);
  });

  it('a changed allow list refuses who was allowed before', async () => {
    const newcomer = await next.issue(['spiffe://partner.example/b']);
    await rig.change('strict.yaml', strictText('spiffe://partner.example/c'));
    await until('who is not allowed is refused', async () =>
      (await ask(portOf('strict'), newcomer)) === null ? true : null,
    );
    const other = await next.issue(['spiffe://partner.example/c']);
    expect((await ask(portOf('strict'), other))?.status).toBe(200);
  });
});
