import { z } from 'zod';
import { ownIssue } from './issue.ts';

const PATH_CHARS_MAX = 4096;

/** The path of a file; relative ones are meant from the document's own folder. */
export const filePath = z
  .string()
  .meta({
    description: 'A path, relative to the document or absolute.',
    pattern: '^(?!~)(?!.*://)',
    maxLength: PATH_CHARS_MAX,
  })
  .superRefine((path, context) => {
    const problem = filePathProblem(path);
    if (problem !== null) context.issues.push(ownIssue('SCHEMA_PATH', problem, path));
  });

function filePathProblem(path: string): string | null {
  if (path === '') return 'the path is empty; name a file';
  if (path.length > PATH_CHARS_MAX) return `the path is longer than ${PATH_CHARS_MAX} characters`;
  if (path.includes('://')) return 'this is a URL, and helve reads files; write the path of one';
  if (path.startsWith('~')) return 'the shell expands ~, helve does not; write the whole path';
  if (path.includes('-----BEGIN')) return 'this is PEM text; write the path of a file instead';
  return null;
}

/**
 * The path that a document names, normalised: relative to the source root (it may begin with `..`)
 * or absolute. `document` is the path of the document's file, relative to the source root.
 */
export function resolveFilePath(document: string, path: string): string {
  if (path.startsWith('/')) return `/${normalise(path.split('/'), false).join('/')}`;
  const folder = document.split('/').slice(0, -1);
  const isAbsolute = document.startsWith('/');
  const parts = normalise([...folder, ...path.split('/')], !isAbsolute);
  return isAbsolute ? `/${parts.join('/')}` : parts.join('/') || '.';
}

function normalise(parts: readonly string[], isUpKept: boolean): readonly string[] {
  const kept: string[] = [];
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (isUpKept) kept.push(part);
  }
  return kept;
}
