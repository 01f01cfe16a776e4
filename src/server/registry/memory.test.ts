import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

const at = (path: string): string => new URL(`../../../test/support/${path}`, import.meta.url).href;

interface Measured {
  readonly clients: number;
  readonly grown: number;
  readonly nodes: number;
}

test('TRN-16 of ten thousand clients that came and went nothing is left', async () => {
  const child = fork(new URL(at('many-clients.ts')), {
    execArgv: ['--expose-gc', '--import', at('ts-loader.mjs')],
  });
  const [found] = (await once(child, 'message')) as [Measured];
  expect(found.clients).toBe(10_000);
  expect(found.nodes).toBe(1);
  // What a client costs while it is there is several kilobytes.
  expect(found.grown / found.clients).toBeLessThan(1_000);
}, 300_000);
