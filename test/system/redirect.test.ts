import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issue } from './support/certificates.ts';
import { clusterText, listenerText, SHARDS_FLOOR } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly upstream: string;
}

const ask = (port: number, path: string, host: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path, headers: { host }, agent: false }, (response) => {
      response.resume();
      resolve({
        status: response.statusCode ?? 0,
        location: response.headers.location ?? '',
        upstream: String(response.headers['x-upstream'] ?? ''),
      });
    }).on('error', reject);
  });

describe.each([
  ['one table', ''],
  ['shards', 'shards: true\n'],
])('from http to https, with %s', (_, more) => {
  let rig: Rig;
  let plain: number;
  let mapped: number;
  let secure: number;

  beforeAll(async () => {
    rig = await createRig();
    await rig.write('helve.yaml', SHARDS_FLOOR);
    [plain, mapped, secure] = [await freePort(), await freePort(), await freePort()];
    const pair = await issue(['shop.test']);
    const a = await rig.upstream('a');
    const acme = await rig.upstream('acme');
    await rig.write('shop.crt', pair.cert);
    await rig.write('shop.key', pair.key);
    await rig.write(
      'all.yaml',
      [
        'kind: Certificate\nname: shop\ncert: shop.crt\nkey: shop.key\n',
        `${listenerText('plain', plain)}redirectToHttps: true\n${more}`,
        `${listenerText('mapped', mapped)}redirectToHttps: {port: 443}\n`,
        listenerText('secure', secure, ['shop']),
        clusterText('a', [a]),
        clusterText('acme', [acme]),
        'kind: Route\nname: shop\nhosts: [shop.test]\nto: a\n',
        'kind: Route\nname: acme\nlisteners: [plain]\nto: acme\n' +
          'match: {prefix: /.well-known/acme-challenge}\n',
        'kind: Route\nname: probe\nlisteners: [plain]\nhosts: [probe.test]\ninherit: true\nto: a\n' +
          'match: {path: /healthz}\n',
      ].join('---\n'),
    );
    await rig.startHelve();
    await rig.helve.ready();
    await rig.startEnvoy();
    await rig.inStep();
  });
  afterAll(() => rig.close());

  it.each(['shop.test', 'other.test', 'probe.test', '[::1]'])('sends %s there', async (host) => {
    const path = '/cart?a=b';
    const location = `https://${host}:${secure}${path}`;
    expect(await ask(plain, path, host)).toMatchObject({ status: 308, location });
    expect(await ask(plain, path, `${host}:${plain}`)).toMatchObject({ status: 308, location });
  });

  it.each(['shop.test', 'shop.test:8080'])('says no port where it is 443, of %s', async (host) => {
    const location = 'https://shop.test/cart';
    expect(await ask(mapped, '/cart', host)).toMatchObject({ status: 308, location });
  });

  it.each(['shop.test', 'other.test', 'probe.test'])('answers ACME for %s', async (host) => {
    const answer = await ask(plain, '/.well-known/acme-challenge/token', host);
    expect(answer).toMatchObject({ status: 200, upstream: 'acme' });
  });

  it('serves what a rule of the listener takes', async () => {
    expect(await ask(plain, '/healthz', 'probe.test')).toMatchObject({
      status: 200,
      upstream: 'a',
    });
    expect((await ask(plain, '/healthz', 'shop.test')).status).toBe(308);
  });
});
