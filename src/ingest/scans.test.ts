import { expect, test } from 'vitest';
import type { Scan } from '../base/index.ts';
import { createScanner } from './scans.ts';
import { NOTHING } from './source/generation.ts';

test.each([
  [null, 'a.yaml, b.yaml: still being written; wait for the writer to finish'],
  [
    '/site/.git/index.lock',
    'a.yaml, b.yaml: Git is at work here (/site/.git/index.lock); waiting until it is done',
  ],
])('says whom the source waits for (lock: %s)', (gitLock, message) => {
  const scans: Scan[] = [];
  const never = (): never => {
    throw new Error('nothing has settled');
  };
  const scanner = createScanner({ split: never, told: never, onScan: (scan) => scans.push(scan) });
  const paths = ['a.yaml', 'b.yaml'];
  scanner.unsettled({ gitLock, paths, generation: NOTHING, noticedAt: 1, look: 0 });
  const [problem] = scans[0]?.problems ?? [];
  expect(scans).toMatchObject([{ documents: null, noticedAt: 1 }]);
  expect(problem).toMatchObject({ code: 'SOURCE_UNSETTLED', message, span: { file: 'a.yaml' } });
});
