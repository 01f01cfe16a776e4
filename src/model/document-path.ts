import { globMatcher } from './fields/glob.ts';
import type { Settings } from './settings.ts';

/**
 * Whether a path (relative to the source root, `/` as separator) is one of a document by its name:
 * `.yaml`, `.yml` or `.json` (in capitals too, to say that those are not read), not hidden, nothing
 * that editors drop, no settings, no tests, and not under `node_modules` or `ignore`.
 */
export function isDocumentPath(path: string, settings: Settings): boolean {
  if (!/\.(?:yaml|yml|json)$/i.test(path)) return false;
  if (/(?:^|\/)helve\.yaml$|\.test\.(?:yaml|yml|json)$/.test(path)) return false;
  if (path.split('/').some(isDropping)) return false;
  return settings.ignore.length === 0 || !matcherOf(settings.ignore)(path);
}

/** Hidden names include `..data` generations and the locks of editors. */
function isDropping(name: string): boolean {
  if (name === 'node_modules') return true;
  if (name.startsWith('.') || name.endsWith('~') || name.endsWith('.swp')) return true;
  return name.length > 1 && name.startsWith('#') && name.endsWith('#');
}

/** Compiled once for each list, since every path of a source is asked for on every look. */
const matchers = new WeakMap<readonly string[], (path: string) => boolean>();

function matcherOf(globs: readonly string[]): (path: string) => boolean {
  const known = matchers.get(globs);
  if (known !== undefined) return known;
  const matcher = globMatcher(globs);
  matchers.set(globs, matcher);
  return matcher;
}
