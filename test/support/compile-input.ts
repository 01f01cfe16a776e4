import type { CompileInput } from '../../src/compile/index.ts';
import type { MaterialFile } from '../../src/model/index.ts';

/** An input of these texts and files, by path, at the beginning of time. */
export const compileInput = (
  texts: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
  more: Partial<CompileInput> = {},
): CompileInput => ({
  texts: new Map(Object.entries(texts)),
  material: new Map(
    Object.entries(files).map(([path, text]): [string, MaterialFile] => [
      path,
      { kind: 'read', path, hash: text, bytes: Buffer.from(text) },
    ]),
  ),
  lastGood: new Map(),
  now: 0,
  filterProfile: null,
  ...more,
});
