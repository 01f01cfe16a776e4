import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { issue, revocationList } from '../../../test/support/certificate.mjs';
import { revocationList as readList } from './revocation-list.ts';
import {
  endsOf,
  isListMissing,
  listProblems,
  readTrust,
  trustMaterial,
  trustOf,
  type TrustBundle,
} from './trust.ts';

const certs = new URL('../../../test/golden/certificates/certs/', import.meta.url);
const shop = readFileSync(new URL('test-only-shop.crt', certs), 'utf8');
const api = readFileSync(new URL('test-only-api.crt', certs), 'utf8');
const key = readFileSync(new URL('test-only-shop.key', certs), 'utf8');
const pem = (label: string, body: string): string =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const END = Date.UTC(2049, 0, 1);
const root = (await issue(['Root'], { isAuthority: true })).cert;
const list = await revocationList('Root', new Date(END));
const later = await revocationList('Root', new Date(Date.UTC(2051, 0, 1)));
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
  ['what is no list', shop, pem('X509 CRL', 'MAA='), ['crl CERT_PEM']],
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

const bundle = (ca: string, crl: string): TrustBundle => {
  const result = readTrust(bytes(ca), bytes(crl));
  if (!result.ok) throw new Error('not read');
  return result.bundle;
};

test.each([
  ['whose end is to come', list, END - 1, []],
  ['whose end has come', list, END, ['CRL_EXPIRED "Root" 2049-01-01T00:00:00Z']],
  ['whose end is past 2050', later, END, []],
  ['past that end too', later, Date.UTC(2052, 0, 1), ['CRL_EXPIRED "Root" 2051-01-01T00:00:00Z']],
  ['of somebody else', await revocationList('Elsewhere'), 0, ['CRL_ISSUER "Elsewhere"']],
  ['of somebody else too', list + (await revocationList('Two')), 0, ['CRL_ISSUER warning "Two"']],
  ['of a name that differs in case and spaces', await revocationList('rooT '), 0, []],
])('a list %s', (_name, crl, now, want) => {
  const found = listProblems(bundle(root, crl), now).map((one) => {
    const { code, file, message, severity = '' } = one;
    expect(file).toBe('crl');
    const [, name, end = ''] = /^the list of ("[^"]*")(?:.* (\d[^ ]*Z))?/.exec(message) ?? [];
    return [code, severity, name, end].filter(Boolean).join(' ');
  });
  expect(found).toEqual(want);
});

test('the judgement changes where lists end', () => {
  expect(endsOf(bundle(root, list + later))).toHaveLength(2);
  expect(endsOf(bundle(root, list))).toEqual([END]);
});

test('each CA needs a list, however many there are of another', () => {
  expect(isListMissing(bundle(root, list))).toBe(false);
  expect(isListMissing(bundle(root + shop, list + later))).toBe(true);
  expect(isListMissing({ ca: shop, crl: '' })).toBe(false);
});

test('whatever is cut is no list', () => {
  const der = Buffer.from(list.replace(/-----[^-]+-----/g, ''), 'base64');
  expect(readList(der)).not.toBeNull();
  for (let length = 0; length < der.length; length += 1) {
    expect(readList(der.subarray(0, length)), `${length}`).toBeNull();
  }
});
