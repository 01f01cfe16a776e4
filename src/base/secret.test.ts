import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { hasPrivateKey, maskPrivateKeys, redactPem, Secret } from './secret.ts';

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

const CANARY = 'canary-8123';

test.each<[string, (secret: Secret<string>) => unknown]>([
  ['String', (s) => String(s)],
  ['toString', (s) => s.toString()],
  ['a template', (s) => `<${s as unknown as string}>`],
  ['concatenation', (s) => 'x' + (s as unknown as string)],
  ['a number', (s) => Number(s)],
  ['JSON', (s) => JSON.stringify({ key: s, list: [s] })],
  ['inspect', (s) => inspect({ key: [s] }, { depth: Infinity, showHidden: true })],
  ['inspect without its own way', (s) => inspect(s, { customInspect: false, showHidden: true })],
  ['format', (s) => format('%s %o %O %j %d', s, s, s, s, s)],
  ['a copy', (s) => JSON.stringify(Object.assign({}, s))],
  ['a structured clone', (s) => inspect(structuredClone({ key: s }), { showHidden: true })],
  ['its properties', (s) => Reflect.ownKeys(s).join()],
  ['an error', (s) => new Error('bad', { cause: s }).stack],
])('a secret is not printed by %s', (_way, print) => {
  const secret = new Secret(CANARY);
  expect(String(print(secret))).not.toContain(CANARY);
  expect(secret.reveal()).toBe(CANARY);
});

test.each<[string, string, string]>([
  ['nothing', 'no key here', 'no key here'],
  ['a block', `a ${block('PRIVATE KEY', '\nTUlJ\n')} b`, 'a [redacted PEM] b'],
  ['escaped line feeds', `"${block('EC PRIVATE KEY', '\\nTUlJ\\n')}\\n"`, '"[redacted PEM]\\n"'],
  ['a certificate too', block('CERTIFICATE', 'TUlJ'), '[redacted PEM]'],
  ['a text cut inside', 'x -----BEGIN PRIVATE KEY-----\nTUlJ', 'x [redacted PEM]'],
  [
    'a text cut in the END line',
    'x -----BEGIN PRIVATE KEY-----\nTU\n-----END PRI',
    'x [redacted PEM]',
  ],
  [
    'several blocks',
    `${block('CERTIFICATE', 'A')} and ${block('RSA PRIVATE KEY', 'B')}.`,
    '[redacted PEM] and [redacted PEM].',
  ],
  [
    'a whole block before one that is cut',
    `${block('CERTIFICATE', 'A')}, -----BEGIN PRIVATE KEY-----B`,
    '[redacted PEM], [redacted PEM]',
  ],
])('PEM is redacted: %s', (_what, text, redacted) => {
  expect(redactPem(text)).toBe(redacted);
});
