import { existsSync, statSync } from 'node:fs';
import { cp, readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { ExpectedError } from '../../base/index.ts';
import { packageRoot } from '../../envoy/index.ts';
import type { CommandContext } from '../context.ts';
import { systemWords } from '../system-words.ts';

/** `helve init`: the first-minute example as files of the user's own. Never overwrites. */
export function initCommand({ terminal, finish }: CommandContext): Command {
  return new Command('init')
    .description('write a small commented example')
    .argument('[dir]', 'where to write it', '.')
    .action(async (dir: string) => {
      const target = resolve(terminal.cwd, dir);
      const example = join(packageRoot(), 'examples', 'first-minute');
      const files = await filesBelow(example);
      const taken = files.filter((file) => existsSync(join(target, file)));
      if (taken.length > 0) {
        terminal.err(`nothing written: ${taken.join(', ')} already there`);
        finish(1);
        return;
      }
      await write(example, target, dir);
      const shown = relative(terminal.cwd, target) || '.';
      for (const file of files) terminal.out(`wrote ${join(shown, file)}`);
      terminal.out('');
      terminal.out(`${terminal.command} validate ${shown}    # is it right?`);
      terminal.out(`${terminal.command} up ${shown}          # run it in a local Envoy`);
    });
}

async function write(example: string, target: string, dir: string): Promise<void> {
  try {
    if (statSync(target, { throwIfNoEntry: false })?.isDirectory() === false) {
      throw new ExpectedError(`${dir} is a file; name a folder`);
    }
    await cp(example, target, { recursive: true, force: false, errorOnExist: true });
  } catch (cause) {
    if (cause instanceof ExpectedError) throw cause;
    throw new ExpectedError(`cannot write into ${dir}: ${systemWords(cause)}`);
  }
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
