import { z } from 'zod';
import { ownIssue } from './issue.ts';

/**
 * Whether a path is matched by one of the patterns, or lies in a folder that is. `*` and `?` stay
 * inside one name, `**` crosses folders; a pattern without `/` matches a name at any depth.
 */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const patterns = globs.map(globPattern);
  return (path) => patterns.some((pattern) => pattern.test(path));
}

/** A pattern of paths below the source root. */
export const glob = z
  .string()
  .meta({ description: 'A path with * ? and **; without /, a name at any depth.' })
  .superRefine((text, context) => {
    const problem = globProblem(text);
    if (problem !== null) context.issues.push(ownIssue('SCHEMA_PATH', problem, text));
  });

const GLOB_CHARS_MAX = 500;
const STARS_MAX = 8;

/** What is wrong with a pattern, or null. */
export function globProblem(text: string): string | null {
  if (text === '') return 'a pattern is empty; name a file or a folder';
  if (text.length > GLOB_CHARS_MAX) return `a pattern has at most ${GLOB_CHARS_MAX} characters`;
  if (text.startsWith('!')) return 'patterns cannot be negated; list only what is ignored';
  const special = /[[\]{}\\]/.exec(text)?.[0];
  if (special !== undefined) return `a pattern cannot hold ${special}; use * ? and **`;
  if (/(?:^|\/)\.\.?(?:\/|$)/.test(text)) return 'a pattern has no . or ..; begin at the root';
  // Each star may try every place, so a pattern with many takes for ever.
  const stars = text.match(/\*+/g)?.length ?? 0;
  return stars > STARS_MAX ? `a pattern has at most ${STARS_MAX} stars; write several` : null;
}

function globPattern(glob: string): RegExp {
  const body = glob.replace(/^\//, '').replace(/\/$/, '');
  const isAnchored = body.includes('/') || glob.startsWith('/');
  const source = body.replace(/\*\*\/|\*+|\?|[^*?]+/g, (part) => {
    if (part === '**/') return '(?:[^/]+/)*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.startsWith('**') ? '.*' : part.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  });
  return new RegExp(`${isAnchored ? '^' : '(?:^|/)'}${source}(?:/|$)`, 's');
}
