import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashBytes } from '../base/index.ts';
import { errorCode, type Files } from './files.ts';

/** The right to write to one state directory, kept until `release`. */
export interface Lock {
  /** False once the file is gone or another process took it: then nothing may be written. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Who holds a lock: a process, told from a later one that got the same number. */
interface Owner {
  readonly pid: number;
  /** Boot and start time of the process; '' where the system does not tell. */
  readonly started: string;
  readonly token: string;
}

/**
 * Takes the lock of a state directory, also one that a killed process left behind. Answers with
 * the process id of the owner where that one is alive. A lock is a file with its whole content
 * from the start (a hard link), so that nobody reads half of one.
 */
export async function takeLock(
  files: Files,
  dir: string,
): Promise<Lock | { readonly pid: number }> {
  const path = join(dir, 'LOCK');
  const token = randomUUID();
  const own = join(dir, `LOCK-${token}`);
  const owner: Owner = { pid: process.pid, started: await startOf(process.pid), token };
  await files.write(own, [Buffer.from(JSON.stringify(owner))]);
  try {
    for (;;) {
      const holder = await linkOrRead(files, own, path);
      if (holder === null) return lockOf(files, path, token);
      if (await isAlive(holder)) return { pid: holder.pid };
      const successor = await succeed(files, dir, own, holder);
      if (successor === 'us') return lockOf(files, path, token);
      if (successor !== null) return { pid: successor.pid };
    }
  } finally {
    await files.remove(own);
  }
}

/** Names in the state directory that belong to locks. */
export const isLockName = (name: string): boolean => name === 'LOCK' || name.startsWith('LOCK-');

function lockOf(files: Files, path: string, token: string): Lock {
  const isHeld = async (): Promise<boolean> => (await readOwner(files, path))?.token === token;
  return {
    isHeld,
    release: async () => {
      if (await isHeld()) await files.remove(path);
    },
  };
}

/** Null: the lock is ours. */
async function linkOrRead(files: Files, own: string, path: string): Promise<Owner | null> {
  for (;;) {
    try {
      await files.link(own, path);
      return null;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const holder = await readOwner(files, path);
    if (holder !== null) return holder;
  }
}

/**
 * Replaces a dead process's lock. Several may try at once, so each first claims the succession: a
 * file named after the dead owner, which one can create. Where the claimant is dead too, its own
 * succession is claimed. Null: try again.
 */
async function succeed(
  files: Files,
  dir: string,
  own: string,
  dead: Owner,
): Promise<Owner | 'us' | null> {
  const path = join(dir, 'LOCK');
  const gone = [dead];
  for (let last = dead; ;) {
    const claim = join(dir, `LOCK-after-${hashBytes(last.token)}`);
    const claimant = await linkOrRead(files, own, claim);
    if (claimant !== null) {
      if (await isAlive(claimant)) return claimant;
      gone.push(claimant);
      last = claimant;
      continue;
    }
    // Nobody else replaces this lock now; but it may have been replaced before.
    const holder = await readOwner(files, path);
    const isDead = gone.some((owner) => owner.token === holder?.token);
    if (isDead) await files.rename(own, path);
    await files.remove(claim);
    return isDead ? 'us' : null;
  }
}

async function readOwner(files: Files, path: string): Promise<Owner | null> {
  const bytes = await files.read(path);
  return bytes === null ? null : decodeOwner(bytes.toString());
}

/** What cannot be read belongs to nobody. */
function decodeOwner(text: string): Owner {
  const nobody: Owner = { pid: 0, started: '', token: text };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return nobody;
    if (!('pid' in value && 'started' in value && 'token' in value)) return nobody;
    const { pid, started, token } = value;
    if (typeof pid !== 'number' || typeof started !== 'string') return nobody;
    return typeof token === 'string' ? { pid, started, token } : nobody;
  } catch {
    return nobody;
  }
}

async function isAlive(owner: Owner): Promise<boolean> {
  if (owner.pid <= 0 || !isRunning(owner.pid)) return false;
  const started = await startOf(owner.pid);
  return started === owner.started || started === '' || owner.started === '';
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Boot id and start time of a process: unique where the number alone is not. Linux; else ''. */
async function startOf(pid: number): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; after it come the state and the other fields.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    const started = fields[19];
    // A killed process that nobody has waited for still has its number.
    return state === 'Z' || started === undefined ? 'dead' : `${boot.trim()}/${started}`;
  } catch {
    return '';
  }
}
