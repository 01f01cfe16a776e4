import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { IMPORT_TABLE } from '../../scripts/import-table.mjs';
import { isCode, projectFiles, read } from './tree.ts';

const files = projectFiles();
const code = files.filter(isCode);
const sources = code.filter((path) => path.startsWith('src/'));

/** Spelled in pieces, so that this file does not find itself. */
const word = (...pieces: readonly string[]): string => pieces.join('');

interface Ban {
  readonly what: string;
  readonly pattern: RegExp;
  readonly why: string;
  /** Files that may, each for a reason of its own. */
  readonly but?: readonly string[];
  readonly only?: RegExp;
}

const BANS: readonly Ban[] = [
  {
    what: 'open ends',
    pattern: new RegExp(word('\\b(TO', 'DO|FIX', 'ME|XX', 'X)\\b')),
    why: 'Do it, or describe it in the changelog.',
  },
  {
    what: word('as', ' any'),
    pattern: new RegExp(word('\\bas', ' any\\b')),
    why: 'Decode at the edge.',
  },
  {
    what: 'silenced compiler',
    pattern: new RegExp(word('@ts', '-(ignore|nocheck|expect-error)')),
    why: 'Fix the type.',
  },
  {
    what: 'silenced lint without a reason',
    pattern: new RegExp(word('eslint', '-disable(?!.* -- )')),
    why: 'Write ` -- why` after the rule.',
  },
  {
    what: 'tests that do not run',
    pattern: /\b(test|it|describe)\.(skip|only|todo|fails)\b|\bx(it|describe)\(/,
    why: "Assert today's behaviour.",
  },
  {
    what: 'mocks of modules',
    pattern: new RegExp(word('\\bvi', '\\.(mock|doMock|spyOn)\\(')),
    why: 'Use a fake for the clock, the file tree or the stream.',
  },
  {
    what: 'sleeps in tests',
    pattern: new RegExp(word('setTime', 'out\\(|timers/', 'promises')),
    only: /^(src|test)\/.*\.test\.ts$/,
    why: 'Wait for an event, or poll with `until`.',
  },
];

test.each(BANS)('no $what', ({ pattern, why, but = [], only = /./ }) => {
  const found = code
    .filter((path) => only.test(path) && !but.includes(path))
    .flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${line}`] : [])),
    );
  expect(found, why).toEqual([]);
});

test('every file keeps within 400 lines', () => {
  const long = code.filter((path) => read(path).split('\n').length > 401);
  expect(long).toEqual([]);
});

test('file names are kebab-case and say what is inside', () => {
  const shape = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.(ts|mts|mjs|js)$/;
  const vague = /^(utils?|helpers?|common|misc|manager|handlers?|types?-all)\./;
  expect(code.filter((path) => !shape.test(basename(path)))).toEqual([]);
  expect(code.filter((path) => vague.test(basename(path)))).toEqual([]);
});

test('the folders of src are those of the import table', () => {
  const folders = new Set(sources.map((path) => path.split('/')[1] ?? ''));
  folders.delete('main.ts');
  expect([...folders].sort()).toEqual(IMPORT_TABLE.map((row) => row.folder).sort());
});

test.each(IMPORT_TABLE.map((row) => row.folder))('src/%s/index.ts says what it is', (folder) => {
  const comment = /^\/\*\*\n( \*[^\n]*\n)+? \*\/\n/.exec(read(`src/${folder}/index.ts`))?.[0] ?? '';
  const lines = comment.trimEnd().split('\n').length;
  expect(lines, 'a doc comment of 3 to 10 lines').toBeGreaterThanOrEqual(3);
  expect(lines, 'a doc comment of 3 to 10 lines').toBeLessThanOrEqual(10);
});

test('only index.ts re-exports', () => {
  const reexport = /^export (type )?(\*|\{[^}]*\}) from /m;
  const found = sources.filter((path) => !path.endsWith('/index.ts') && reexport.test(read(path)));
  expect(found).toEqual([]);
});
