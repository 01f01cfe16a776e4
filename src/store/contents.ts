import { hashBytes, LIMITS, type SourcesBefore, type SourceText } from '../base/index.ts';
import type { RevisionDelta } from '../snapshot/index.ts';
import { errorCode, errorText, type Files } from './files.ts';
import type { HeldFile } from './held.ts';
import type { LastGood } from './last-good.ts';
import type { LastGoodCache } from './last-good-cache.ts';
import { entryOf, nextLine, type LogLine, type LogReading } from './log.ts';
import { materialEntry, readMaterial, writeMaterial } from './material.ts';
import type { Objects } from './objects.ts';
import type { Restored } from './port.ts';
import { changeTree, EMPTY_TREE, entriesOf, loadTree, newNodes } from './tree.ts';
import type { Tree, TreeEntry } from './tree.ts';

/** What one entry accepted: path → hash of the text, and name → digest of the material. */
export interface Trees {
  readonly sources: Tree;
  readonly values: Tree;
}

interface Parts {
  readonly files: Files;
  readonly dir: string;
  readonly objects: Objects;
  readonly lastGood: LastGoodCache;
  readonly held: HeldFile;
}

/** The trees after `delta`. A delta from nothing carries everything. */
export function changedTrees(before: Trees | null, delta: RevisionDelta): Trees {
  const base = delta.base === null ? null : before;
  const { put, removed } = delta.sources;
  return {
    sources: changeTree(
      base?.sources ?? EMPTY_TREE,
      put.map(({ path, text }) => [path, hashBytes(text)]),
      removed,
    ),
    values: changeTree(
      base?.values ?? EMPTY_TREE,
      delta.materialPut.map(materialEntry),
      delta.materialRemoved,
    ),
  };
}

/** Makes all that an entry refers to durable; answers with the bytes of new objects. */
export async function writeContents(
  { files, dir, objects }: Parts,
  before: Trees | null,
  next: Trees,
  delta: RevisionDelta,
): Promise<number> {
  const fresh = new Map<string, Uint8Array>();
  for (const { text } of delta.sources.put) fresh.set(hashBytes(text), Buffer.from(text));
  const nodes = [
    ...newNodes(before?.sources ?? null, next.sources),
    ...newNodes(before?.values ?? null, next.values),
  ];
  for (const { hash, bytes } of nodes) fresh.set(hash, bytes);
  await writeMaterial(files, dir, delta.materialPut);
  return objects.write(fresh);
}

/** The line that accepts `delta`, chained to the head. */
export function lineOf(
  delta: RevisionDelta,
  trees: Trees,
  made: { readonly before: LogLine | null; readonly bytes: number; readonly now: number },
): LogLine {
  return nextLine(made.before, {
    at: new Date(made.now).toISOString(),
    revision: delta.id,
    documents: delta.documents,
    material: delta.material,
    compiler: delta.compiler,
    filterProfile: delta.filterProfile,
    language: delta.language,
    sources: trees.sources.hash,
    values: trees.values.hash,
    bytes: made.bytes,
    ...(delta.allowedRemovals === undefined ? {} : { allowed: delta.allowedRemovals }),
  });
}

/**
 * What the last run left. Where the log or what its head needs is damaged, the compiled cache may
 * know a newer entry; then nothing is accepted until a person has looked.
 */
export async function restoreContents(
  parts: Parts,
  reading: LogReading,
  now: number,
): Promise<{ readonly restored: Restored; readonly trees: Trees | null }> {
  const lastGood = await parts.lastGood.read();
  const head = newestOf(reading, lastGood?.line ?? null);
  const found = {
    head: head === null ? null : entryOf(head),
    lastGood: lastGood === null ? null : namedCache(lastGood, reading),
    held: await parts.held.read(),
  };
  try {
    const { trees, ...values } = await readHead(parts, head);
    const why = reading.broken;
    const isLost = why !== null && trees === null && lastGood === null;
    const readOnly = why === null ? null : advice(parts.dir, why, isLost);
    const recent = trees === null ? null : await readRecent(parts.objects, reading, trees, now);
    return { restored: { ...found, ...values, recent, readOnly, isLost }, trees };
  } catch (error) {
    const isLost = lastGood === null;
    // It may be whole and only not to be read now: nothing of it is given up for that.
    if (isLost && isPassing(error)) throw error;
    const readOnly = advice(parts.dir, reading.broken ?? errorText(error), isLost);
    const nothing = { sources: [], material: [], recent: null };
    return { restored: { ...found, ...nothing, readOnly, isLost }, trees: null };
  } finally {
    parts.objects.forget();
  }
}

/** It is saved a moment after its commit, when the head may be another. */
function namedCache({ delta, line }: LastGood, { lines }: LogReading): Restored['lastGood'] {
  const found = line ?? lines.findLast(({ revision }) => revision === delta.id);
  return { delta, entry: found === undefined ? null : entryOf(found) };
}

/** A sound log is the truth; of a damaged one the end may lack. */
function newestOf(reading: LogReading, cached: LogLine | null): LogLine | null {
  const head = reading.lines.at(-1) ?? null;
  if (reading.broken === null || cached === null) return head;
  return head === null || cached.seq > head.seq ? cached : head;
}

const advice = (dir: string, reason: string, isLost: boolean): string =>
  isLost
    ? `${reason}; no compiled copy is left: restore ${dir} from a copy, or helve begins anew ` +
      `with the first good input, and keeps what is damaged in a folder of ${dir}`
    : `${reason}; the last good state is served and nothing is accepted: ` +
      `restore ${dir} from a copy, or move it away to begin anew`;

/** A failed system call, other than that something is not there. */
const isPassing = (error: unknown): boolean => !['', 'ENOENT'].includes(errorCode(error));

async function readHead(
  { files, dir, objects }: Parts,
  head: LogLine | null,
): Promise<Pick<Restored, 'sources' | 'material'> & { readonly trees: Trees | null }> {
  if (head === null) return { sources: [], material: [], trees: null };
  const read = (hash: string): Promise<Uint8Array> => objects.read(hash);
  const sources = await loadTree(head.sources, read);
  const values = await loadTree(head.values, read);
  return {
    sources: await readTexts(objects, entriesOf(sources)),
    material: await readMaterial(files, dir, values),
    trees: { sources, values },
  };
}

/** What was live when the window began, or when more was last allowed; told by what differs. */
async function readRecent(
  objects: Objects,
  { lines, broken }: LogReading,
  head: Trees,
  now: number,
): Promise<SourcesBefore | null> {
  const begin = now - LIMITS.removalsWindowMs;
  const live = lines.findLastIndex((line) => line.allowed !== undefined || timeOf(line) <= begin);
  const [line, next] = lines.slice(Math.max(0, live));
  if (broken !== null || line === undefined || next === undefined) return null;
  try {
    const before = await loadTree(line.sources, (hash) => objects.read(hash));
    const known = new Map(entriesOf(head.sources));
    const then = new Set(entriesOf(before).map(([path]) => path));
    const changed = entriesOf(before).filter(([path, hash]) => known.get(path) !== hash);
    const removed = [...known.keys()].filter((path) => !then.has(path));
    return { until: timeOf(next), put: await readTexts(objects, changed), removed };
  } catch {
    // It only makes the guard stricter; the head is whole.
    return null;
  }
}

const timeOf = ({ at }: LogLine): number => Date.parse(at);

async function readTexts(
  objects: Objects,
  entries: readonly TreeEntry[],
): Promise<readonly SourceText[]> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return Promise.all(
    entries.map(async ([path, hash]) => ({
      path,
      text: decoder.decode(await objects.read(hash)),
    })),
  );
}
