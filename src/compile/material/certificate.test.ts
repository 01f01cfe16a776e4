import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { issue } from '../../../test/support/certificate.mjs';
import { readCertificate, type ReadCertificate } from './certificate.ts';
import type { CertificateRole } from './leaf.ts';
import { certificateOf, materialValue } from './material-value.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (cert: string, key: string, now = Date.now()): ReadCertificate =>
  readCertificate(bytes(cert), bytes(key), { now, roles: ['server'] });
const codes = (result: ReadCertificate): readonly string[] =>
  result.problems.map(({ code, file }) => `${code} ${file}`);

const DAY_MS = 86_400_000;
const shop = await issue(['b.example', 'A.example', '*.c.example']);
const other = await issue(['other.example']);
const pkcs8 = (type: 'pkcs8' | 'sec1', cipher?: string): string => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const secured = cipher === undefined ? {} : { cipher, passphrase: 'test' };
  return privateKey.export({ type, format: 'pem', ...secured }).toString();
};

test('a good pair', () => {
  const result = read(shop.cert, shop.key);
  expect(codes(result)).toEqual([]);
  if (!result.ok) throw new Error('refused');
  const { facts, pair } = result.certificate;
  expect(facts.dnsNames).toEqual(['*.c.example', 'a.example', 'b.example']);
  expect(facts.serial).toBe(shop.serial);
  expect(facts.keyType).toBe('ec');
  expect(facts.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(pair.key.reveal()).toContain('PRIVATE KEY');
});

test.each([
  ['key of another certificate', shop.cert, other.key, ['CERT_PAIR_MISMATCH key']],
  ['nothing', '', '', ['CERT_EMPTY cert', 'CERT_EMPTY key']],
  ['white space', ' \n', shop.key, ['CERT_EMPTY cert']],
  ['no PEM', 'hello', 'hello', ['CERT_PEM cert', 'CERT_PEM key']],
  ['files swapped', shop.key, shop.cert, ['CERT_PEM cert', 'CERT_PEM key']],
  ['two keys', shop.cert, shop.key + other.key, ['CERT_PEM key']],
  ['leaf second', other.cert + shop.cert, shop.key, ['CERT_CHAIN_ORDER cert']],
  ['not its issuer', shop.cert + other.cert, shop.key, ['CERT_CHAIN_ORDER cert']],
  ['encrypted PKCS#8', shop.cert, pkcs8('pkcs8', 'aes-128-cbc'), ['KEY_ENCRYPTED key']],
  ['encrypted SEC1', shop.cert, pkcs8('sec1', 'aes-128-cbc'), ['KEY_ENCRYPTED key']],
  ['damaged Base64', shop.cert.replace(/\n(.)/, '\n!'), shop.key, ['CERT_PEM cert']],
])('%s', (_, cert, key, want) => {
  expect(codes(read(cert, key))).toEqual(want);
});

test.each([
  ['before it begins', -2 * DAY_MS, ['CERT_NOT_YET_VALID cert']],
  ['after its end', 91 * DAY_MS, ['CERT_EXPIRED cert']],
  ['in its last day', 89.5 * DAY_MS, ['CERT_EXPIRES_SOON cert']],
  ['in between', 30 * DAY_MS, []],
])('%s', (_, offset, want) => {
  expect(codes(read(shop.cert, shop.key, Date.now() + offset))).toEqual(want);
});

const forServers = await issue(['a.example'], { usages: ['serverAuth'] });
const forClients = await issue([], { usages: ['clientAuth'] });

test.each<[string, typeof shop, readonly CertificateRole[], readonly string[]]>([
  ['a server with one for servers', forServers, ['server'], []],
  ['a client with one for servers', forServers, ['client'], ['CERT_EKU cert']],
  ['a client with one for clients, without a name', forClients, ['client'], []],
  ['a server with one for clients', forClients, ['server'], ['CERT_EKU cert', 'CERT_NO_SAN cert']],
  ['both with one for servers', forServers, ['server', 'client'], ['CERT_EKU cert']],
  ['both with one that does not say', shop, ['server', 'client'], []],
])('%s', (_, { cert, key }, roles, want) => {
  const result = readCertificate(bytes(cert), bytes(key), { now: Date.now(), roles });
  expect(codes(result)).toEqual(want);
});

test('DER is told from PEM', () => {
  const der = Buffer.from(shop.cert.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const result = readCertificate(new Uint8Array(der), bytes(shop.key), {
    now: Date.now(),
    roles: ['server'],
  });
  expect(codes(result)).toEqual(['CERT_FORMAT cert']);
});

test('a file cut at any byte is never taken', () => {
  const whole = shop.cert.trimEnd();
  for (let length = 1; length < whole.length; length += 1) {
    expect(read(whole.slice(0, length), shop.key).ok, `${length} bytes`).toBe(false);
  }
});

test('a chain beyond the limit is refused', () => {
  const many = shop.cert.repeat(200);
  expect(codes(read(many, shop.key))).toEqual(['CERT_TOO_LARGE cert']);
});

test('text around the blocks and line ends change nothing', () => {
  const plain = read(shop.cert, shop.key);
  const noisy = read(
    `Subject: x\n\n${shop.cert.replaceAll('\n', '\r\n')}\n\n`,
    `\n${shop.key}  \n`,
  );
  if (!plain.ok || !noisy.ok) throw new Error('refused');
  const [a, b] = [plain, noisy].map((one) => materialValue('shop', one.certificate.pair));
  expect(b).toEqual(a);
});

test('material goes there and back, and an expired pair still does', () => {
  const result = read(shop.cert, shop.key);
  if (!result.ok) throw new Error('refused');
  const { facts, pair } = result.certificate;
  const value = materialValue('shop', pair);
  expect(value.name).toBe('Certificate/shop');
  const back = certificateOf(value);
  expect(back?.facts).toEqual(facts);
  expect(back?.pair.key.reveal()).toBe(pair.key.reveal());
  expect(certificateOf({ ...value, bytes: bytes('{"format":2}') })).toBeNull();
  expect(certificateOf({ ...value, bytes: bytes('nonsense') })).toBeNull();
});

test('the key cannot be printed', () => {
  const result = read(shop.cert, shop.key);
  const shown = inspect(result, { depth: 9 }) + JSON.stringify(result);
  expect(shown).not.toContain('PRIVATE KEY');
  expect(shown).not.toContain(shop.key.split('\n')[1]);
});
