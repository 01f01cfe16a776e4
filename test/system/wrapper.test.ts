import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const WRAPPER = fileURLToPath(new URL('../../helve', import.meta.url));

interface Ran {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

const run = (path: string, ...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] };
    execFile(path, args, { env }, (error, out, err) => {
      resolve({ code: error?.code ?? 0, out, err });
    });
  });

test('./helve runs the program of its checkout, and hints name it', async () => {
  expect((await run(WRAPPER, '--version')).out).toMatch(/^helve \d/);
  const { code, err } = await run(WRAPPER, 'status', '--admin', 'unix:/nothing.sock');
  expect(code).toBe(3);
  expect(err).toContain(`is \`${WRAPPER} serve\` running?`);
});

test('./helve of a checkout that is not built says how to build it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'helve-wrapper-'));
  await copyFile(WRAPPER, join(folder, 'helve'));
  expect(await run(join(folder, 'helve'), 'status')).toEqual({
    code: 1,
    out: '',
    err: `helve is not built yet: run  npm ci && npm run build  in ${folder}\n`,
  });
  await rm(folder, { recursive: true });
});
