import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  maskPrivateKeys,
  maskTokens,
  requestId,
  type Diagnostic,
  type Outcome,
  type Scan,
} from '../base/index.ts';
import { createInlineIngest, type Ingest } from '../ingest/index.ts';
import type { RevisionDelta } from '../snapshot/index.ts';
import { DEFAULT_ADMIN, DEFAULT_PROXY_ADMIN, DEFAULT_XDS } from './flags.ts';
import type { LinesOf } from './frame.ts';
import { withoutSecretLines } from './secret-lines.ts';
import { helveVersion } from './version.ts';

export interface CompileFolderOptions {
  /** Absolute path of the folder, or of a single file. */
  readonly source: string;
  /** Absolute roots from which material may be read. */
  readonly allowPaths: readonly string[];
}

/** One look at a folder and what the compiler says of it; `close` the ingest afterwards. */
export interface CompiledFolder {
  readonly ingest: Ingest;
  readonly scan: Scan;
  readonly outcome: Outcome<RevisionDelta>;
  /** Every finding: of the scan, of the compile, of material. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles a folder in this process, with the code that `serve` runs in the ingest process. */
export async function compileFolder(options: CompileFolderOptions): Promise<CompiledFolder> {
  const first = firstScan(options);
  const { ingest } = first;
  await ingest.start(null);
  const scan = await first.scan;
  const { documents, material, problems } = scan;
  if (documents === null) {
    return { ingest, scan, outcome: { ok: false, diagnostics: problems }, diagnostics: problems };
  }
  const request = { id: requestId(1), base: null, documents, material, allowRemovals: null };
  const outcome = await ingest.compile(request);
  const held = outcome.ok ? outcome.value.heldMaterial : [];
  const foreign = outcome.diagnostics.filter(({ code }) => code === 'SOURCE_FOREIGN');
  // Nobody cares then what else is wrong with its files.
  if (foreign.length > 0) return { ingest, scan, outcome, diagnostics: foreign };
  return { ingest, scan, outcome, diagnostics: [...problems, ...outcome.diagnostics, ...held] };
}

interface FirstScan {
  readonly ingest: Ingest;
  readonly scan: Promise<Scan>;
}

/** The first scan that has documents, or says why there are none. */
function firstScan({ source, allowPaths }: CompileFolderOptions): FirstScan {
  let settle: (scan: Scan) => void = () => undefined;
  const scan = new Promise<Scan>((resolve) => {
    settle = resolve;
  });
  const ingest = createInlineIngest(
    {
      source,
      allowPaths,
      hasEvents: false,
      scanIntervalMs: 1_000,
      // As `serve` with its defaults, so that both say the same.
      forbiddenUpstreams: [DEFAULT_XDS, DEFAULT_ADMIN, DEFAULT_PROXY_ADMIN],
      version: helveVersion(),
    },
    {
      onScan: (found) => {
        if (found.documents !== null || found.problems.length > 0) settle(found);
      },
      onDeath: () => undefined,
      onLog: () => undefined,
    },
  );
  return { ingest, scan };
}

/**
 * Reads source files again to show lines, those with secrets left out; what cannot be read, and
 * what is no document, is shown without its line.
 */
export function linesOfSource(source: string): LinesOf {
  const root =
    statSync(source, { throwIfNoEntry: false })?.isFile() === true ? dirname(source) : source;
  const kept = new Map<string, string | null>();
  return (file) => {
    const known = kept.get(file);
    if (known !== undefined) return known;
    let text: string | null = null;
    try {
      const isDocument = /\.(?:ya?ml|json)$/i.test(file);
      const read = isDocument ? readFileSync(join(root, file), 'utf8') : null;
      text = read === null ? null : maskTokens(maskPrivateKeys(withoutSecretLines(read)));
    } catch {
      // The line is a courtesy.
    }
    kept.set(file, text);
    return text;
  };
}
