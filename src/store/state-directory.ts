import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, errorText, type Files } from './files.ts';
import { isLockName } from './lock.ts';
import { readLog, type LogReading, type Mark } from './log.ts';
import { MATERIAL } from './material.ts';
import { replaceFile, temporaryFolder } from './replace-file.ts';
import { DAMAGED } from './set-aside.ts';

/** Number of the layout on disk; it changes only where an older helve could not read it. */
export const FORMAT = 1;

/** Why a folder cannot become a state directory, or null: it holds what is not helve's. */
export async function foreignReason(files: Files, dir: string): Promise<string | null> {
  const names = await files.list(dir);
  const foreign = names
    .filter((name) => !OWN.has(name) && !isLockName(name) && !name.startsWith(DAMAGED))
    .sort();
  const [first] = foreign;
  if (first === undefined || names.includes('format')) return null;
  return `${dir} is not a state directory, and not empty (${first}); name another --state`;
}

/** With what an empty volume, or an empty folder in a repository, has. */
const OWN: ReadonlySet<string> = new Set([
  ...['format', 'source', 'head', 'log', 'objects', MATERIAL, 'tmp'],
  ...['lost+found', '.gitignore', '.gitkeep', '.keep'],
]);

/** The folders of a state directory, made where they lack. Rejects where that is impossible. */
export async function makeFolders(files: Files, dir: string): Promise<void> {
  for (const name of ['', 'objects', MATERIAL]) await files.createFolder(join(dir, name));
  await files.createFolder(temporaryFolder(dir));
}

/**
 * Whether this helve may use the directory for `source`; it is marked as such where it is new.
 * Answers with the reason, in words, where it may not.
 */
export async function claim(files: Files, dir: string, source: string): Promise<string | null> {
  const format = await readText(files, join(dir, 'format'));
  const recorded = await readText(files, join(dir, 'source'));
  if (format !== null && format !== String(FORMAT)) return formatReason(dir, format);
  if (recorded !== null && !(await isSamePlace(recorded, source))) {
    return `${dir} holds the state of ${recorded}; for ${source} name another --state`;
  }
  if (recorded === null) await replaceFile(files, dir, 'source', [Buffer.from(`${source}\n`)]);
  if (format === null) await replaceFile(files, dir, 'format', [Buffer.from(`${FORMAT}\n`)]);
  return null;
}

/** By its name, or where the links lead. */
async function isSamePlace(recorded: string, source: string): Promise<boolean> {
  if (recorded === source) return true;
  const [a, b] = await Promise.all(
    [recorded, source].map((path) => realpath(path).catch(() => null)),
  );
  return a !== null && a === b;
}

/** Removes what earlier processes left half-written. Only the owner of the lock may. */
export async function sweepLeftovers(files: Files, dir: string): Promise<void> {
  for (const name of await files.list(temporaryFolder(dir))) {
    await files.remove(join(temporaryFolder(dir), name));
  }
  for (const name of await files.list(dir)) {
    if (isLockName(name) && name !== 'LOCK') await files.remove(join(dir, name));
  }
}

/** Reads the log, and cuts off a line that a crash has torn. */
export async function openLog(files: Files, dir: string): Promise<LogReading> {
  const path = logPath(dir);
  const bytes = await files.read(path);
  const reading = readLog(bytes ?? Buffer.alloc(0), await readMark(files, dir));
  if (reading.broken !== null) return reading;
  if (bytes === null) await replaceFile(files, dir, 'log', []);
  else if (bytes.length > reading.length) await files.truncate(path, reading.length);
  return reading;
}

export const logPath = (dir: string): string => join(dir, 'log');

/** Records the newest entry, so that a log that loses its end is noticed. */
export async function writeMark(files: Files, dir: string, mark: Mark): Promise<void> {
  const text = JSON.stringify({ seq: mark.seq, hash: mark.hash });
  await replaceFile(files, dir, 'head', [Buffer.from(`${text}\n`)]);
}

/** What is to be done about a directory that cannot be used as it is. */
export const unusable = (dir: string, error: unknown): string =>
  `the state directory ${dir} cannot be used (${errorText(error)}); ` +
  `${REMEDIES.get(errorCode(error)) ?? 'make it readable and writable'}, or name another --state`;

/** For what has nothing to do with who may read and write it. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['EMFILE', 'raise the limit of open files (ulimit -n) and start again'],
  ['ENFILE', 'raise the limit of open files (fs.file-max) and start again'],
  ['EIO', 'check its disk and start again'],
  ['ENOSPC', 'make room on its disk and start again'],
]);

function formatReason(dir: string, format: string): string {
  return /^\d+$/.test(format)
    ? `${dir} was written by a newer helve (format ${format}); use that one, or another --state`
    : `${dir} is not a state directory; name another --state`;
}

async function readText(files: Files, path: string): Promise<string | null> {
  const bytes = await files.read(path);
  return bytes === null ? null : bytes.toString('utf8').replace(/\n$/, '');
}

/** Null where the file lacks or is damaged: it is only a safeguard for the log. */
async function readMark(files: Files, dir: string): Promise<Mark | null> {
  const text = await readText(files, join(dir, 'head'));
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (typeof value !== 'object' || value === null) return null;
    if (!('seq' in value && 'hash' in value)) return null;
    const { seq, hash } = value;
    return typeof seq === 'number' && typeof hash === 'string' ? { seq, hash } : null;
  } catch {
    return null;
  }
}
