import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeText } from './decode.ts';
import { readRegular } from './read.ts';
import { isWithin } from './roots.ts';

/** The settings of a source folder, at its root. */
export const SETTINGS_FILE = 'helve.yaml';

/** Its text, or null where there is none that can be read: then the defaults hold. */
export async function findSettings(rootReal: string, bytesMax: number): Promise<string | null> {
  const real = await realpath(join(rootReal, SETTINGS_FILE)).catch(() => null);
  if (real === null || !isWithin([rootReal], real)) return null;
  const result = readRegular(real, bytesMax);
  if (result.kind !== 'read') return null;
  const text = decodeText(result.bytes);
  return typeof text === 'string' ? text : null;
}
