// The parts of `npm run check` and of `npm test`, and how their results are counted.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPart } from './run-part.mjs';
import { ROOT } from './setup.mjs';

const bin = (name) => join(ROOT, 'node_modules', '.bin', name);

/**
 * What was found good is not looked at again until its text changes; a clean checkout, where a
 * rule may see a type that changed elsewhere, has no cache.
 *
 * @param {string} tool
 */
function cached(tool) {
  const at = join(ROOT, 'build', 'cache', tool);
  return ['--cache', '--cache-strategy', 'content', '--cache-location', at];
}

/**
 * Everything that judges the code without running it; each counts as one.
 *
 * @type {readonly { name: string, command: readonly string[] }[]}
 */
export const STATIC_PARTS = [
  { name: 'types', command: [bin('tsc'), '-p', 'tsconfig.json'] },
  { name: 'imports', command: [process.execPath, 'scripts/check-imports.mjs'] },
  { name: 'lint', command: [bin('eslint'), '.', '--max-warnings', '0', ...cached('eslint')] },
  {
    name: 'format',
    command: [bin('prettier'), '--check', '**/*.{ts,mts,mjs,js,json}', ...cached('prettier')],
  },
  {
    name: 'unused',
    command: [bin('knip'), '--include', 'files,dependencies,unlisted,unresolved'],
  },
];

/**
 * @typedef {object} Result
 * @property {string} name
 * @property {number} passed
 * @property {number} failed
 * @property {string} output empty where nothing failed
 * @property {number} seconds
 */

/** @returns {Promise<Result>} */
export async function runStatic({ name, command }) {
  const { isOk, output, seconds } = await runPart(command, { cwd: ROOT });
  return { name, passed: isOk ? 1 : 0, failed: isOk ? 0 : 1, output: isOk ? '' : output, seconds };
}

/**
 * One vitest project. A run without tests, or without a report, is a failure.
 *
 * @param {string} project
 * @param {{ onOutput?: (text: string) => void, reports?: string }} [options] `reports`: a folder
 *   in which the report of each project stays
 * @returns {Promise<Result>}
 */
export async function runTests(project, { onOutput, reports } = {}) {
  const folder = reports ?? mkdtempSync(join(tmpdir(), 'helve-test-'));
  const report = join(folder, `${project}.json`);
  const command = [bin('vitest'), 'run', '--project', project];
  command.push('--reporter=default', '--reporter=json', `--outputFile.json=${report}`);
  const { isOk, output, seconds } = await runPart(command, { cwd: ROOT, onOutput });
  const { passed, failed } = countTests(report);
  if (reports === undefined) rmSync(folder, { recursive: true, force: true });
  // vitest can fail beyond its tests: an unhandled error, a file that does not load, no test.
  const isHonest = isOk === (failed === 0) && passed + failed > 0;
  const name = `${project} tests`;
  return {
    name,
    passed,
    failed: isHonest ? failed : failed + 1,
    output: isOk && isHonest ? '' : output,
    seconds,
  };
}

function countTests(report) {
  if (!existsSync(report)) return { passed: 0, failed: 0 };
  const parsed = JSON.parse(readFileSync(report, 'utf8'));
  // A skipped test proves nothing: it counts as failed.
  const skipped = parsed.numPendingTests + parsed.numTodoTests;
  return { passed: parsed.numPassedTests, failed: parsed.numFailedTests + skipped };
}

/** @param {Result} result */
export function summaryLine({ name, passed, failed, seconds }) {
  const verdict = failed === 0 ? 'ok  ' : 'FAIL';
  const count = passed + failed > 1 ? `, ${passed} passed, ${failed} failed` : '';
  return `${verdict}  ${name} (${seconds.toFixed(1)} s${count})`;
}
