import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** One generated table: what each file of a folder exports, by the name of the file. */
interface Folder {
  readonly folder: string;
  /** Files of the folder that are no entries. */
  readonly others: readonly string[];
  readonly table: string;
  readonly keyOf: (file: string) => string;
  readonly head: string;
  readonly type: string;
}

const camel = (file: string): string =>
  file.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const pascal = (file: string): string => camel(`-${file}`);

const FOLDERS: readonly Folder[] = [
  {
    folder: 'kinds',
    others: ['kind'],
    table: 'KIND_COMPILERS',
    keyOf: pascal,
    head: `import type { KindName } from '../../model/index.ts';
import type { KindCompiler } from '../kinds/kind.ts';`,
    type: '{ readonly [K in KindName]: KindCompiler<K> }',
  },
  {
    folder: 'policies',
    others: ['carriers', 'policy'],
    table: 'POLICY_SPELLINGS',
    keyOf: camel,
    head: `import type { PolicyName } from '../../model/index.ts';
import type { PolicySpelling } from '../policies/policy.ts';`,
    type: '{ readonly [K in PolicyName]: PolicySpelling<K> }',
  },
];

/**
 * The tables of what is one file each in `compile/`, so that a new one is its files and no more;
 * the types see to it that none is missing.
 */
export function generateTables(
  root: string,
): readonly { readonly path: string; readonly text: string }[] {
  const compile = join(root, 'src', 'compile');
  return FOLDERS.map((row) => {
    const files = readdirSync(join(compile, row.folder))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => name.slice(0, -'.ts'.length))
      .filter((name) => !row.others.includes(name))
      .sort();
    return { path: join(compile, 'generated', `${row.folder}.ts`), text: tableText(row, files) };
  });
}

function tableText({ folder, table, keyOf, head, type }: Folder, files: readonly string[]): string {
  const imports = files.map((f) => `import { ${camel(f)} } from '../${folder}/${f}.ts';`);
  const rows = files.map((file) => `  ${keyOf(file)}: ${camel(file)},`);
  return `// Written by \`npm run generate\` from the files of src/compile/${folder}.
${[...imports, head].join('\n')}

export const ${table}: ${type} = {
${rows.join('\n')}
};
`;
}
