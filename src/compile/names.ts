import type { ParsedFile } from '../model/index.ts';
import type { Schema } from '../schema/index.ts';
import { Buckets } from './buckets.ts';
import { openItem } from './raw-item.ts';
import type { Names } from './recent-names.ts';

/**
 * What texts define, by a parse alone: also texts that this helve, or its flags of today, cannot
 * compile. Spelled as a compilation spells it.
 */
export function namesOfTexts(
  texts: ReadonlyMap<string, string>,
  schema: Schema,
  parse: (path: string, text: string) => ParsedFile,
): Names {
  const found = new Set<string>();
  for (const [path, text] of texts) {
    for (const document of parse(path, text).documents) {
      if (document.kind !== 'resources') {
        found.add(`${document.kind}/${document.name}`);
        continue;
      }
      for (const { pointer, value } of document.resources) {
        const { input } = openItem(schema, { doc: document.id, pointer, value, files: new Map() });
        if (input !== null) found.add(`raw ${input.type}/${input.name}`);
      }
    }
  }
  return Buckets.empty<string>().with([...found].map((key) => [key, key]));
}
