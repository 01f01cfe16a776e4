import { join } from 'node:path';
import { decodeText } from './decode.ts';
import { readRegular } from './read.ts';
import { isWithin, realPathOf } from './roots.ts';

/** The settings of a source folder, at its root. */
export const SETTINGS_FILE = 'helve.yaml';

/** Its text, or null where there is none that can be read: then the defaults hold. */
export function findSettings(rootReal: string, bytesMax: number): string | null {
  const real = realPathOf(join(rootReal, SETTINGS_FILE));
  if (real === null || !isWithin([rootReal], real)) return null;
  const result = readRegular(real, bytesMax);
  if (result.kind !== 'read') return null;
  const text = decodeText(result.bytes);
  return typeof text === 'string' ? text : null;
}
