/** The code of a failed system call (`ENOENT`), or its class where it is something else. */
export function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return error instanceof Error ? error.name : 'unknown';
}

/** Whether a system call failed, not the program. */
export const isSystemError = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error;

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  ELOOP: 'symbolic links form a loop',
  EIO: 'the disk reports an error',
  ESTALE: 'the file system was unmounted',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the path is too long',
};

export const errnoText = (error: unknown): string => {
  const code = errnoOf(error);
  const words = WORDS[code];
  return words === undefined ? code : `${words} (${code})`;
};
