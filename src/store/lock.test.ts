import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from './index.ts';

const LOADER = new URL('../../test/support/ts-loader.mjs', import.meta.url).href;
const STORE = new URL('index.ts', import.meta.url).href;

let dir = '';
let child: ChildProcess | null = null;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'helve-lock-'));
});
afterEach(async () => {
  if (child !== null) await kill(child);
  child = null;
  await rm(dir, { recursive: true });
});

/** Another process that opens the store and stays; what it says first. */
async function openElsewhere(): Promise<string> {
  const code = `
    import { openStore } from ${JSON.stringify(STORE)};
    const opened = await openStore({ dir: ${JSON.stringify(dir)}, source: '/conf' });
    process.send(opened.ok ? 'open' : opened.why);
    setInterval(() => {}, 1_000);`;
  const args = ['--import', LOADER, '--input-type=module', '--eval', code];
  child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const said: readonly unknown[] = await once(child, 'message');
  return String(said[0]);
}

async function kill(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = once(process, 'exit');
  process.kill('SIGKILL');
  await ended;
}

test('a live owner is named, a killed one is succeeded', async () => {
  expect(await openElsewhere()).toBe('open');
  const refused = await openStore({ dir, source: '/conf' });
  expect(refused).toMatchObject({ ok: false });
  expect(refused.ok ? '' : refused.why).toContain(`in use by process ${child?.pid}`);
  if (child !== null) await kill(child);
  const opened = await openStore({ dir, source: '/conf' });
  if (!opened.ok) throw new Error(opened.why);
  expect(await openElsewhere()).toContain(`in use by process ${process.pid}`);
  await opened.store.close();
});

test('of many that succeed a killed one, one gets the lock', async () => {
  expect(await openElsewhere()).toBe('open');
  if (child !== null) await kill(child);
  const all = await Promise.all(
    Array.from({ length: 8 }, () => openStore({ dir, source: '/conf' })),
  );
  const owners = all.flatMap((one) => (one.ok ? [one.store] : []));
  expect(owners.length).toBe(1);
  for (const store of owners) await store.close();
});
