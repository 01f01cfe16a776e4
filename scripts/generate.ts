/**
 * `npm run generate`: provisions the pinned Envoy, extracts its API into `generated/`, and writes
 * TypeScript types for it into `src/schema/generated/`. Does nothing where both are fresh.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packageRoot } from '../src/envoy/package-root.ts';
import { readPinnedApi } from './pinned-api.ts';
import { readPins } from '../src/envoy/pins.ts';
import { generateTables } from './generate-tables.ts';
import { generateTypes } from './generate-types.ts';

const root = packageRoot();
const version = process.argv[2] ?? readPins().default;
const isDefault = version === readPins().default;
const setPath = join(root, 'generated', `envoy-${version}.pb.gz`);
const stampPath = join(root, 'generated', `envoy-${version}.stamp`);
const typesPath = join(root, 'src', 'schema', 'generated', 'types.ts');

await generate();

async function generate(): Promise<void> {
  for (const { path, text } of generateTables(root)) {
    if (readText(path) !== text) replace(path, text);
  }
  const stamp = stampOf(version);
  const outputs = isDefault ? [setPath, typesPath] : [setPath];
  if (outputs.every((path) => existsSync(path)) && readText(stampPath) === stamp) return;
  const set = await readPinnedApi(version, say);
  replace(setPath, gzipSync(set, { level: 9 }));
  if (isDefault) replace(typesPath, generateTypes(set, version));
  replace(stampPath, stamp);
  say(`generated ${outputs.map((path) => path.slice(root.length + 1)).join(', ')}`);
}

/** Changes with the pin and with everything that shapes the outputs. */
function stampOf(pin: string): string {
  const hash = createHash('sha256').update(pin);
  const folders = [join(root, 'scripts'), join(root, 'src', 'schema')];
  for (const folder of folders) {
    for (const name of readdirSync(folder).sort()) {
      if (!/^(generate|elf|extract|descriptor|options|well-known|wire).*\.ts$/.test(name)) continue;
      if (!name.endsWith('.test.ts')) hash.update(readFileSync(join(folder, name)));
    }
  }
  return hash.digest('hex');
}

function readText(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

/** Two builds at once must not see each other's half. */
function replace(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${String(process.pid)}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
