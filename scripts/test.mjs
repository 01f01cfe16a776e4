// `npm test`: sets itself up on a fresh machine, runs everything, and ends with one line to read.
import { runStatic, runTests, STATIC_PARTS, summaryLine } from './parts.mjs';
import { setUp } from './setup.mjs';

const results = [];
const say = (line) => process.stdout.write(`${line}\n`);

const record = (result) => {
  results.push(result);
  say(summaryLine(result));
  if (result.failed > 0) say(`\n--- ${result.name} ---\n${result.output.trim()}\n`);
};

try {
  await setUp({ say });
  for (const part of STATIC_PARTS) record(await runStatic(part));
  record(await runTests('unit'));
  record(await runTests('whole'));
  record(await runTests('system', (text) => process.stdout.write(text)));
} catch (error) {
  record({ name: 'setup', passed: 0, failed: 1, output: String(error.message), seconds: 0 });
}

const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
process.exitCode = failed === 0 ? 0 : 1;
say(`${passed} passed, ${failed} failed`);
