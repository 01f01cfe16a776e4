import { expect, test } from 'vitest';
import { quotedName, shownName } from './shown-name.ts';

const HIDDEN = '(a name that is not shown)';

test.each([
  ['passwort', false, '"passwort"'],
  ['certificate_chains', false, '"certificate_…"'],
  ['certificate_chains', true, '"certificate_chains"'],
  ['sk_live_4eC39HqLyjWDarjtT1zdp7dc', false, HIDDEN],
  ['sk-live-1', false, HIDDEN],
  ['-----BEGIN PRIVATE KEY-----\nMIIE', false, HIDDEN],
  ['0123456789', false, HIDDEN],
  ['a'.repeat(65), false, HIDDEN],
  ['', false, HIDDEN],
])('%j (near: %s) is shown as %s', (name, isNear, want) => {
  expect(shownName(name, isNear)).toBe(want);
});

test.each([
  ['certificate_chains', '"certificate_chains"'],
  ['sk_live_4eC39HqLyjWDarjtT1zdp7dc', '"[redacted]"'],
  ['x'.repeat(61), `"${'x'.repeat(60)}…"`],
])('%j is quoted as %s', (name, want) => {
  expect(quotedName(name)).toBe(want);
});
