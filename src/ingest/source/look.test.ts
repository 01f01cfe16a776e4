import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLanguage } from '../model-language.ts';
import { NOTHING } from './generation.ts';
import { SOURCE_LIMITS } from './limits.ts';
import { lookAt, readFile } from './look.ts';
import { stampOf } from './stamp.ts';

test('a file that could not be read is tried at every look, whatever its stamp says', async () => {
  const source = realpathSync(mkdtempSync(join(tmpdir(), 'helve-look-')));
  const real = join(source, 'a.yaml');
  const pipe = join(source, '.pipe');
  writeFileSync(real, 'kind: Cluster\n');
  execFileSync('mkfifo', [pipe]);
  const options = {
    ...{ source, allowPaths: [], limits: SOURCE_LIMITS, language: createLanguage() },
    acceptedFiles: () => [],
    // Later than all that was written, so that no stamp is in doubt.
    wall: () => Date.now() + 60_000,
  };
  // What is read is not what it was when the stamp was taken; nothing shows when that passes.
  const listed = { path: 'a.yaml', real, stamp: stampOf(statSync(real)) };
  const failed = readFile(options, { ...listed, real: pipe }, null);
  expect(failed).toMatchObject({ text: null, problem: { code: 'FILE_NOT_REGULAR' } });
  const files = new Map(failed === null ? [] : [['a.yaml', { ...failed, real }]]);
  const memory = { tree: null, generation: { ...NOTHING, files }, isDoubted: false };
  const { generation } = await lookAt(options, memory);
  expect(generation.files.get('a.yaml')).toMatchObject({ text: 'kind: Cluster\n', problem: null });
  rmSync(source, { recursive: true });
});
