import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
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
 * place since is not followed, and a pipe does not block. Without promises, of which a file would
 * take five: with ten thousand files that is half of the time of a look.
 */
export function readRegular(path: string, bytesMax: number): ReadResult {
  let handle: number;
  try {
    handle = openSync(path, FLAGS);
  } catch (error) {
    return openFault(error);
  }
  try {
    return readOpen(handle, bytesMax);
  } catch (error) {
    return fault('FILE_UNREADABLE', `${errnoText(error)}; check the disk`);
  } finally {
    closeSync(handle);
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

function readOpen(handle: number, bytesMax: number): ReadResult {
  const before = fstatSync(handle);
  if (!before.isFile()) return fault('FILE_NOT_REGULAR', NOT_REGULAR);
  if (before.size > bytesMax) return { kind: 'fault', fault: tooLarge(before.size, bytesMax) };
  const stamp = stampOf(before);
  const bytes = Buffer.allocUnsafe(before.size);
  let filled = 0;
  while (filled < bytes.length) {
    const bytesRead = readSync(handle, bytes, filled, bytes.length - filled, filled);
    if (bytesRead === 0) return { kind: 'moved' };
    filled += bytesRead;
  }
  const after = stampOf(fstatSync(handle));
  return isSameStamp(stamp, after) ? { kind: 'read', bytes, stamp } : { kind: 'moved' };
}
