import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issue } from '../../test/support/certificate.mjs';
import { runHere, type Ran } from '../../test/support/run-here.ts';
import { startedHost } from '../../test/support/started-host.ts';
import type { Host } from '../host/index.ts';

const SECRET = 'Bearer 8d2c1f3a';
const CART = 'kind: Cluster\nname: cart\nendpoints: ["10.0.0.1:80"]\n';
const TEXT = `kind: Listener
name: web
port: 8080
headers: {request: {set: {authorization: ${SECRET}}}}
---
kind: Route
name: shop
rules:
- {name: cart, match: {path: /cart}, to: cart}
---
kind: Certificate
name: shop
cert: tls.crt
key: tls.key
`;

let cwd = '';
let host: Host;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'helve-diff-'));
  await mkdir(join(cwd, 'live'));
  await writeFile(join(cwd, 'live', 'web.yaml'), TEXT);
  await writeFile(join(cwd, 'live', 'cart.yaml'), CART);
  await pair('live');
  host = await startedHost(cwd, { source: join(cwd, 'live') });
  await host.ready;
});
afterAll(async () => {
  await host.close();
  await rm(cwd, { recursive: true, force: true });
});

async function pair(folder: string): Promise<void> {
  const { cert, key } = await issue(['shop.example']);
  await writeFile(join(cwd, folder, 'tls.crt'), cert);
  await writeFile(join(cwd, folder, 'tls.key'), key, { mode: 0o600 });
}

const diff = (folder: string, ...args: readonly string[]): Promise<Ran> =>
  runHere(cwd, ['diff', folder, '--admin', host.adminAddress, ...args]);

test('what is accepted is no difference', async () => {
  expect(await diff('live')).toEqual({ code: 0, out: 'no difference', err: '' });
});

test('what was edited is told by document, field, rule and drain, and no secret', async () => {
  await cp(join(cwd, 'live'), join(cwd, 'edited'), { recursive: true });
  const edited = TEXT.replace('8080', '8081')
    .replace(SECRET, 'Bearer other')
    .replace('/cart', '/c');
  await writeFile(join(cwd, 'edited', 'web.yaml'), edited);
  await rm(join(cwd, 'edited', 'cart.yaml'));
  await writeFile(join(cwd, 'edited', 'all.yaml'), `${CART}---\n${CART.replace('cart', 'gift')}`);
  await pair('edited');
  const { code, out } = await diff('edited');
  expect(code).toBe(2);
  for (const line of [
    /^\+ Cluster gift {2}all.yaml:6:7$/m,
    /^~ Listener web {2}web.yaml:2:7$/m,
    /^ +port +8080 → 8081 +web.yaml:3:7$/m,
    /^ +headers.request.set.authorization +sha256:\w{8} → sha256:\w{8} +web.yaml:4:\d+$/m,
    /^ +rules\[cart\].match.path +\/cart → \/c +web.yaml:9:\d+$/m,
    /^~ material Certificate\/shop {2}\w{8} → \w{8}$/m,
    /^ +RDS {2}~web \(rules: 1 added, 1 removed\)$|^ +RDS {2}~web \(rules: 1 changed\)$/m,
    /^ +the listener web drains: address.socket_address.port_value cannot change in place$/m,
  ]) {
    expect(out).toMatch(line);
  }
  expect(out).not.toContain('Cluster cart');
  expect(out).not.toContain('Bearer');
  const json = await diff('edited', '-o', 'json');
  expect(json.code).toBe(2);
  expect(json.out).not.toContain('Bearer');
});

test('the server gives no secret away', async () => {
  const reply = await fetch(`http://${host.adminAddress}/v1/documents`);
  const text = await reply.text();
  expect(text).toContain('"document":"Listener web"');
  expect(text).toContain('"authorization":"sha256:');
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain('PRIVATE KEY');
});

test('a folder with errors, and a server that is not there', async () => {
  await mkdir(join(cwd, 'bad'));
  await writeFile(join(cwd, 'bad', 'a.yaml'), 'kind: Listener\nname: web\n');
  const bad = await diff('bad');
  expect([bad.code, bad.err.split('\n')[0]]).toEqual([1, 'bad has errors']);
  const away = await runHere(cwd, ['diff', 'live', '--admin', 'unix:nothing.sock']);
  expect(away.code).toBe(3);
  expect(away.err).toContain('cannot be reached');
});
