import fc from 'fast-check';
import { expect, it } from 'vitest';
import { diagnostic, hashBytes } from '../base/index.ts';
import { axesOfTexts, type Axes } from './axes.ts';
import { createAxisSplitter } from './axis-splitter.ts';
import { createLanguage } from './model-language.ts';
import { NOTHING, type Generation, type SourceFile } from './source/generation.ts';

const TEXTS = [
  'kind: Cluster\nname: a\n',
  'kind: Cluster\nname: b\n',
  'kind: Endpoints\nname: a\nendpoints: []\n',
  'kind: Endpoints\nname: a\nendpoints: [oops\n',
  'a: [b\n',
  null,
] as const;
const PATHS = ['a.yaml', 'b.yaml', 'c/d.yaml', 'c/e.yaml', 'helve.yaml'] as const;

const STAMP = { dev: 1, ino: 1, size: 1, mtimeMs: 1, ctimeMs: 1, mode: 0o600 };

const fileOf = (path: string, text: string | null): SourceFile => ({
  path,
  real: `/${path}`,
  stamp: STAMP,
  hash: hashBytes(text ?? 'broken'),
  text,
  problem: text === null ? diagnostic('FILE_ENCODING', `${path}: no text; mend it`) : null,
  isRacy: false,
});

const named = (content: string): Generation['material'] =>
  new Map([
    [
      'tls.key',
      {
        file: { kind: 'read', path: 'tls.key', hash: hashBytes(content), bytes: Buffer.from('k') },
        real: '/tls.key',
        stamp: STAMP,
        content,
        isRacy: false,
        isExposedKey: content === 'open',
      },
    ],
  ]);

/** One step: some paths get a text or go, the key changes, and what is accepted changes. */
const step = fc.record({
  puts: fc.dictionary(fc.constantFrom(...PATHS), fc.constantFrom(...TEXTS), { maxKeys: 3 }),
  gone: fc.subarray([...PATHS], { maxLength: 1 }),
  key: fc.constantFrom('same', 'open', 'other'),
  wasMaterial: fc.subarray([...PATHS]),
});

const orderless = ({ documents, material }: Axes): unknown => ({
  documents: { ...documents, texts: entries(documents.texts) },
  material: {
    ...material,
    texts: entries(material.texts),
    files: entries(material.files),
    documentPaths: [...material.documentPaths.keys()].sort(),
  },
});

const entries = (map: ReadonlyMap<string, unknown>): readonly unknown[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1));

it('law: what is patched is what a new splitter would give, in any order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let was: ReadonlySet<string> = new Set();
      const wasMaterial = (path: string): boolean => was.has(path);
      const language = createLanguage();
      const split = createAxisSplitter(language, wasMaterial);
      let generation: Generation = NOTHING;
      for (const one of steps) {
        was = new Set(one.wasMaterial);
        const files = new Map(generation.files);
        for (const path of one.gone) files.delete(path);
        for (const [path, text] of Object.entries(one.puts)) files.set(path, fileOf(path, text));
        generation = { ...generation, files, material: named(one.key) };
        const turned = { ...generation, files: new Map([...files].reverse()) };
        const fresh = createAxisSplitter(language, wasMaterial)(turned);
        expect(orderless(split(generation))).toEqual(orderless(fresh));
      }
    }),
    { numRuns: 200 },
  );
});

it('shares what has not changed, and leaves what it gave before as it was', () => {
  const split = createAxisSplitter(createLanguage(), () => false);
  const files = new Map([
    ['a.yaml', fileOf('a.yaml', TEXTS[0])],
    ['e.yaml', fileOf('e.yaml', TEXTS[2])],
  ]);
  const before = split({ ...NOTHING, files });
  const edited = new Map(files).set('a.yaml', fileOf('a.yaml', TEXTS[1]));
  const after = split({ ...NOTHING, files: edited });
  expect(after.material).toBe(before.material);
  expect(after.documents.id).not.toBe(before.documents.id);
  expect(before.documents.texts.get('a.yaml')).toBe(TEXTS[0]);
  expect(split({ ...NOTHING, files }).documents.id).toBe(before.documents.id);
});

it('names documents as those that were accepted are named', () => {
  const language = createLanguage();
  const files = new Map(PATHS.map((path) => [path, fileOf(path, TEXTS[0])]));
  const split = createAxisSplitter(language, () => false)({ ...NOTHING, files });
  const sources = PATHS.map((path) => ({ path, text: TEXTS[0] }));
  expect(axesOfTexts(language, sources).documents.id).toBe(split.documents.id);
});
