import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ROOT } from '../tidy/tree.ts';
import type { TestResult } from './proofs.ts';

/**
 * Every test of the project: how it ended, where `reports` is the folder of a run's JSON reports
 * (`npm test`), or else by name alone, taken to pass.
 */
export async function collectTests(reports: string | undefined): Promise<readonly TestResult[]> {
  if (reports === undefined) return listTests();
  return readdirSync(reports)
    .sort()
    .flatMap((file) => readReport(readFileSync(join(reports, file), 'utf8')));
}

const REPORT = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()),
          title: z.string(),
          status: z.string(),
        }),
      ),
    }),
  ),
});

function readReport(text: string): readonly TestResult[] {
  return REPORT.parse(JSON.parse(text)).testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status }) => ({
      file: relative(ROOT, name),
      name: [...ancestorTitles, title].join(' > '),
      isPassed: status === 'passed',
    })),
  );
}

const LIST = z.array(z.object({ name: z.string(), file: z.string() }));

async function listTests(): Promise<readonly TestResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'helve-list-'));
  const list = join(folder, 'list.json');
  const projects = ['unit', 'whole', 'system', 'alone'].flatMap((name) => ['--project', name]);
  const args = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'list', ...projects];
  try {
    await promisify(execFile)(process.execPath, [...args, `--json=${list}`], {
      cwd: ROOT,
      env: environment(),
    });
    const found = LIST.parse(JSON.parse(readFileSync(list, 'utf8')));
    return found.map(({ name, file }) => ({ file: relative(ROOT, file), name, isPassed: true }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of this process, without what tells a worker of vitest that it is one. */
function environment(): NodeJS.ProcessEnv {
  const isOurs = ([name]: readonly [string, unknown]): boolean => !/^(VITEST|TEST$)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(isOurs));
}
