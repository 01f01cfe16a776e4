// Makes a fresh clone ready: packages, Envoy's API, the program. Uses Node's own modules only.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runPart } from './run-part.mjs';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Installs packages where they are missing or stale, extracts Envoy's API and builds the program.
 * Every step is a no-op when nothing changed. Throws with the step's output when one fails.
 *
 * @param {{ say: (line: string) => void }} options
 */
export async function setUp({ say }) {
  requireNode();
  if (!isInstalled()) await step(['npm', 'ci', '--no-audit', '--no-fund'], 'npm ci', say);
  await step(['npm', 'run', '--silent', 'build'], 'npm run build', say);
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`helve needs Node.js 20.19 or newer; this is ${process.versions.node}`);
}

/** Whether node_modules holds exactly the versions of the lock file. */
function isInstalled() {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const manifest = join(ROOT, path, 'package.json');
    if (!existsSync(manifest)) return optional === true;
    return JSON.parse(readFileSync(manifest, 'utf8')).version === version;
  });
}

async function step(command, name, say) {
  const onOutput = (text) => {
    for (const line of text.split('\n')) if (line.startsWith('Envoy ')) say(`  ${line}`);
  };
  say(`setup: ${name}`);
  const { isOk, output, seconds } = await runPart(command, { cwd: ROOT, onOutput });
  if (!isOk) throw new Error(`${name} failed:\n${output}`);
  say(`setup: ${name} done (${seconds.toFixed(1)} s)`);
}
