import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatDiagnostic, type Diagnostic, type DiagnosticCode } from '../../src/base/index.ts';
import type { RevisionDelta } from '../../src/snapshot/index.ts';
import { openIngestRig, type IngestRig } from '../support/ingest-rig.ts';
import { PREPARE } from './prepare.ts';

const ROOT = new URL('./', import.meta.url).pathname;

/** Every folder beside this file is the sample of a code and has its name. */
export const sampleCodes = (): readonly DiagnosticCode[] =>
  readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name as DiagnosticCode)
    .sort();

/**
 * What helve says of the folder `config` of a sample, a line for each finding and for each other
 * place: of the look and of the compile. Where there is a folder `before`, that was accepted first.
 */
export async function findingsOf(code: DiagnosticCode): Promise<string> {
  const sample = join(ROOT, code);
  const hasBefore = existsSync(join(sample, 'before'));
  const rig = await openIngestRig(
    {},
    {
      forbiddenUpstreams: FORBIDDEN,
      prepare: (source) => {
        cpSync(join(sample, hasBefore ? 'before' : 'config'), source, { recursive: true });
        if (!hasBefore) PREPARE[code]?.(source);
      },
    },
  );
  const { source } = rig;
  try {
    if (!hasBefore) return textOf((await judge(rig, null)).found, source);
    const { delta } = await judge(rig, null);
    if (delta === null) throw new Error(`${code}: what came before is not accepted`);
    for (const name of readdirSync(source)) rmSync(join(source, name), { recursive: true });
    cpSync(join(sample, 'config'), source, { recursive: true });
    PREPARE[code]?.(source);
    await rig.look();
    return textOf((await judge(rig, delta)).found, source);
  } finally {
    await rig.close();
  }
}

/** The same of files that are written down in a test. */
export async function findingsIn(
  files: Readonly<Record<string, string>>,
  prepare: (source: string) => void = () => undefined,
): Promise<string> {
  const rig = await openIngestRig(files, { forbiddenUpstreams: FORBIDDEN, prepare });
  try {
    return textOf((await judge(rig, null)).found, rig.source);
  } finally {
    await rig.close();
  }
}

const FORBIDDEN: readonly string[] = ['127.0.0.1:18000', '127.0.0.1:18001', '127.0.0.1:9901'];

/** What the sample says that helve says. */
export const wantedOf = (code: DiagnosticCode): string => {
  const path = join(ROOT, code, 'want.diagnostics');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

export function keepWanted(code: DiagnosticCode, text: string): void {
  writeFileSync(join(ROOT, code, 'want.diagnostics'), text);
}

/** The documents of a sample, by their path in it; material and what is prepared is not there. */
export function documentsOf(code: DiagnosticCode): readonly (readonly [string, string])[] {
  const folder = join(ROOT, code, 'config');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')] as const);
}

interface Judged {
  readonly found: readonly Diagnostic[];
  readonly delta: RevisionDelta | null;
}

async function judge(rig: IngestRig, base: RevisionDelta | null): Promise<Judged> {
  const scan = rig.scans.at(-1);
  if (scan === undefined) throw new Error('no scan');
  const { problems, documents } = scan;
  if (documents === null) return { found: problems, delta: null };
  const outcome = await rig.compile({ documents, base: base?.id ?? null });
  const late = outcome.ok ? [...outcome.value.warnings, ...outcome.value.heldMaterial] : [];
  const found = [...problems, ...outcome.diagnostics, ...late];
  return { found, delta: outcome.ok ? outcome.value : null };
}

/** Equal on every machine and day: the folder of the run is `DIR`, and times are `TIME`. */
const textOf = (found: readonly Diagnostic[], source: string): string => {
  const lines = new Set(found.map((one) => `${formatDiagnostic(one)}\n`));
  const text = [...lines].join('').replaceAll(source, 'DIR');
  return text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME');
};
