import { expect, test } from 'vitest';
import { NO_CONDITIONS, type PathMatch, type RuleMatch } from '../../model/index.ts';
import { pathCovers, pathsMeet } from './path-relation.ts';

/** `=/path`, `~regex` or `/prefix`; with ` any` behind it in any case. */
function matchOf(text: string): RuleMatch {
  const [written = '', any] = text.split(' ');
  return {
    path: pathOf(written),
    ignoreCase: any !== undefined,
    isGrpc: false,
    conditions: NO_CONDITIONS,
    pointer: '',
    at: '',
  };
}

function pathOf(text: string): PathMatch {
  if (text.startsWith('=')) return { kind: 'path', path: text.slice(1) };
  if (text.startsWith('~')) return { kind: 'regex', regex: text.slice(1) };
  return { kind: 'prefix', prefix: text };
}

type Row = readonly [wide: string, narrow: string, meets: boolean, covers: boolean];

const ROWS: readonly Row[] = [
  ['/', '/a', true, true],
  ['/', '~/a.*', true, true],
  ['/', '=/A any', true, true],
  ['/a', '/a', true, true],
  ['/a', '/a/b', true, true],
  ['/a', '=/a/b', true, true],
  ['/a', '=/ab', false, false],
  ['/a/b', '/a', true, false],
  ['=/a', '=/a', true, true],
  ['=/a', '=/b', false, false],
  ['=/a', '/a', true, false],
  ['=/a/b', '/a', true, false],
  ['=/b', '/a', false, false],
  ['/a', '=/A', false, false],
  ['/a any', '=/A/b', true, true],
  ['/a', '=/a any', true, false],
  ['~/a/.*', '~/a/.*', true, true],
  ['~/a/.*', '~/b/.*', false, false],
  ['~/a.*', '~/.*a', true, false],
  ['~/a/.*', '=/b', false, false],
  ['~/a/.*', '=/a/b', true, false],
  ['/a', '~/a/.*', true, true],
  ['/a', '~/a.*', true, false],
  ['/b', '~/a/.*', false, false],
];

test.each(ROWS)('%s and %s', (wide, narrow, meets, covers) => {
  const [one, other] = [matchOf(wide), matchOf(narrow)];
  expect(pathsMeet(one, other)).toBe(meets);
  expect(pathsMeet(other, one)).toBe(meets);
  expect(pathCovers(one, other)).toBe(covers);
});
