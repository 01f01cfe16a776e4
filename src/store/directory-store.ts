import type { Seq } from '../base/index.ts';
import type { RevisionDelta } from '../snapshot/index.ts';
import { changedTrees, lineOf, restoreContents, writeContents, type Trees } from './contents.ts';
import { errorText, type Files } from './files.ts';
import { openGuardedObjects } from './guarded-objects.ts';
import { encodeLines, isHistoryFull, keptLines, reachable } from './history.ts';
import type { HistoryLimits } from './history.ts';
import type { HeldFile } from './held.ts';
import type { LastGoodCache } from './last-good-cache.ts';
import type { Lock } from './lock.ts';
import { encodeLine, entryOf, type LogLine, type LogReading } from './log.ts';
import { pruneMaterial } from './material.ts';
import type { Objects } from './objects.ts';
import type { Proposed, Restored, Store } from './port.ts';
import { replaceFile } from './replace-file.ts';
import { createSerial } from './serial.ts';
import { setAside } from './set-aside.ts';
import { logPath, writeMark } from './state-directory.ts';

export interface StoreParts {
  readonly files: Files;
  readonly dir: string;
  readonly lock: Lock;
  readonly objects: Objects;
  readonly lastGood: LastGoodCache;
  readonly held: HeldFile;
  readonly history: HistoryLimits;
  readonly now: () => number;
}

/** The store of one machine, over a directory that is locked and whose log was read. */
export async function createDirectoryStore(given: StoreParts, reading: LogReading): Promise<Store> {
  let parts = given;
  const { lock, lastGood } = parts;
  const serial = createSerial();
  const { restored, trees } = await restoreContents(parts, reading, parts.now());
  const { isLost } = restored;
  let { readOnly } = restored;
  // The texts of the first answer are not kept: they may be large.
  let first: Restored | null = restored;
  let held: Held = { lines: reading.lines, length: reading.length, trees, isNew: false };
  /** Told with the first entry after it. */
  let keptIn: string | null = null;
  const tidy = async (): Promise<void> => {
    held = await tidyUp(parts, held);
  };

  /** Nothing can be lost by it: what cannot be read is kept, and what can be was not enough. */
  const beginAnew = async (): Promise<string> => {
    const keptIn = await setAside(parts);
    parts = { ...parts, objects: await openGuardedObjects(parts.files, parts.dir) };
    held = { ...held, length: 0, isNew: true };
    readOnly = null;
    return keptIn;
  };

  const propose = async (delta: RevisionDelta, after: Seq): Promise<Proposed> => {
    if (readOnly !== null && !isLost) return { kind: 'refused', why: 'damaged', text: readOnly };
    const refused = await conflictOf(parts, held, after);
    if (refused !== null) return refused;
    try {
      keptIn = readOnly === null ? keptIn : await beginAnew();
      const { next, line } = await commit(parts, held, delta);
      held = next;
      first = null;
      void serial.run(tidy);
      const kept = keptIn;
      keptIn = null;
      return {
        kind: 'committed',
        entry: entryOf(line),
        ...(kept === null ? {} : { keptIn: kept }),
      };
    } catch (error) {
      return unavailable(errorText(error));
    }
  };

  if (readOnly === null) void serial.run(tidy);
  return {
    restore: () =>
      serial.run(async () => {
        const found = first ?? (await restoreNow(parts, readOnly === null ? held : reading));
        first = null;
        return found;
      }),
    propose: (delta, after) => serial.run(() => propose(delta, after)),
    saveLastGood: (delta) => {
      const line = held.lines.at(-1);
      return lastGood.save(delta, line?.revision === delta.id ? line : null);
    },
    saveHeld: (nodes) => parts.held.save(nodes),
    close: async () => {
      await serial.idle();
      await lastGood.idle();
      await parts.held.idle();
      await lock.release().catch(() => undefined);
    },
  };
}

/** What is known of the files, changed only by what succeeded. */
interface Held {
  readonly lines: readonly LogLine[];
  /** Bytes of the log. */
  readonly length: number;
  /** Of the head. */
  readonly trees: Trees | null;
  /** The log begins with the next line, which still follows the last of `lines`. */
  readonly isNew: boolean;
}

async function restoreNow(
  parts: StoreParts,
  reading: Pick<LogReading, 'lines' | 'length'> & Partial<LogReading>,
): Promise<Restored> {
  const { restored } = await restoreContents(parts, { broken: null, ...reading }, parts.now());
  return restored;
}

const unavailable = (text: string): Proposed => ({ kind: 'refused', why: 'unavailable', text });

const conflict = (text: string): Proposed => ({ kind: 'refused', why: 'conflict', text });

async function conflictOf(parts: StoreParts, held: Held, after: Seq): Promise<Proposed | null> {
  const at = held.lines.at(-1)?.seq ?? 0;
  if (after !== at) return conflict(`the log is at entry ${at}, not ${after}`);
  try {
    if (await parts.lock.isHeld()) return null;
    return conflict('its LOCK is gone, or another process took it; restart helve');
  } catch (error) {
    return unavailable(errorText(error));
  }
}

/** Objects and material first, then the line: what a line refers to is always there. */
async function commit(
  parts: StoreParts,
  held: Held,
  delta: RevisionDelta,
): Promise<{ readonly next: Held; readonly line: LogLine }> {
  const trees = changedTrees(held.trees, delta);
  const bytes = await writeContents(parts, held.trees, trees, delta);
  const before = held.lines.at(-1) ?? null;
  const line = lineOf(delta, trees, { before, bytes, now: parts.now() });
  const added = await append(parts, held.length, line);
  const lines = held.isNew ? [line] : [...held.lines, line];
  return { next: { lines, length: held.length + added, trees, isNew: false }, line };
}

async function append({ files, dir }: StoreParts, at: number, line: LogLine): Promise<number> {
  const data = encodeLine(line);
  try {
    await files.writeAt(logPath(dir), at, data);
  } catch (error) {
    // What was refused should not be found after a crash; the next write cuts it off too.
    await files.truncate(logPath(dir), at).catch(() => undefined);
    throw error;
  }
  return data.length;
}

/** After a commit, and not part of it: what fails is done with the next one. */
async function tidyUp(parts: StoreParts, held: Held): Promise<Held> {
  const { files, dir } = parts;
  const line = held.lines.at(-1);
  if (line === undefined || held.trees === null) return held;
  try {
    await writeMark(files, dir, line);
    await pruneMaterial(files, dir, held.trees.values);
    return isHistoryFull(held.lines, parts.history) ? await dropOld(parts, held) : held;
  } catch {
    return held;
  }
}

/** The shorter log first: a crash between the two leaves objects that the next time removes. */
async function dropOld(parts: StoreParts, held: Held): Promise<Held> {
  const { files, dir, objects } = parts;
  const lines = keptLines(held.lines, parts.history);
  const wanted = await reachable(lines, objects);
  const bytes = encodeLines(lines);
  try {
    await replaceFile(files, dir, 'log', [bytes]);
  } catch (error) {
    // It may have been replaced without being synced: then the next line goes behind this one.
    const found = await files.read(logPath(dir));
    if (found?.equals(bytes) !== true) throw error;
    return { ...held, lines, length: bytes.length };
  }
  await objects.keep(wanted).catch(() => undefined);
  objects.forget();
  return { ...held, lines, length: bytes.length };
}
