import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The few operations on files that the state directory is made of. Each that writes is durable
 * when it answers, or rejects. Tests pass one that fails, or stops for good, at a chosen moment.
 */
export interface Files {
  /** Creates or replaces a file (0600) and syncs its bytes; its name is not yet durable. */
  write(path: string, chunks: Iterable<Uint8Array>): Promise<void>;
  /** Writes at `position`, drops what was behind, and syncs. Rejects on a shorter file. */
  writeAt(path: string, position: number, data: Uint8Array): Promise<void>;
  /** Cuts the file to `length` bytes and syncs it. */
  truncate(path: string, length: number): Promise<void>;
  /** Moves a file and makes the new name durable. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file; rejects with EEXIST where the name is taken. */
  link(from: string, to: string): Promise<void>;
  /** Removes a file, or does nothing where there is none. */
  remove(path: string): Promise<void>;
  /** Creates a folder (0700) and its parents; each new name is durable. */
  createFolder(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
  /** Null where there is no such file. */
  read(path: string): Promise<Buffer | null>;
  /** Names in a folder; none where there is no such folder. */
  list(path: string): Promise<readonly string[]>;
}

/** The file system of this machine. */
export const DISK: Files = {
  write: async (path, chunks) => {
    await using(path, 'w', async (file) => {
      for (const chunk of chunks) await writeAll(file, chunk, null);
      await file.sync();
    });
  },
  writeAt: async (path, position, data) => {
    await using(path, 'r+', async (file) => {
      const { size } = await file.stat();
      if (size < position) throw new Error(`${path} has ${size} bytes where ${position} were`);
      await file.truncate(position);
      await writeAll(file, data, position);
      await file.datasync();
    });
  },
  truncate: async (path, length) => {
    await using(path, 'r+', async (file) => {
      await file.truncate(length);
      await file.sync();
    });
  },
  rename: async (from, to) => {
    await rename(from, to);
    await syncFolder(dirname(to));
  },
  link: (from, to) => link(from, to),
  remove: (path) => rm(path, { force: true }),
  createFolder: async (path) => {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    if (first !== undefined) await syncFolder(dirname(path));
  },
  syncFolder: (path) => syncFolder(path),
  read: (path) => orElse(readFile(path), null),
  list: (path) => orElse(readdir(path), []),
};

/** The code of a failed system call such as `ENOSPC`, or ''. */
export function errorCode(error: unknown): string {
  const isCoded = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return isCoded ? String(error.code) : '';
}

/** What went wrong, in one line. */
export const errorText = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

type OpenFile = Awaited<ReturnType<typeof open>>;

async function using(
  path: string,
  flags: string,
  use: (file: OpenFile) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

/** One write may be short. */
async function writeAll(file: OpenFile, data: Uint8Array, position: number | null): Promise<void> {
  let done = 0;
  while (done < data.length) {
    const at = position === null ? null : position + done;
    const { bytesWritten } = await file.write(data, done, data.length - done, at);
    done += bytesWritten;
  }
}

async function syncFolder(path: string): Promise<void> {
  await using(path, 'r', (file) => file.sync());
}

async function orElse<T, E>(reading: Promise<T>, missing: E): Promise<T | E> {
  try {
    return await reading;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return missing;
    throw error;
  }
}
