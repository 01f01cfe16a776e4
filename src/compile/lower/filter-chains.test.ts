import { expect, test } from 'vitest';
import type { CertificateFacts } from '../material/pair.ts';
import { planChains } from './filter-chains.ts';

const facts = (dnsNames: readonly string[], keyType: 'rsa' | 'ec' = 'ec'): CertificateFacts => ({
  dnsNames,
  ipNames: [],
  keyType,
  serial: '1',
  fingerprint: '',
  notBefore: 0,
  notAfter: 0,
  subject: '',
  issuer: '',
});

const check = (
  certificates: Record<string, CertificateFacts>,
  defaultCertificate: string | null,
): readonly string[] => {
  const entries = Object.entries(certificates);
  const plans = planChains(new Map(entries), defaultCertificate);
  expect(planChains(new Map([...entries].reverse()), defaultCertificate)).toEqual(plans);
  return [
    ...plans.chains.map((c) => `${c.certificates.join('+')}: ${c.serverNames.join(' ')}`),
    ...plans.conflicts.map((c) => `conflict: ${c.name} ${c.first} ${c.second}`),
    ...plans.nameless.map((name) => `nameless: ${name}`),
  ];
};

test.each([
  ['one each, sorted', { b: facts(['b.x']), a: facts(['a.x']) }, null, ['a: a.x', 'b: b.x']],
  [
    'the default takes what is left',
    { a: facts(['a.x']), b: facts(['b.y']) },
    'b',
    ['a: a.x', 'b: '],
  ],
  [
    'the default keeps its names from the wildcard of another',
    { a: facts(['*.x']), b: facts(['b.x', 'b.y']) },
    'b',
    ['a: *.x', 'b: b.x', 'b: '],
  ],
  [
    'RSA and ECDSA of equal names share a chain',
    { e: facts(['a.x']), r: facts(['a.x'], 'rsa') },
    null,
    ['e+r: a.x'],
  ],
  [
    'two of a kind conflict',
    { a: facts(['a.x', 'b.x']), b: facts(['a.x', 'c.x']) },
    null,
    ['a: a.x b.x', 'b: c.x', 'conflict: a.x a b'],
  ],
  ['no name to ask for', { a: facts([]), b: facts(['b.x']) }, null, ['b: b.x', 'nameless: a']],
  ['but as default', { a: facts([]) }, 'a', ['a: ']],
])('%s', (_, certificates, defaultCertificate, want) => {
  expect(check(certificates, defaultCertificate)).toEqual(want);
});
