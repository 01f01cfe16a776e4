import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../bench/main.mjs', import.meta.url));
const run = promisify(execFile);

interface Figures {
  readonly delivery: readonly {
    readonly server: string;
    readonly layout: string;
    readonly clients: number;
    readonly edits: number;
    readonly responsesPerClient: number;
    readonly bytesPerClient: number;
    readonly tableBytes: number;
    readonly responsesToNothing?: number;
  }[];
  readonly envoy: readonly { readonly server: string; readonly edits: number }[];
  readonly cold: readonly { readonly files: number }[];
  readonly compile: readonly {
    readonly documents: number;
    readonly edits: number;
    readonly editReadMs: number;
    readonly editDeltaMs: number;
    readonly editBytes: number;
  }[];
  readonly sets: readonly { readonly name: string; readonly changes: number }[];
  readonly stall: { readonly routes: number; readonly pings: number };
  readonly hostile: {
    readonly quiet: { readonly edits: number };
    readonly beside: { readonly edits: number };
    readonly reconnects: number;
    readonly garbageThrown: number;
    readonly floodRequests: number;
    readonly memoryMb: { readonly before: number; readonly after: number };
  };
  readonly bars: readonly {
    readonly what: string;
    readonly bar: string;
    readonly got: string;
    readonly why: string;
  }[];
}

let folder = '';
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('the benchmarks run at their smallest, count what they do, and judge it', async () => {
  folder = await mkdtemp(join(tmpdir(), 'helve-system-'));
  const json = join(folder, 'figures.json');
  const { stdout } = await run(process.execPath, [MAIN, '--tiny', '--no-go', '--json', json]);
  const figures = JSON.parse(await readFile(json, 'utf8')) as Figures;

  const cells = figures.delivery.map((row) => [row.layout, row.server, row.clients, row.edits]);
  expect(cells).toEqual([
    ['one table', 'helve', 1, 1],
    ['one table', 'node:http2', 1, 1],
    ['one table', 'helve', 3, 1],
    ['one table', 'node:http2', 3, 1],
    ['many tables', 'helve', 2, 1],
    ['shards', 'helve', 2, 1],
  ]);
  for (const row of figures.delivery) {
    expect(row.responsesPerClient).toBe(1);
    expect(row.bytesPerClient).toBeGreaterThan(row.tableBytes);
    if (row.server === 'helve') expect(row.responsesToNothing).toBe(0);
  }
  expect(figures.envoy.map(({ server, edits }) => [server, edits])).toEqual([
    ['helve', 1],
    ['node:http2', 1],
  ]);
  expect(figures.cold.map(({ files }) => files)).toEqual([23]);
  expect(figures.compile.map(({ documents, edits }) => [documents, edits])).toEqual([
    [43, 2],
    [43, 2],
    [43, 2],
  ]);
  expect(figures.sets.map(({ changes }) => changes)).toEqual([3, 3, 3]);
  expect(figures.stall.pings).toBeGreaterThan(0);
  const { quiet, beside, memoryMb, ...harm } = figures.hostile;
  expect([quiet.edits, harm.reconnects]).toEqual([1, 20]);
  for (const count of [beside.edits, harm.garbageThrown, harm.floodRequests, memoryMb.after]) {
    expect(count).toBeGreaterThan(0);
  }
  expect(figures.bars.length).toBeGreaterThan(0);
  // What is said of where the time goes is measured, and not known before.
  for (const { editReadMs, editDeltaMs, editBytes } of figures.compile) {
    expect(Math.min(editReadMs, editDeltaMs, editBytes)).toBeGreaterThan(0);
  }
  for (const { what, bar, got } of figures.bars) {
    expect(stdout).toContain(`| ${what} | ${bar} | ${got} |`);
  }
});
