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
import type { Resource } from '../snapshot/index.ts';
import { type Culprit, findCulprit } from './envoy-culprits.ts';
import { staticBootstrap } from './static-bootstrap.ts';

/** What an Envoy says of a snapshot. */
export interface EnvoyVerdict {
  readonly version: string;
  readonly accepts: boolean;
  /** Envoy's own words where it refuses; PEM blocks redacted. */
  readonly words: string;
  /** What it refuses; null where it accepts, or where that cannot be told. */
  readonly culprit: Culprit | null;
}

interface ValidateOptions extends ProvisionOptions {
  /** What was compiled: the origins of what is refused. Default: none are told. */
  readonly resources?: readonly Resource[];
}

const VALIDATE_MS_MAX = 60_000;

/**
 * Runs `envoy --mode validate` over a compiled snapshot, and again over parts of it where it
 * refuses; opens no port.
 */
export async function validateWithEnvoy(
  rendered: readonly Rendered[],
  options: ValidateOptions,
): Promise<EnvoyVerdict> {
  const { resources = [] } = options;
  const { path, version } = await ensureEnvoy(options);
  const words = await refusalOf(path, rendered);
  if (words === null) return { version, accepts: true, words: '', culprit: null };
  const accepts = async (some: readonly Rendered[]): Promise<boolean> =>
    (await refusalOf(path, some)) === null;
  return {
    version,
    accepts: false,
    words,
    culprit: await findCulprit(rendered, resources, accepts),
  };
}

/** Why an Envoy refuses resources; null where it takes them. */
async function refusalOf(path: string, rendered: readonly Rendered[]): Promise<string | null> {
  const folder = await makeTempFolder('validate');
  const file = join(folder, 'bootstrap.json');
  try {
    await writeFile(file, JSON.stringify(staticBootstrap(rendered)), { mode: 0o600 });
    const args = ['--mode', 'validate', '--config-path', file, '--log-level', 'error'];
    const { code, stdout, stderr } = await run(path, args, { timeoutMs: VALIDATE_MS_MAX });
    if (code === 0) return null;
    return envoyWords(stderr + stdout).replaceAll(
      `error initializing configuration '${file}': `,
      '',
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
