import { generateKeyPairSync } from 'node:crypto';
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
])('%s', (text, want) => {
  expect(read(text)).toBe(want);
});

test('spaces do not matter', () => {
  const texts = [JSON.stringify({ keys: [open] }), JSON.stringify({ keys: [open] }, null, 2)];
  const [a, b] = texts.map((text) => readKeySet(new TextEncoder().encode(text)));
  expect(a).toEqual(b);
});
