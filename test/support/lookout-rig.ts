import { deepEqual } from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  createLookout,
  type Lookout,
  type LookoutOptions,
  type Settled,
  type Unsettled,
} from '../../src/ingest/lookout.ts';
import { createLanguage } from '../../src/ingest/model-language.ts';
import { lookAt } from '../../src/ingest/source/look.ts';
import { SOURCE_LIMITS, type SourceLimits } from '../../src/ingest/source/limits.ts';

export type Files = Readonly<Record<string, string>>;

type Passed = 'hasEvents' | 'scanIntervalMs' | 'doubtMs' | 'acceptedFiles' | 'lookAt' | 'watchers';

/** What is passed on to the lookout: events are on, and a look comes every 200 ms by default. */
export interface LookoutRigOptions extends Partial<Pick<LookoutOptions, Passed>> {
  readonly files: Files;
  /** Links beside the source, with where they lead. */
  readonly links?: Files;
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
  readonly logs: readonly string[];
  path(name: string): string;
  /** Resolves with the first generation, told already or later, that `isIt` takes. */
  until(isIt: (settled: Settled) => boolean): Promise<Settled>;
  untilUnsettled(): Promise<Unsettled>;
  untilLogged(text: string): Promise<string>;
  /** Looks by force: after it, nothing of before can come. */
  flush(): Promise<Settled>;
  close(): Promise<void>;
}

/** Acts in the middle of each look, between the list and the reading. */
export const midLook =
  (act: () => void): typeof lookAt =>
  (options, memory) => {
    const wall = (): number => {
      act();
      return options.wall();
    };
    return lookAt({ ...options, wall }, memory);
  };

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
  const logs: string[] = [];
  const { add, wait } = createRecord();
  const lookout = createLookout({
    hasEvents: true,
    scanIntervalMs: 200,
    acceptedFiles: () => [],
    ...options,
    source,
    allowPaths: options.allowPaths?.(top) ?? [],
    limits: { ...SOURCE_LIMITS, ...options.limits },
    language: createLanguage(),
    onSettled: (one) => add(settled, one),
    onUnsettled: (one) => add(unsettled, one),
    onLog: (line) => add(logs, line),
  });
  let looks = 0;
  lookout.start();
  await wait(() => settled[0]);
  return {
    ...{ top, source, lookout, settled, unsettled, logs },
    path: (name) => join(top, 'source', name),
    until: (isIt) => wait(() => settled.find(isIt)),
    untilUnsettled: () => wait(() => unsettled[0]),
    untilLogged: (text) => wait(() => logs.find((line) => line.includes(text))),
    flush: () => {
      looks += 1;
      const asked = looks;
      lookout.look(asked);
      // What was on its way is told before it.
      return wait(() => settled.find((one) => one.look >= asked));
    },
    close: async () => {
      await lookout.close();
      rmSync(top, { recursive: true, force: true });
    },
  };
}

/** What was told, to be waited for. */
function createRecord() {
  const watchers = new Set<() => void>();
  return {
    add: <T>(list: T[], one: T): void => {
      list.push(one);
      for (const watcher of [...watchers]) watcher();
    },
    wait: <T>(find: () => T | undefined): Promise<T> =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = find();
          if (found === undefined) return;
          watchers.delete(check);
          resolve(found);
        };
        watchers.add(check);
        check();
      }),
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

/** In one order, so that two of them can be compared. */
export const sorted = (files: Files): Files => Object.fromEntries(Object.entries(files).sort());

export const isSame = (a: Files, b: Files): boolean =>
  JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/** A document of one cluster; another port is another content of equal length. */
export const cluster = (name: string, port = 8000): string =>
  `kind: Cluster\nname: ${name}\nendpoints: ["127.0.0.1:${port}"]\n`;

/** Writes beside and renames over, as most editors, Git and rsync do. */
export function replace(path: string, text: string, beside = `${path}.new~`): void {
  writeFileSync(beside, text);
  renameSync(beside, path);
}

/**
 * The last generation is `want`, and none was told since the first `told` but that: once by
 * itself, and once more because it was asked for.
 */
export async function toldAlone(rig: LookoutRig, told: number, want: Files): Promise<void> {
  await rig.until((one) => rig.settled.indexOf(one) >= told && isSame(textsOf(one), want));
  await rig.flush();
  const seen = rig.settled.slice(told).map((one) => JSON.stringify(sorted(textsOf(one))));
  const wanted = JSON.stringify(sorted(want));
  deepEqual(seen, [wanted, wanted]);
}
