import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad } from '../support/load.mjs';
import { issue, type Pair } from './support/certificates.ts';
import { clusterText, listenerText, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { openLongConnection, servedSerial, type LongConnection } from './support/tls.ts';
import { during, until } from './support/until.ts';

const ROTATIONS = Number(process.env['HELVE_ROTATIONS'] ?? 20);
const LONG_CONNECTIONS = 10;
const HOST = 'shop.test';

describe.each<Wire>(['delta', 'sotw'])('certificates, %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let port: number;
  let current: Pair;
  let long: readonly LongConnection[];

  const serves = (pair: Pair): Promise<true> =>
    until('the new certificate is served', async () =>
      (await servedSerial(port, HOST)) === pair.serial ? true : null,
    );
  const writePair = async (pair: Pair, first: 'cert' | 'key'): Promise<void> => {
    const files = [
      ['certs/shop.crt', pair.cert],
      ['certs/shop.key', pair.key],
    ] as const;
    for (const [path, text] of first === 'cert' ? files : [...files].reverse()) {
      await rig.write(path, text);
    }
    current = pair;
  };

  beforeAll(async () => {
    rig = await createRig();
    const a = await rig.upstream('a');
    port = await freePort();
    await writePair(await issue([HOST]), 'cert');
    await rig.write(
      'shop.yaml',
      [
        'kind: Certificate\nname: shop\ncert: certs/shop.crt\nkey: certs/shop.key\n',
        listenerText('tls', port, ['shop']),
        clusterText('a', [a]),
        routeText('main', ['tls'], 'a'),
      ].join('---\n'),
    );
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    await serves(current);
    long = await Promise.all(
      Array.from({ length: LONG_CONNECTIONS }, () => openLongConnection(port, HOST)),
    );
  });
  afterAll(async () => {
    for (const connection of long) connection.close();
    await rig.close();
  });

  it('SDS-04 rotates under open connections', async () => {
    const before = (await envoy.stats('listener_manager')).get(
      'listener_manager.listener_modified',
    );
    for (let round = 0; round < ROTATIONS; round += 1) {
      await writePair(await issue([HOST]), round % 2 === 0 ? 'cert' : 'key');
      await serves(current);
      const answers = await Promise.all(long.map((connection) => connection.request()));
      expect(answers).toEqual(long.map(() => 200));
    }
    expect(long.every((connection) => connection.isOpen())).toBe(true);
    const after = await envoy.stats('listener_manager');
    expect(after.get('listener_manager.listener_modified')).toBe(before);
  });

  it.each(['cert', 'key'] as const)('SDS-02 never serves a torn pair, %s first', async (first) => {
    const load = startLoad({ targets: [{ port, host: HOST, tls: true }], rps: 50 });
    const served = current;
    const next = await issue([HOST]);
    const [one, other] = first === 'cert' ? ['crt', 'key'] : ['key', 'crt'];
    const text = { crt: next.cert, key: next.key };
    await rig.write(`certs/shop.${one}`, text[one as 'crt' | 'key']);
    const held = await until('the torn pair is reported', async () => {
      const { input } = await rig.helve.status();
      return input.state === 'held' ? input : null;
    });
    expect(held.diagnostics.map((d) => d.code)).toContain('CERT_PAIR_MISMATCH');
    expect(held.diagnostics[0]?.file).toBe('shop.yaml');
    expect(await servedSerial(port, HOST)).toBe(served.serial);
    await rig.write(`certs/shop.${other}`, text[other as 'crt' | 'key']);
    current = next;
    await serves(next);
    const stats = await load.stop();
    expect(stats.failures).toEqual([]);
    const rejected = await envoy.stats('update_rejected');
    expect([...rejected.values()].reduce((sum, n) => sum + n, 0)).toBe(0);
  });

  it('rotates although the documents are held by a typo', async () => {
    await rig.write('routes/typo.yaml', 'kind: Route\nname: typo\nprefix: /\n');
    await until('the typo is held', async () =>
      (await rig.helve.status()).input.state === 'held' ? true : null,
    );
    await writePair(await issue([HOST]), 'cert');
    await serves(current);
    const { input } = await rig.helve.status();
    expect(input.state).toBe('held');
    expect(input.diagnostics[0]).toMatchObject({ file: 'routes/typo.yaml' });
    await rig.remove('routes/typo.yaml');
    await rig.inStep();
  });

  it('goes on with the last good pair after a restart with a torn one', async () => {
    const next = await issue([HOST]);
    await rig.write('certs/shop.crt', next.cert);
    await rig.helve.kill9();
    await rig.startHelve();
    await rig.helve.ready();
    await during(500);
    expect(await servedSerial(port, HOST)).toBe(current.serial);
    await rig.write('certs/shop.key', next.key);
    current = next;
    await serves(next);
  });
});
