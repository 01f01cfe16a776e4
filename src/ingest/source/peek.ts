import { lstatSync } from 'node:fs';
import type { Language } from '../language.ts';
import type { Generation } from './generation.ts';
import { readFile, type LookOptions } from './look.ts';
import { SETTINGS_FILE } from './settings-file.ts';
import { isSameStamp, stampOf } from './stamp.ts';
import type { Tree } from './tree.ts';

/** The part of a look that concerns one known file. */
export interface Peek {
  readonly generation: Generation;
  readonly tree: Tree;
}

/**
 * Looks at one file that an event named, in a tree where a whole look takes longer than an edit
 * may. Null where more than this one file's text may have changed, or it is being
 * written: then the whole source is looked at.
 */
export function peekAt(
  options: Pick<LookOptions, 'limits' | 'wall' | 'language'>,
  known: Peek,
  path: string,
): Peek | null {
  if (path === SETTINGS_FILE) return null;
  const file = known.tree.files.get(path);
  const was = known.generation.files.get(path);
  if (file === undefined || was?.text === undefined || was.text === null) return null;
  try {
    const stats = lstatSync(file.real);
    if (!stats.isFile()) return null;
    const seen = { ...file, stamp: stampOf(stats) };
    const now = readFile(options, seen, was);
    if (now?.text === undefined || now.text === null) return null;
    if (!isSameStamp(seen.stamp, stampOf(lstatSync(file.real)))) return null;
    if (!namesSameFiles(options.language, path, was.text, now.text)) return null;
    return {
      generation: { ...known.generation, files: new Map(known.generation.files).set(path, now) },
      tree: { ...known.tree, files: new Map(known.tree.files).set(path, seen) },
    };
  } catch {
    return null;
  }
}

function namesSameFiles(language: Language, path: string, was: string, now: string): boolean {
  const names = (text: string): string =>
    language
      .parse(path, text)
      .files.map((file) => file.path)
      .join('\n');
  return names(was) === names(now);
}
