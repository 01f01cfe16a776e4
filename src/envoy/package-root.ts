import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invariant } from '../base/index.ts';

/**
 * The folder that holds helve's package.json: the same whether the code runs from `src`, `dist` or
 * an installed package, so that shipped data is found without a configured path.
 */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    invariant(parent !== folder, 'no package.json above the program');
    folder = parent;
  }
  return folder;
}
