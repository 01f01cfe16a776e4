import { afterAll, beforeAll, expect, it } from 'vitest';
import { newAuthority, type Authority } from './support/authority.ts';
import { issue, type Pair } from './support/certificates.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { askOverTls } from './support/tls.ts';

const HOST = 'shop.test';

/** What answers; null: refused in the handshake. */
async function ask(port: number, client: Pair | null): Promise<string | null> {
  const answer = await askOverTls(port, { host: HOST, client });
  return answer === null ? null : String(answer.headers['x-rule']);
}

let rig: Rig;
let partners: Authority;
let port: number;

beforeAll(async () => {
  rig = await createRig();
  port = await freePort();
  partners = await newAuthority('partners');
  const server = await issue([HOST]);
  await rig.write('certs/shop.crt', server.cert);
  await rig.write('certs/shop.key', server.key);
  await rig.write('certs/ca.pem', partners.cert);
  const rule = (name: string, match: string): string =>
    `- {name: ${name}, match: ${match}, respond: {status: 200, headers: {x-rule: ${name}}}}\n`;
  await rig.write(
    'all.yaml',
    [
      'kind: Certificate\nname: shop\ncert: certs/shop.crt\nkey: certs/shop.key\n',
      'kind: Trust\nname: partners\nca: certs/ca.pem\n',
      `kind: Listener\nname: b2b\naddress: 127.0.0.1\nport: ${port}\n` +
        'tls: {certificates: [shop], clients: {trust: partners, mode: request}}\n',
      `kind: Route\nname: all\nrules:\n${rule('known', '{clientCertificate: {presented: true}}')}` +
        rule('verified', '{path: /, clientCertificate: {validated: true}}') +
        rule('unknown', '{path: /, clientCertificate: {presented: false, validated: false}}'),
    ].join('---\n'),
  );
  await rig.startHelve();
  await rig.helve.ready();
  await rig.startEnvoy();
  await rig.inStep();
});
afterAll(() => rig.close());

it('tells clients apart by whether they have shown a certificate that is verified', async () => {
  const good = await partners.issue(['spiffe://partner.example/a']);
  const stranger = await (await newAuthority('others')).issue(['spiffe://partner.example/a']);
  expect(await ask(port, good)).toBe('verified');
  expect(await ask(port, null)).toBe('unknown');
  expect(await ask(port, stranger)).toBeNull();
});
