import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requestId, type Outcome, type Scan } from '../../src/base/index.ts';
import { createInlineIngest } from '../../src/ingest/inline-ingest.ts';
import type { Ingest, IngestOptions, Seed } from '../../src/ingest/port.ts';
import type { CompileRequest, RevisionDelta } from '../../src/snapshot/index.ts';
import { until } from '../system/support/until.ts';
import { writeFiles } from './lookout-rig.ts';

type Asked = Partial<Omit<CompileRequest, 'documents'>> & Pick<Scan, 'documents'>;

export interface IngestRigOptions extends Partial<
  Pick<IngestOptions, 'hasEvents' | 'scanIntervalMs' | 'forbiddenUpstreams'>
> {
  readonly seed?: Seed | null;
  /** Puts more into the folder before the first look. */
  readonly prepare?: (source: string) => void;
}

/** A real folder and an ingest over it, which looks when it is told to, unless told otherwise. */
export interface IngestRig {
  readonly ingest: Ingest;
  readonly source: string;
  readonly scans: readonly Scan[];
  readonly seedIds: Awaited<ReturnType<Ingest['start']>>;
  write(files: Readonly<Record<string, string | Uint8Array>>): void;
  /** The scan that follows so many. */
  next(count: number): Promise<Scan>;
  /** Looks by force; the scan that follows. */
  look(): Promise<Scan>;
  /** Without `material`: with that of the last scan. */
  compile(request: Asked): Promise<Outcome<RevisionDelta>>;
  close(): Promise<void>;
}

export async function openIngestRig(
  files: Readonly<Record<string, string>>,
  { seed = null, prepare, ...options }: IngestRigOptions = {},
): Promise<IngestRig> {
  const source = mkdtempSync(join(tmpdir(), 'helve-inline-'));
  writeFiles(source, files);
  prepare?.(source);
  const scans: Scan[] = [];
  const ingest = createInlineIngest(
    {
      source,
      allowPaths: [],
      hasEvents: false,
      scanIntervalMs: 600_000,
      forbiddenUpstreams: [],
      version: '0.0.0',
      ...options,
    },
    { onScan: (scan) => scans.push(scan), onDeath: () => undefined, onLog: () => undefined },
  );
  const seedIds = await ingest.start(seed);
  const next = (count: number): Promise<Scan> =>
    until('a scan is told', () => scans[count] ?? null);
  await next(0);
  let asked = 0;
  let looks = 0;
  return {
    ...{ ingest, source, scans, seedIds, next },
    write: (more) => writeFiles(source, more),
    look: () => {
      const { length } = scans;
      looks += 1;
      ingest.look(looks);
      return next(length);
    },
    compile: ({ documents, ...rest }) => {
      const { material } = rest.material === undefined ? (scans.at(-1) ?? fail()) : rest;
      if (documents === null || material === undefined) return fail();
      asked += 1;
      const request = { base: null, allowRemovals: null, ...rest, documents, material };
      return ingest.compile({ id: requestId(asked), ...request });
    },
    close: async () => {
      await ingest.close();
      rmSync(source, { recursive: true, force: true });
    },
  };
}

function fail(): never {
  throw new Error('no scan');
}

export const valueOf = (outcome: Outcome<RevisionDelta>): RevisionDelta => {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  return outcome.value;
};
