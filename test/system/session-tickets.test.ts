import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPins, type RunningEnvoy } from '../../src/envoy/index.ts';
import { issue } from './support/certificates.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { openLongConnection, type LongConnection } from './support/tls.ts';
import { until } from './support/until.ts';

const HOST = 'shop.test';
const SIDES = Object.keys(readPins().versions).map(
  (version, at) => [`side-${at}`, version] as const,
);
const EVERY = SIDES.map(() => true);
const NONE = SIDES.map(() => false);

type Version = 'TLSv1.2' | 'TLSv1.3';

/** The session of a full handshake; or, with one, whether it is resumed. */
function shake(port: number, version: Version, session: Buffer): Promise<boolean>;
function shake(port: number, version: Version): Promise<Buffer>;
function shake(port: number, version: Version, session?: Buffer): Promise<Buffer | boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      servername: HOST,
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
      ...(session === undefined ? {} : { session }),
    });
    const end = (value: Buffer | boolean): void => {
      socket.destroy();
      resolve(value);
    };
    socket.once('error', reject);
    if (session === undefined) {
      socket.once('session', end);
      // With TLS 1.3 tickets come with the first answer.
      socket.write(`GET / HTTP/1.1\r\nhost: ${HOST}\r\n\r\n`);
      socket.resume();
    } else socket.once('secureConnect', () => end(socket.isSessionReused()));
  });
}

describe.each<Version>(['TLSv1.3', 'TLSv1.2'])('session tickets, %s', (version) => {
  let rig: Rig;
  const envoys: RunningEnvoy[] = [];
  const shared: number[] = [];
  const bare: number[] = [];
  let long: LongConnection;

  const resumed = (ports: readonly number[], session: Buffer): Promise<readonly boolean[]> =>
    Promise.all(ports.map((port) => shake(port, version, session)));

  /** Writes a key, and waits until all Envoys have it. */
  const rotate = async (path: string, key: Buffer): Promise<void> => {
    const { accepted: before } = await rig.helve.status();
    await rig.write(path, key);
    await until('every Envoy has the key', async () => {
      const { accepted, nodes } = await rig.helve.status();
      return accepted?.revision !== before?.revision && nodes.inStep === SIDES.length ? true : null;
    });
  };

  beforeAll(async () => {
    rig = await createRig();
    const pair = await issue([HOST]);
    const { address } = await rig.upstream('a');
    await rig.write('certs/shop.crt', pair.cert);
    await rig.write('certs/shop.key', pair.key);
    await rig.write('keys/now', randomBytes(80));
    await rig.write('keys/before', randomBytes(80));
    const documents = [
      'kind: Certificate\nname: shop\ncert: certs/shop.crt\nkey: certs/shop.key\n',
      'kind: Secret\nname: now\nfile: keys/now\n',
      'kind: Secret\nname: before\nfile: keys/before\n',
    ];
    for (const [side] of SIDES) {
      documents.push(`kind: NodeGroup\nname: ${side}\nmatch: {id: ${side}}\n`);
      for (const [ports, tickets] of [
        [shared, ', sessionTickets: [now, before]'],
        [bare, ''],
      ] as const) {
        const port = await freePort();
        ports.push(port);
        const name = `${side}-${tickets === '' ? 'bare' : 'shared'}`;
        documents.push(
          `kind: Listener\nname: ${name}\naddress: 127.0.0.1\nport: ${port}\nnodes: [${side}]\n` +
            `tls: {certificates: [shop]${tickets}}\nto: "${address}"\n`,
        );
      }
    }
    await rig.write('all.yaml', documents.join('---\n'));
    await rig.startHelve();
    await rig.helve.ready();
    for (const [id, envoy] of SIDES) {
      envoys.push(await rig.startEnvoy({ id, version: envoy }));
    }
    await rig.inStep();
    long = await openLongConnection(shared[0] ?? 0, HOST);
  });
  afterAll(async () => {
    long.close();
    await rig.close();
  });

  it('are good at every Envoy that has their key', async () => {
    for (const port of shared) {
      expect(await resumed(shared, await shake(port, version))).toEqual(EVERY);
    }
    const [own = 0] = bare;
    expect(await resumed(bare, await shake(own, version))).toEqual([true, ...NONE.slice(1)]);
  });

  it('outlive a rotation, and drain nothing', async () => {
    const [first = 0] = shared;
    const old = await shake(first, version);
    const next = randomBytes(80);
    // What was now is before, and then there is a new one.
    await rotate('keys/before', await readFile(join(rig.dir, 'keys/now')));
    await rotate('keys/now', next);
    expect(await resumed(shared, old)).toEqual(EVERY);
    const young = await shake(first, version);
    await rotate('keys/before', randomBytes(80));
    expect(await resumed(shared, old)).toEqual(NONE);
    expect(await resumed(shared, young)).toEqual(EVERY);
    await rig.write('keys/now', Buffer.concat([randomBytes(80), Buffer.from('\n')]));
    await until('a key with a line feed is held', async () => {
      const { input } = await rig.helve.status();
      return input.diagnostics.some(({ code }) => code === 'TICKET_KEY') ? true : null;
    });
    expect(await resumed(shared, young)).toEqual(EVERY);
    await rig.write('keys/now', next);
    await rig.inStep();
    expect(await long.request()).toBe(200);
    for (const envoy of envoys) {
      const stats = await envoy.stats('^listener_manager\\.');
      expect(stats.get('listener_manager.listener_modified')).toBe(0);
      expect(stats.get('listener_manager.total_filter_chains_draining')).toBe(0);
    }
  });
});
