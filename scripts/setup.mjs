// Makes a fresh clone ready: packages, Envoy's API, the program. Uses Node's own modules only.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runPart } from './run-part.mjs';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Installs packages where they are missing or stale, extracts Envoy's API and builds the program.
 * Every step is a no-op when nothing changed. Throws with the step's output when one fails.
 *
 * @param {{ say: (line: string) => void, signal?: AbortSignal }} options
 */
export async function setUp({ say, signal }) {
  requireNode();
  const run = (command, name) => step(command, name, { say, signal });
  if (!isInstalled()) await run(['npm', 'ci', '--no-audit', '--no-fund'], 'npm ci');
  if (!isBuilt(ROOT)) await run(['npm', 'run', '--silent', 'build'], 'npm run build');
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

/** What a build depends on; the stamp is written at the end of each that succeeded. */
const BUILT_FROM = ['src', 'scripts', 'envoy', 'package-lock.json', 'package.json'];
const CONFIGS = ['tsconfig.json', 'tsconfig.build.json', 'tsconfig.tools.json'];
const STAMP = join('dist', '.built');

/** Whether the last build succeeded and nothing has changed since. */
export function isBuilt(root) {
  const builtAt = statSync(join(root, STAMP), { throwIfNoEntry: false })?.mtimeMs;
  if (builtAt === undefined || !existsSync(join(root, 'generated'))) return false;
  return [...BUILT_FROM, ...CONFIGS].every((path) => newestBelow(join(root, path)) < builtAt);
}

/** Folders count as well: a file that is gone changes nothing else. */
function newestBelow(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return Infinity;
  if (!stats.isDirectory()) return stats.mtimeMs;
  const inner = readdirSync(path).map((name) => newestBelow(join(path, name)));
  return Math.max(stats.mtimeMs, ...inner);
}

const TELL_MS = 10_000;

async function step(command, name, { say, signal }) {
  const onOutput = (text) => {
    for (const line of text.split('\n')) if (line.startsWith('Envoy ')) say(`  ${line}`);
  };
  say(`setup: ${name}`);
  const startedAt = performance.now();
  const telling = setInterval(() => {
    const now = (performance.now() - startedAt) / 1000;
    say(`setup: ${name} … ${now.toFixed(0)} s`);
  }, TELL_MS);
  const { isOk, output, seconds } = await runPart(command, { cwd: ROOT, onOutput, signal });
  clearInterval(telling);
  if (!isOk) throw new Error(`${name} failed:\n${output}`);
  say(`setup: ${name} done (${seconds.toFixed(1)} s)`);
}
