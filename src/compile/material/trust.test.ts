import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readTrust, trustMaterial, trustOf } from './trust.ts';

const certs = new URL('../../../test/golden/certificates/certs/', import.meta.url);
const shop = readFileSync(new URL('test-only-shop.crt', certs), 'utf8');
const api = readFileSync(new URL('test-only-api.crt', certs), 'utf8');
const key = readFileSync(new URL('test-only-shop.key', certs), 'utf8');
const pem = (label: string, body: string): string =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const list = pem('X509 CRL', 'MAA=');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const bundleOf = (ca: string, crl: string | null = null): unknown => {
  const result = readTrust(bytes(ca), crl === null ? null : bytes(crl));
  return result.ok ? result.bundle : result.problems.map(({ code, file }) => `${file} ${code}`);
};

test('the order, repetition and comments of certificates change nothing', () => {
  expect(bundleOf(`# roots\n${api}${shop}${api}`)).toEqual(bundleOf(`${shop}${api}`));
  expect(bundleOf(shop)).not.toEqual(bundleOf(api));
});

test('a key beside the certificates is left out', () => {
  expect(bundleOf(`${shop}${key}`)).toEqual(bundleOf(shop));
});

test('revocation lists go along', () => {
  expect(bundleOf(shop, list)).toMatchObject({ crl: list });
});

test.each([
  ['empty', ' \n', null, ['ca CERT_EMPTY']],
  ['cut', shop.slice(0, 200), null, ['ca CERT_PEM']],
  ['not a certificate', pem('CERTIFICATE', 'MAA='), null, ['ca CERT_PEM']],
  ['only a key', key, null, ['ca CERT_PEM']],
  ['no list', shop, api, ['crl CERT_PEM']],
  ['a list that is cut', shop, pem('X509 CRL', 'MAQAAA=='), ['crl CERT_PEM']],
  ['both', '', '', ['ca CERT_EMPTY', 'crl CERT_EMPTY']],
])('refuses: %s', (_name, ca, crl, want) => {
  expect(bundleOf(ca, crl)).toEqual(want);
});

test('DER is told apart', () => {
  const result = readTrust(Uint8Array.from([0x30, 0x82, 0, 0]), null);
  expect(result).toMatchObject({ ok: false, problems: [{ code: 'CERT_FORMAT' }] });
});

test('what is kept can be read again, and nothing else', () => {
  const value = trustMaterial('roots', { ca: shop, crl: list });
  expect(value.name).toBe('Trust/roots');
  expect(trustOf(value)).toEqual({ ca: shop, crl: list });
  expect(trustOf({ ...value, bytes: bytes('{"format":2}') })).toBeNull();
  expect(trustOf({ ...value, bytes: bytes('no') })).toBeNull();
});
