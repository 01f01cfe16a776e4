import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  createLookout,
  type Lookout,
  type Settled,
  type Unsettled,
} from '../../src/ingest/lookout.ts';
import { createLanguage } from '../../src/ingest/model-language.ts';
import { SOURCE_LIMITS, type SourceLimits } from '../../src/ingest/source/limits.ts';

export type Files = Readonly<Record<string, string>>;

export interface LookoutRigOptions {
  readonly files: Files;
  /** Links beside the source, with where they lead. */
  readonly links?: Files;
  readonly hasEvents?: boolean;
  readonly scanIntervalMs?: number;
  readonly limits?: Partial<SourceLimits>;
  readonly allowPaths?: (top: string) => readonly string[];
  /** The source within the rig's folder. Default `source`. */
  readonly source?: string;
}

/** A real folder, a real lookout over it, and what it told. */
export interface LookoutRig {
  /** Holds the source and whatever a test puts beside it. */
  readonly top: string;
  readonly source: string;
  readonly lookout: Lookout;
  readonly settled: readonly Settled[];
  readonly unsettled: readonly Unsettled[];
  path(name: string): string;
  /** Resolves with the first generation, told already or later, that `isIt` takes. */
  until(isIt: (settled: Settled) => boolean): Promise<Settled>;
  untilUnsettled(): Promise<Unsettled>;
  /** Looks by force: after it, nothing of before can come. */
  flush(): Promise<Settled>;
  close(): Promise<void>;
}

/** Starts a lookout, and waits for the first generation. */
export async function openLookoutRig(options: LookoutRigOptions): Promise<LookoutRig> {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'helve-lookout-')));
  const source = join(top, options.source ?? 'source');
  writeFiles(join(top, 'source'), options.files);
  for (const [name, target] of Object.entries(options.links ?? {})) {
    symlinkSync(target, join(top, name));
  }
  const settled: Settled[] = [];
  const unsettled: Unsettled[] = [];
  const watchers = new Set<() => void>();
  const tell = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  const lookout = createLookout({
    source,
    allowPaths: options.allowPaths?.(top) ?? [],
    hasEvents: options.hasEvents ?? true,
    scanIntervalMs: options.scanIntervalMs ?? 200,
    limits: { ...SOURCE_LIMITS, ...options.limits },
    language: createLanguage(),
    acceptedFiles: () => [],
    onSettled: (one) => {
      settled.push(one);
      tell();
    },
    onUnsettled: (one) => {
      unsettled.push(one);
      tell();
    },
    onLog: () => undefined,
  });
  const wait = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = find();
        if (found === undefined) return;
        watchers.delete(check);
        resolve(found);
      };
      watchers.add(check);
      check();
    });
  lookout.start();
  await wait(() => settled[0]);
  return {
    top,
    source,
    lookout,
    settled,
    unsettled,
    path: (name) => join(top, 'source', name),
    until: (isIt) => wait(() => settled.find(isIt)),
    untilUnsettled: () => wait(() => unsettled[0]),
    flush: () => {
      const before = settled.length;
      lookout.look();
      return wait(() => settled[before]);
    },
    close: async () => {
      await lookout.close();
      rmSync(top, { recursive: true, force: true });
    },
  };
}

export function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** The texts of a generation by path, in order. */
export const textsOf = ({ generation }: Settled): Files =>
  Object.fromEntries([...generation.files].map(([path, { text }]) => [path, text ?? '?']));

/** What a writer does between two steps: it takes its time. */
export const takeTime = (ms: number): Promise<void> => pause(ms);
