const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the quota is used up',
  EEXIST: 'it is there already',
  ENOENT: 'there is no such folder',
  ENOSPC: 'no space is left',
  ENOTDIR: 'a part of the path is a file',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
};

/** Why the system refused something, in words where the error is a known one. */
export function systemWords(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return WORDS[code] ?? cause.message;
}
