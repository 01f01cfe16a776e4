// Runs dependency-cruiser over src, and distrusts it: a cruise that saw no module is a failure.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const files = readdirSync('src', { recursive: true }).filter((name) => name.endsWith('.ts'));
const tool = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs';
const result = cruise();
const seen = result.modules.filter(
  (module) => module.source.startsWith('src/') && module.source.endsWith('.ts'),
).length;
const links = result.modules.reduce((sum, module) => sum + module.dependencies.length, 0);

for (const { rule, from, to } of result.summary.violations) {
  process.stdout.write(`${rule.severity} ${rule.name}: ${from} → ${to}\n`);
}
if (seen < files.length * 0.9 || links < seen) {
  process.stdout.write(
    `saw ${seen} modules and ${links} imports for ${files.length} files: not to be trusted\n`,
  );
  process.exitCode = 1;
} else if (result.summary.violations.length > 0) {
  process.exitCode = 1;
} else {
  process.stdout.write(`${seen} modules, ${links} imports\n`);
}

function cruise() {
  const args = [tool, 'src', '--config', '.dependency-cruiser.mjs', '--output-type', 'json'];
  const options = { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 };
  try {
    return JSON.parse(execFileSync(process.execPath, args, options));
  } catch (error) {
    // It exits with the number of violations, and prints them all the same.
    if (typeof error.stdout === 'string' && error.stdout.startsWith('{')) {
      return JSON.parse(error.stdout);
    }
    throw error;
  }
}
