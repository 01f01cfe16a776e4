import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTempFolder, sweepTempFolders } from './temp-folder.ts';

test('what a killed helve left goes, and who runs from it; the rest stays', async () => {
  const owner = spawn(process.execPath, ['-e', '']);
  await once(owner, 'exit');
  const own = await makeTempFolder('test');
  const left = await makeTempFolder('test');
  const abandoned = left.replace(`-${process.pid}-`, `-${owner.pid ?? 0}-`);
  await rename(left, abandoned);
  const code = 'setInterval(() => undefined, 1000); console.log("up")';
  const orphan = spawn(process.execPath, ['-e', code, join(abandoned, 'bootstrap.json')]);
  const bystander = spawn(process.execPath, ['-e', code, join(own, 'bootstrap.json')]);
  const ended = once(orphan, 'exit');
  await Promise.all([once(orphan.stdout, 'data'), once(bystander.stdout, 'data')]);
  await sweepTempFolders();
  expect((await ended)[1]).toBe('SIGTERM');
  expect([existsSync(abandoned), existsSync(own), bystander.exitCode]).toEqual([false, true, null]);
  bystander.kill();
  await rm(own, { recursive: true });
});
