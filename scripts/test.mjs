// `npm test`: sets itself up on a fresh machine, runs everything, and ends with one line to read.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStatic, runTests, STATIC_PARTS, summaryLine } from './parts.mjs';
import { setUp } from './setup.mjs';

const results = [];
const reports = mkdtempSync(join(tmpdir(), 'helve-reports-'));
const say = (line) => process.stdout.write(`${line}\n`);

const record = (result) => {
  results.push(result);
  say(summaryLine(result));
  if (result.failed > 0) say(`\n--- ${result.name} ---\n${result.output.trim()}\n`);
};

try {
  await setUp({ say });
  for (const part of STATIC_PARTS) record(await runStatic(part));
  record(await runTests('unit', { reports }));
  record(await runTests('whole', { reports }));
  const onOutput = (text) => process.stdout.write(text);
  record(await runTests('system', { reports, onOutput }));
  record(await runTests('alone', { reports, onOutput }));
  // What the tests before proved of the protocol, against what docs/conformance.md says.
  process.env.HELVE_REPORTS = reports;
  record(await runTests('conformance'));
} catch (error) {
  record({ name: 'setup', passed: 0, failed: 1, output: String(error.message), seconds: 0 });
}

rmSync(reports, { recursive: true, force: true });
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
process.exitCode = failed === 0 ? 0 : 1;
say(`${passed} passed, ${failed} failed`);
