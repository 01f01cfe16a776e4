import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { readKeySet } from './key-set.ts';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const open = publicKey.export({ format: 'jwk' });
const secret = privateKey.export({ format: 'jwk' });
const read = (text: string): string => {
  const result = readKeySet(new TextEncoder().encode(text));
  return result.ok ? 'good' : result.message;
};

const NO_SET = 'it is not a JWKS; write {"keys": [...]}';
const NO_KEY = 'it has no RSA, EC or OKP key that can be read; add one';
const SECRET = 'it holds a secret key; write public keys only';

const setOf = (...keys: readonly JsonWebKey[]): string =>
  JSON.stringify({ keys: keys.map((key, index) => ({ ...key, kid: `k${index}` })) });

const untaken = (words: string): string => `it has no key that Envoy takes: the key "k0" ${words}`;

/** A modulus of this many bits, all of them set. */
function rsaOf(bits: number): JsonWebKey {
  const n = Buffer.alloc(Math.ceil(bits / 8), 0xff);
  n[0] = 0xff >> (7 - ((bits - 1) % 8));
  return { kty: 'RSA', n: n.toString('base64url'), e: 'AQAB' };
}

const curve = (namedCurve: string): JsonWebKey =>
  generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
const ed448 = generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' });

test.each([
  ['', NO_SET],
  ['{"keys": [', NO_SET],
  ['[]', NO_SET],
  ['{"keys": {}}', NO_SET],
  ['{"keys": []}', NO_KEY],
  ['{"keys": [null, 1, {"kty": "PQ"}]}', NO_KEY],
  [JSON.stringify({ keys: [{ kty: 'PQ' }, open] }), 'good'],
  [JSON.stringify({ keys: [open, secret] }), SECRET],
  ['{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', SECRET],
  [setOf(rsaOf(511)), untaken('is RSA of 511 bits; use 2048')],
  [setOf(rsaOf(512)), 'good'],
  [setOf(rsaOf(16_384)), 'good'],
  [setOf(rsaOf(16_385)), untaken('is RSA of 16385 bits; use 2048')],
  [setOf({ ...rsaOf(2048), e: 'EQ' }), untaken('has the exponent 17; use 65537')],
  [setOf({ ...rsaOf(2048), e: 'Aw', alg: 'PS256' }), 'good'],
  [
    setOf({ ...rsaOf(2048), alg: 'ES256' }),
    untaken('has alg "ES256", which is not for its kind; write RS256'),
  ],
  [setOf(curve('secp256k1')), untaken('is on the curve secp256k1; use P-256')],
  [setOf(curve('P-384')), 'good'],
  [setOf({ ...curve('P-521'), alg: 'ES512' }), 'good'],
  [
    setOf({ ...open, alg: 'ES384' }),
    untaken('has alg "ES384", which is not for its kind; write ES256'),
  ],
  [setOf(ed25519), 'good'],
  [
    setOf({ ...ed25519, alg: 'ES256' }),
    untaken('has alg "ES256", which is not for its kind; write EdDSA'),
  ],
  [setOf(ed448), untaken('is on the curve Ed448; use Ed25519')],
  [
    setOf({ ...rsaOf(2048), n: '/'.repeat(342) }),
    untaken('has "+" or "/" in n; write it in base64url'),
  ],
  // Envoy passes over what it does not take.
  [setOf(rsaOf(511), open), 'good'],
])('%s', (text, want) => {
  expect(read(text)).toBe(want);
});

test('spaces do not matter', () => {
  const texts = [JSON.stringify({ keys: [open] }), JSON.stringify({ keys: [open] }, null, 2)];
  const [a, b] = texts.map((text) => readKeySet(new TextEncoder().encode(text)));
  expect(a).toEqual(b);
});
