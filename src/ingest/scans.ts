import {
  diagnostic,
  hashBytes,
  materialId,
  type Diagnostic,
  type MaterialId,
  type Scan,
} from '../base/index.ts';
import type { Axes } from './axes.ts';
import type { Settled, Unsettled } from './lookout.ts';
import type { Generation } from './source/generation.ts';
import { noDocuments } from './source/root.ts';
import { startOf } from './source/read.ts';
import { SETTINGS_FILE } from './source/settings-file.ts';

/** Turns generations into the scans that the engine is told. */
export interface Scanner {
  settled(source: string, settled: Settled): void;
  unsettled(unsettled: Unsettled): void;
}

export interface ScannerOptions {
  readonly split: (generation: Generation) => Axes;
  /** Before the scan is told, so that it can be asked for at once. */
  readonly told: (axes: Axes) => void;
  readonly onScan: (scan: Scan) => void;
}

export function createScanner({ split, told, onScan }: ScannerOptions): Scanner {
  let material: MaterialId = materialId(hashBytes('nothing'));
  return {
    settled(source, { generation, noticedAt, settledAt, look }) {
      const times = { noticedAt, settledAt, files: generation.files.size, look };
      const problem = generation.problem ?? emptyProblem(source, generation);
      if (problem !== null) {
        // Material that was there stays what it was: its loss is that of the whole.
        onScan({ documents: null, material, problems: [problem], ...times });
        return;
      }
      const axes = split(generation);
      told(axes);
      material = axes.material.id;
      const problems = axes.material.warnings;
      onScan({ documents: axes.documents.id, material, problems, ...times });
    },
    unsettled({ gitLock, paths, generation, noticedAt, look }) {
      const what = paths.join(', ');
      const message =
        gitLock === null
          ? `${what}: still being written; wait for the writer to finish`
          : `${what}: Git is at work here (${gitLock}); waiting until it is done`;
      const [first] = paths;
      const span = first === undefined ? null : startOf(first);
      const problems = [diagnostic('SOURCE_UNSETTLED', message, { span })];
      const files = generation.files.size;
      const times = { noticedAt, settledAt: Date.now(), files, look };
      onScan({ documents: null, material, problems, ...times });
    },
  };
}

function emptyProblem(source: string, { files }: Generation): Diagnostic | null {
  const documents = files.size - (files.has(SETTINGS_FILE) ? 1 : 0);
  return documents > 0 ? null : noDocuments(source);
}
