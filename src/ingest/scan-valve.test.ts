import { expect, it } from 'vitest';
import { manifestId, materialId, type Scan } from '../base/index.ts';
import { createScanValve } from './scan-valve.ts';

const scan = (number: number): Scan => ({
  documents: manifestId(String(number)),
  material: materialId('m'),
  problems: [],
  noticedAt: 0,
  settledAt: 0,
  files: number,
});

it('lets one scan through for each that was taken, and the newest at the end', () => {
  const sent: number[] = [];
  const valve = createScanValve(({ files }) => sent.push(files));
  for (let number = 1; number <= 1_000; number += 1) {
    valve.offer(scan(number));
    if (number % 100 === 0) valve.taken();
  }
  expect(sent).toEqual([1, ...Array.from({ length: 10 }, (_, i) => (i + 1) * 100)]);
  valve.taken();
  expect(sent).toHaveLength(11);
  // Nothing waits: the next passes at once.
  valve.offer(scan(1_001));
  expect(sent.at(-1)).toBe(1_001);
});

it('holds what comes back until the one before was taken', () => {
  const sent: number[] = [];
  const valve = createScanValve(({ files }) => sent.push(files));
  valve.offer(scan(1));
  valve.offer(scan(2));
  valve.offer(scan(1));
  valve.taken();
  expect(sent).toEqual([1, 1]);
});
