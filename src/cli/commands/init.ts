import { existsSync, statSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { ExpectedError } from '../../base/index.ts';
import { packageRoot } from '../../envoy/index.ts';
import type { CommandContext } from '../context.ts';
import { makeFolder } from '../make-folder.ts';
import { DOCUMENTS_SCHEMA, schemaFiles, withSchemaAt } from '../schema-files.ts';
import { systemWords } from '../system-words.ts';

/** Beside the documents, where no scan looks: editors find it without a network. */
const SCHEMA_FOLDER = '.schema';

/** `helve init`: the first-minute example as files of the user's own. Never overwrites. */
export function initCommand({ terminal, finish }: CommandContext): Command {
  return new Command('init')
    .description('write a small commented example')
    .argument('[dir]', 'where to write it', '.')
    .action(async (dir: string) => {
      const target = resolve(terminal.cwd, dir);
      const example = join(packageRoot(), 'examples', 'first-minute');
      const files = await filesOf(example);
      const taken = [...files.keys()].filter((file) => existsSync(join(target, file)));
      if (taken.length > 0) {
        terminal.err(`nothing written: ${taken.join(', ')} already there`);
        finish(1);
        return;
      }
      await write(files, target, dir);
      const shown = relative(terminal.cwd, target) || '.';
      for (const file of files.keys()) terminal.out(`wrote ${join(shown, file)}`);
      terminal.out('');
      terminal.out(`${terminal.command} validate ${shown}    # is it right?`);
      terminal.out(`${terminal.command} up ${shown}          # run it in a local Envoy`);
    });
}

async function write(files: Files, target: string, dir: string): Promise<void> {
  try {
    if (statSync(target, { throwIfNoEntry: false })?.isDirectory() === false) {
      throw new ExpectedError(`${dir} is a file; name a folder`);
    }
    for (const [file, text] of files) {
      await makeFolder(dirname(join(target, file)));
      await writeFile(join(target, file), text, { flag: 'wx' });
    }
  } catch (cause) {
    if (cause instanceof ExpectedError) throw cause;
    throw new ExpectedError(`cannot write into ${dir}: ${systemWords(cause)}`);
  }
}

type Files = ReadonlyMap<string, string>;

/** The documents of an example and the schema that they name, by path. */
async function filesOf(example: string): Promise<Files> {
  const entries = await readdir(example, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(example, join(entry.parentPath, entry.name)))
    .sort();
  const files = new Map<string, string>();
  for (const path of paths) {
    const schema = relative(dirname(path), join(SCHEMA_FOLDER, DOCUMENTS_SCHEMA));
    files.set(path, withSchemaAt(await readFile(join(example, path), 'utf8'), schema));
  }
  for (const [name, text] of schemaFiles()) files.set(join(SCHEMA_FOLDER, name), text);
  return files;
}
