import * as fs from 'node:fs';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  cluster,
  openLookoutRig,
  replace,
  textsOf,
  writeFiles,
  type Files,
} from '../../../test/support/lookout-rig.ts';
import { createLanguage } from '../model-language.ts';
import { NOTHING } from './generation.ts';
import { SOURCE_LIMITS } from './limits.ts';
import { lookAt } from './look.ts';
import { peekAt, type Peek } from './peek.ts';

const certificate = (cert: string): string =>
  `kind: Certificate\nname: shop\ncert: ${cert}\nkey: tls.key\n`;
const BEFORE: Files = {
  'a.yaml': cluster('a'),
  'shop.yaml': certificate('tls.crt'),
  'helve.yaml': 'language: 1\n',
};
const BEFORE_PATHS = Object.keys(BEFORE).sort();
const A2 = cluster('a', 8001);

interface Row {
  readonly name: string;
  readonly path?: string;
  readonly change: (at: (name: string) => string) => void;
  /** The text that is found; null where the whole source is to be looked at. */
  readonly want: string | null;
}

const ROWS: readonly Row[] = [
  {
    name: 'an edit in place',
    change: (at) => fs.writeFileSync(at('a.yaml'), A2),
    want: A2,
  },
  { name: 'a file renamed over', change: (at) => replace(at('a.yaml'), A2), want: A2 },
  { name: 'nothing new', change: () => undefined, want: cluster('a') },
  { name: 'a file that is gone', change: (at) => fs.rmSync(at('a.yaml')), want: null },
  {
    name: 'a folder in its place',
    change: (at) => {
      fs.rmSync(at('a.yaml'));
      fs.mkdirSync(at('a.yaml'));
    },
    want: null,
  },
  {
    name: 'a link in its place',
    change: (at) => {
      fs.rmSync(at('a.yaml'));
      fs.symlinkSync('shop.yaml', at('a.yaml'));
    },
    want: null,
  },
  {
    name: 'text that cannot be read',
    change: (at) => fs.writeFileSync(at('a.yaml'), Buffer.from([0x61, 0xe9, 0x0a])),
    want: null,
  },
  {
    name: 'a file that is too large by now',
    change: (at) => fs.writeFileSync(at('a.yaml'), '#'.repeat(SOURCE_LIMITS.fileBytesMax + 1)),
    want: null,
  },
  {
    name: 'another edit that names other files',
    path: 'shop.yaml',
    change: (at) => fs.writeFileSync(at('shop.yaml'), certificate('other.crt')),
    want: null,
  },
  {
    name: 'an edit that names the same files',
    path: 'shop.yaml',
    change: (at) => fs.writeFileSync(at('shop.yaml'), `# the shop\n${certificate('tls.crt')}`),
    want: `# the shop\n${certificate('tls.crt')}`,
  },
  { name: 'the settings', path: 'helve.yaml', change: () => undefined, want: null },
  {
    name: 'a file that was not there',
    path: 'new.yaml',
    change: (at) => fs.writeFileSync(at('new.yaml'), A2),
    want: null,
  },
];

it.each(ROWS)('looks at one file alone: $name', async ({ path = 'a.yaml', change, want }) => {
  const source = realpathSync(mkdtempSync(join(tmpdir(), 'helve-peek-')));
  writeFiles(source, BEFORE);
  const options = {
    ...{ source, allowPaths: [], limits: SOURCE_LIMITS, language: createLanguage() },
    acceptedFiles: () => [],
    wall: Date.now,
  };
  const memory = { tree: null, generation: NOTHING, isDoubted: false };
  const { tree, generation } = await lookAt(options, memory);
  if (tree === null) throw new Error('no tree');
  change((name) => join(source, name));
  const found: Peek | null = peekAt(options, { tree, generation }, path);
  expect(found?.generation.files.get(path)?.text ?? null).toBe(want);
  if (found !== null) {
    // As the look at everything would have found it.
    const all = await lookAt(options, { tree, generation, isDoubted: true });
    expect(found.tree.files.get(path)).toEqual(all.tree?.files.get(path));
    expect([...found.generation.files.keys()].sort()).toEqual(BEFORE_PATHS);
  }
  rmSync(source, { recursive: true });
});

it('is enough for the edit of one file among many', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 600 }, (_, i) => [`m/${i}.yaml`, cluster(`m${i}`)]),
  );
  let looks = 0;
  const rig = await openLookoutRig({
    files: { ...BEFORE, ...many },
    scanIntervalMs: 600_000,
    lookAt: (options, memory) => {
      looks += 1;
      return lookAt(options, memory);
    },
  });
  // The events of the first writes have come by then.
  await rig.flush();
  const before = looks;
  fs.writeFileSync(rig.path('m/7.yaml'), cluster('m7', 8001));
  const told = await rig.until((one) => textsOf(one)['m/7.yaml'] === cluster('m7', 8001));
  expect(told.generation.files.size).toBe(603);
  expect(looks).toBe(before);
  await rig.close();
});
