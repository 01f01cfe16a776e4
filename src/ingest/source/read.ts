import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { diagnostic, type Diagnostic, type DiagnosticCode, type Span } from '../../base/index.ts';
import { errnoOf, errnoText } from './errno.ts';
import { isSameStamp, stampOf, type Stamp } from './stamp.ts';

export interface ReadFault {
  readonly code: DiagnosticCode;
  /** What is wrong; then, after `; `, what to do. Without the path. */
  readonly message: string;
}

/** The finding about a file as a whole: shown at its first character. */
export const faultOf = (path: string, { code, message }: ReadFault): Diagnostic =>
  diagnostic(code, `${path}: ${message}`, { span: startOf(path) });

export const startOf = (file: string): Span => ({ file, line: 1, col: 1 });

export type ReadResult =
  | { readonly kind: 'read'; readonly bytes: Buffer; readonly stamp: Stamp }
  | { readonly kind: 'fault'; readonly fault: ReadFault }
  /** It vanished or changed while it was read: look again. */
  | { readonly kind: 'moved' };

/**
 * Reads one regular file of at most `bytesMax`. `path` is a real path: a link that has taken its
 * place since is not followed, and a pipe does not block.
 */
export async function readRegular(path: string, bytesMax: number): Promise<ReadResult> {
  let handle: FileHandle;
  try {
    handle = await open(path, FLAGS);
  } catch (error) {
    return openFault(error);
  }
  try {
    return await readOpen(handle, bytesMax);
  } catch (error) {
    return fault('FILE_UNREADABLE', `${errnoText(error)}; check the disk`);
  } finally {
    await handle.close().catch(() => undefined);
  }
}

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

const fault = (code: DiagnosticCode, message: string): ReadResult => ({
  kind: 'fault',
  fault: { code, message },
});

function openFault(error: unknown): ReadResult {
  const code = errnoOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return { kind: 'moved' };
  if (code === 'ENXIO' || code === 'EISDIR') return fault('FILE_NOT_REGULAR', NOT_REGULAR);
  return fault('FILE_UNREADABLE', `${errnoText(error)}; check its permissions`);
}

export const NOT_REGULAR = 'it is not a regular file; name a regular file';

export const tooLarge = (bytes: number, bytesMax: number): ReadFault => ({
  code: 'FILE_TOO_LARGE',
  message: `it has ${bytes} bytes, at most ${bytesMax} are read; split it`,
});

async function readOpen(handle: FileHandle, bytesMax: number): Promise<ReadResult> {
  const before = await handle.stat();
  if (!before.isFile()) return fault('FILE_NOT_REGULAR', NOT_REGULAR);
  if (before.size > bytesMax) return { kind: 'fault', fault: tooLarge(before.size, bytesMax) };
  const stamp = stampOf(before);
  const bytes = Buffer.allocUnsafe(before.size);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
    if (bytesRead === 0) return { kind: 'moved' };
    filled += bytesRead;
  }
  const after = stampOf(await handle.stat());
  return isSameStamp(stamp, after) ? { kind: 'read', bytes, stamp } : { kind: 'moved' };
}
