import { LIMITS } from '../base/index.ts';
import { encodeLine, type LogLine } from './log.ts';
import type { Objects } from './objects.ts';
import { decodeNode } from './tree.ts';

/** How much history is kept: so many entries, and the objects that were new with them. */
export interface HistoryLimits {
  /** Default 1,000. */
  readonly entriesMax: number;
  /** Default 512 MiB. */
  readonly bytesMax: number;
}

export const HISTORY_LIMITS: HistoryLimits = Object.freeze({
  entriesMax: LIMITS.historyEntriesMax,
  bytesMax: LIMITS.historyBytesMax,
});

/** Whether old entries should go: seldom, so that dropping costs little for each entry. */
export function isHistoryFull(lines: readonly LogLine[], limits: HistoryLimits): boolean {
  return lines.length > 2 * limits.entriesMax || bytesOf(lines) > 2 * limits.bytesMax;
}

/** The newest entries that fit the limits; at least the head. */
export function keptLines(lines: readonly LogLine[], limits: HistoryLimits): readonly LogLine[] {
  let first = lines.length - 1;
  let bytes = 0;
  while (first > 0 && lines.length - first < limits.entriesMax) {
    bytes += lines[first]?.bytes ?? 0;
    if (bytes > limits.bytesMax) break;
    first -= 1;
  }
  return lines.slice(Math.max(first, 0));
}

export const encodeLines = (lines: readonly LogLine[]): Uint8Array =>
  Buffer.concat(lines.map(encodeLine));

/** Every object that an entry needs: the texts, and the nodes of both trees. */
export async function reachable(
  lines: readonly LogLine[],
  objects: Objects,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const walk = async (hash: string, hasTexts: boolean): Promise<void> => {
    if (found.has(hash)) return;
    found.add(hash);
    const { kind, entries } = await readNode(objects, hash);
    for (const [, value] of entries) {
      if (kind === 'fork') await walk(value, hasTexts);
      else if (hasTexts) found.add(value);
    }
  };
  for (const line of lines) {
    await walk(line.sources, true);
    await walk(line.values, false);
  }
  return found;
}

/** What an old entry has lost cannot be kept; the head was read whole at start. */
async function readNode(objects: Objects, hash: string): Promise<ReturnType<typeof decodeNode>> {
  try {
    return decodeNode(await objects.read(hash));
  } catch {
    return { kind: 'leaf', entries: [] };
  }
}

const bytesOf = (lines: readonly LogLine[]): number =>
  lines.reduce((sum, line) => sum + line.bytes, 0);
