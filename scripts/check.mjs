// `npm run check`: what says soonest that a change works. No network, no Envoy, under a minute.
import { runStatic, runTests, STATIC_PARTS, summaryLine } from './parts.mjs';
import { runPart } from './run-part.mjs';
import { ROOT } from './setup.mjs';

// Format and dead files are left to `npm test`: they find nothing that keeps a change from working.
const IN_LOOP = new Set(['types', 'imports', 'lint']);

const startedAt = performance.now();
const results = [];
const say = (line) => process.stdout.write(`${line}\n`);

const record = (result) => {
  results.push(result);
  say(summaryLine(result));
};

const generated = await runPart(['npm', 'run', '--silent', 'generate'], { cwd: ROOT });
if (generated.isOk) await runAll();
else record({ name: 'generate', passed: 0, failed: 1, ...generated });

for (const { name, output } of results.filter((result) => result.failed > 0)) {
  say(`\n--- ${name} ---\n${output.trim()}`);
}
const failed = results.filter((result) => result.failed > 0);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
say(failed.length === 0 ? `all good (${seconds} s)` : `\n${failed.length} failed (${seconds} s)`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Two lanes, the longest parts first: whoever is free takes the next one. */
async function runAll() {
  const parts = STATIC_PARTS.filter(({ name }) => IN_LOOP.has(name));
  const first = (part) => (part.name === 'lint' ? 0 : 1);
  parts.sort((a, b) => first(a) - first(b));
  const takeRest = async () => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      record(await runStatic(part));
    }
  };
  await Promise.all([runTests('unit').then(record).then(takeRest), takeRest()]);
}
