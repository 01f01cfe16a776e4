import { expect, test } from 'vitest';
import { tablesOf, type HostDocuments } from './tables.ts';

const check = (
  hosts: Record<string, readonly string[]>,
  hasCatchAll = false,
): readonly string[] => {
  const input: readonly HostDocuments[] = Object.entries(hosts).map(([host, documents]) => ({
    host,
    documents,
  }));
  const [first, ...others] = tablesOf({ name: 'web', hasCatchAll }, input);
  expect(others).toEqual([]);
  expect(tablesOf({ name: 'web', hasCatchAll }, [...input].reverse())).toEqual([first]);
  return (first?.virtualHosts ?? []).map(
    (plan) =>
      `${plan.name}: ${plan.domains.join(' ')} <- ${plan.documents.join(' ')}` +
      (plan.hasCatchAll ? ' to' : ''),
  );
};

test.each([
  ['nothing', {}, false, []],
  ['only a listener with `to`', {}, true, ['*: * <-  to']],
  ['equal sets share a virtual host', { b: ['x', 'y'], a: ['y', 'x'] }, false, ['a: a b <- x y']],
  [
    'other sets do not',
    { b: ['x'], a: ['x', 'y'], c: ['x'] },
    false,
    ['a: a <- x y', 'b: b c <- x'],
  ],
  [
    'the host of the catch-all stands alone',
    { '*': ['x'], a: ['x'] },
    true,
    ['*: * <- x to', 'a: a <- x'],
  ],
  ['without one it does not', { '*': ['x'], a: ['x'] }, false, ['*: * a <- x']],
  ['doubled names count once', { a: ['x', 'x'] }, false, ['a: a <- x']],
])('%s', (_, hosts, hasCatchAll, want) => {
  expect(check(hosts, hasCatchAll)).toEqual(want);
});
