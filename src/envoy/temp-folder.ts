import { readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A temporary folder that names its owner: `helve-up-4026531836-712-x8dK2f`. Who is killed cannot
 * clean up, so the next one does: see `sweepTempFolders`.
 */
export const makeTempFolder = (use: string): Promise<string> =>
  mkdtemp(join(tmpdir(), `helve-${use}-${pidNamespace()}-${process.pid}-`));

/**
 * Removes the temporary folders of helves that are gone, and ends the Envoys that run from one:
 * their parent was killed, and they would keep its ports.
 */
export async function sweepTempFolders(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names.filter(isAbandoned)) {
    const folder = join(tmpdir(), name);
    for (const pid of await processesOf(folder)) endProcess(pid);
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAbandoned(name: string): boolean {
  const [, namespace, pid] = /^helve-[a-z]+-(\d+)-(\d+)-[A-Za-z0-9]{6}$/.exec(name) ?? [];
  return namespace === pidNamespace() && !isAlive(Number(pid));
}

/** A pid of another container says nothing here; '0' where the system has no such thing. */
function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // Somebody else's (EPERM) lives as well.
    return !(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH');
  }
}

/** By their command lines. */
async function processesOf(folder: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => commandLine(pid).includes(`${folder}/`));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // Gone, or not ours.
  }
}
