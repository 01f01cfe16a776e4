import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ensureEnvoy,
  envoyWords,
  makeTempFolder,
  type ProvisionOptions,
  run,
} from '../envoy/index.ts';
import type { Rendered } from '../ingest/index.ts';
import { staticBootstrap } from './static-bootstrap.ts';

/** What an Envoy says of a snapshot. */
export interface EnvoyVerdict {
  readonly version: string;
  readonly accepts: boolean;
  /** Envoy's own words where it refuses; PEM blocks redacted. */
  readonly words: string;
}

const VALIDATE_MS_MAX = 60_000;

/** Runs `envoy --mode validate` over a compiled snapshot; opens no port. */
export async function validateWithEnvoy(
  rendered: readonly Rendered[],
  options: ProvisionOptions,
): Promise<EnvoyVerdict> {
  const { path, version } = await ensureEnvoy(options);
  const folder = await makeTempFolder('validate');
  const file = join(folder, 'bootstrap.json');
  try {
    await writeFile(file, JSON.stringify(staticBootstrap(rendered)), { mode: 0o600 });
    const args = ['--mode', 'validate', '--config-path', file, '--log-level', 'error'];
    const { code, stdout, stderr } = await run(path, args, { timeoutMs: VALIDATE_MS_MAX });
    return { version, accepts: code === 0, words: code === 0 ? '' : envoyWords(stderr + stdout) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
