import { Worker, type WorkerOptions } from 'node:worker_threads';
import { DISK, type Files } from './files.ts';

/** What the thread is asked to do; see {@link Files}. */
export type Call =
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly chunks: readonly Uint8Array[] }
  | {
      readonly kind: 'writeAt';
      readonly path: string;
      readonly position: number;
      readonly data: Uint8Array;
    }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string };

export interface Question {
  readonly id: number;
  readonly call: Call;
}

export type Answer =
  | { readonly id: number; readonly ok: true; readonly bytes: Uint8Array | null }
  | { readonly id: number; readonly ok: false; readonly code: string; readonly message: string };

/** Both ends are this program, of one version: only a foreign message is to be told apart. */
export const isQuestion = (message: unknown): message is Question =>
  typeof message === 'object' && message !== null && 'id' in message && 'call' in message;

const isAnswer = (message: unknown): message is Answer =>
  typeof message === 'object' && message !== null && 'id' in message && 'ok' in message;

/** More bytes than this are written from here: to hand them over would copy them. */
const HANDED_BYTES_MAX = 1024 * 1024;

/**
 * The file system by way of a thread. A commit is some forty system calls, and each of them waits
 * for a turn of the loop; where thousands of clients keep that busy, the way of an edit to the disk
 * was most of its time. The thread has a loop of its own, and one answer for each operation. It
 * begins with the first of them, and again where it has died.
 */
export function createThreadedFiles(program: URL, options: WorkerOptions = {}): Files {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let lastId = 0;

  const fail = (error: Error): void => {
    worker = null;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const take = (answer: unknown): void => {
    if (!isAnswer(answer)) return;
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) worker?.unref();
    if (answer.ok) asked?.resolve(answer.bytes);
    else asked?.reject(Object.assign(new Error(answer.message), { code: answer.code }));
  };
  const start = (): Worker => {
    const started = new Worker(program, options);
    started.on('message', take);
    started.on('error', fail);
    started.on('exit', () => {
      if (worker === started) fail(new Error('the thread that writes has ended'));
    });
    return started;
  };
  const ask = (call: Call): Promise<Uint8Array | null> =>
    new Promise((resolve, reject) => {
      worker ??= start();
      // It keeps the process alive only while something is asked.
      worker.ref();
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      const question: Question = { id: lastId, call };
      worker.postMessage(question);
    });
  return {
    ...DISK,
    read: async (path) => bufferOf(await ask({ kind: 'read', path })),
    write: async (path, chunks) => {
      if (isHanded(chunks)) await ask({ kind: 'write', path, chunks });
      else await DISK.write(path, chunks);
    },
    writeAt: async (path, position, data) => {
      await ask({ kind: 'writeAt', path, position, data });
    },
    rename: async (from, to) => {
      await ask({ kind: 'rename', from, to });
    },
  };
}

interface Waiting {
  readonly resolve: (bytes: Uint8Array | null) => void;
  readonly reject: (error: Error) => void;
}

/** What is made piece by piece is written piece by piece. */
function isHanded(chunks: Iterable<Uint8Array>): chunks is readonly Uint8Array[] {
  if (!Array.isArray(chunks)) return false;
  const all: readonly Uint8Array[] = chunks;
  // A part of a buffer takes the whole of it along.
  const buffers = new Set(all.map(({ buffer }) => buffer));
  let bytes = 0;
  for (const { byteLength } of buffers) bytes += byteLength;
  return bytes <= HANDED_BYTES_MAX;
}

const bufferOf = (bytes: Uint8Array | null): Buffer | null =>
  bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
