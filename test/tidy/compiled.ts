import { read } from './tree.ts';

/** A resource among those that a golden case compiles to. */
export interface Compiled {
  readonly folder: string;
  /** Short name of the message, as `Cluster`. */
  readonly type: string;
  readonly name: string;
}

/** The documents of a golden case. */
export const documentsOf = (files: readonly string[], folder: string): readonly string[] =>
  files
    .filter((path) => path.startsWith(`test/golden/${folder}/`))
    .filter((path) => path.endsWith('.yaml') && !path.includes('/want.'))
    .flatMap((path) => read(path).split(/^---$/m));

/** A block that opens on a click: what Envoy gets. */
export function compiledBlock(files: readonly string[], wanted: Compiled): string {
  const text = resourceOf(files, wanted);
  const title = `${wanted.type} \`${wanted.name}\``;
  return `\n<details>\n<summary>compiles to the ${title}</summary>\n\n\`\`\`yaml\n${text}\n\`\`\`\n\n</details>\n`;
}

function resourceOf(files: readonly string[], { folder, type, name }: Compiled): string {
  const items = files
    .filter((path) => path.startsWith(`test/golden/${folder}/want`) && path.endsWith('.yaml'))
    .flatMap((path) => read(path).split(/^(?=  - "@type")/m));
  const found = items.find(
    (item) =>
      item.split('\n', 1)[0]?.endsWith(`.${type}"`) === true &&
      ['name', 'cluster_name'].some((field) => item.includes(`\n    ${field}: "${name}"\n`)),
  );
  if (found === undefined) throw new Error(`test/golden/${folder} has no ${type} "${name}"`);
  return found
    .trimEnd()
    .replaceAll(/^ {4}/gm, '')
    .replace(/^ *- "@type".*\n/, '');
}
