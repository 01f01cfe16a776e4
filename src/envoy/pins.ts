import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { invariant } from '../base/index.ts';
import { packageRoot } from './package-root.ts';

export type Arch = 'x86_64' | 'aarch64';

export interface Wheel {
  readonly platform: string;
  /** SHA-256 of the wheel file, in hex. */
  readonly sha256: string;
}

/** The Envoy builds that helve is tested with, and the checksums of their packages. */
export interface Pins {
  readonly default: string;
  readonly package: string;
  readonly binary: string;
  readonly versions: Readonly<Record<string, Readonly<Record<Arch, Wheel>>>>;
}

/**
 * Reads `envoy/pins.json` of the package. Checked by hand: a schema library would take longer to
 * load than short commands take to run.
 */
export function readPins(): Pins {
  const text = readFileSync(join(packageRoot(), 'envoy', 'pins.json'), 'utf8');
  const value: unknown = JSON.parse(text);
  invariant(isPins(value), 'envoy/pins.json is damaged; install helve again');
  return value;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function isPins(value: unknown): value is Pins {
  if (!isFields(value)) return false;
  const { default: own, package: name, binary, versions } = value;
  const areTexts = [own, name, binary].every((text) => typeof text === 'string');
  return areTexts && isFields(versions) && Object.values(versions).every(isPair);
}

const isPair = (value: unknown): boolean =>
  isFields(value) && isWheel(value['x86_64']) && isWheel(value['aarch64']);

function isWheel(value: unknown): value is Wheel {
  if (!isFields(value)) return false;
  const { platform, sha256 } = value;
  if (typeof platform !== 'string' || typeof sha256 !== 'string') return false;
  return /^[0-9a-f]{64}$/.test(sha256);
}

/** The architecture of this machine in Envoy's spelling; null where no pinned build exists. */
export function hostArch(): Arch | null {
  if (process.arch === 'x64') return 'x86_64';
  return process.arch === 'arm64' ? 'aarch64' : null;
}
