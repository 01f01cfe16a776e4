import { expect, test } from 'vitest';
import { hasPrivateKey, maskPrivateKeys } from './secret.ts';

const block = (kind: string, body: string): string =>
  `-----BEGIN ${kind}-----${body}-----END ${kind}-----`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test.each<[string, string, string]>([
  ['nothing', 'a: 1\nb: 2\n', 'a: 1\nb: 2\n'],
  ['a certificate', block('CERTIFICATE', '\nTUlJ\n'), block('CERTIFICATE', '\nTUlJ\n')],
  ['a public key', block('PUBLIC KEY', '\nTUlJ\n'), block('PUBLIC KEY', '\nTUlJ\n')],
  [
    'a key in a block of lines',
    `k: |\n  ${block('PRIVATE KEY', '\r\n  TUlJ\r\n  ')}\nb: 2`,
    `k: |\n  ${'*'.repeat(27)}\r\n${'*'.repeat(6)}\r\n${'*'.repeat(27)}\nb: 2`,
  ],
  [
    'a key with escaped line feeds',
    `k: "${block('EC PRIVATE KEY', '\\nTUlJ\\n')}\\n" # x`,
    `k: "${'*'.repeat(66)}\\n" # x`,
  ],
  ['a key without its end', '-----BEGIN RSA PRIVATE KEY-----\nTU', `${'*'.repeat(31)}\n**`],
  [
    'two keys',
    `${block('PRIVATE KEY', 'A')} and ${block('ENCRYPTED PRIVATE KEY', 'A')}`,
    `${'*'.repeat(53)} and ${'*'.repeat(73)}`,
  ],
  ['a certificate in base64', base64(block('CERTIFICATE', 'A')), base64(block('CERTIFICATE', 'A'))],
])('%s', (_what, text, masked) => {
  expect(maskPrivateKeys(text)).toBe(masked);
  expect(hasPrivateKey(text)).toBe(text !== masked);
});

test.each(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'])(
  'a %s in base64',
  (kind) => {
    const key = base64(block(kind, 'A'));
    expect(hasPrivateKey(key)).toBe(true);
    expect(maskPrivateKeys(`b: "${key}"`)).toBe(`b: "${'*'.repeat(key.length)}"`);
  },
);
