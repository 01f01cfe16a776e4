import { expect, it } from 'vitest';
import { isRacy, RACY_MS } from './stamp.ts';

it.each([
  ['just changed', 1_234.5, 0, 1_234.5 + RACY_MS - 1, true],
  ['changed a while ago', 1_234.5, 0, 1_234.5 + RACY_MS, false],
  ['its inode just changed', 0, 1_234.5, 1_235, true],
  ['stamped in whole seconds, within two of them', 5_000, 5_000, 6_999, true],
  ['stamped in whole seconds, before that', 5_000, 5_000, 7_000, false],
  ['only its mtime set to a whole second', 5_000, 5_000.25, 5_500, false],
])('a second change can hide: %s', (_name, mtimeMs, ctimeMs, readAt, want) => {
  const stamp = { dev: 1, ino: 1, size: 1, mode: 0o644, mtimeMs, ctimeMs };
  expect(isRacy(stamp, readAt)).toBe(want);
});
