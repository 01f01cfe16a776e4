import { expect, test } from 'vitest';
import type { DiagnosticCode } from '../../src/base/index.ts';
import { BY_SAMPLE, CASES, NOT_YET } from './reliability-cases.ts';
import { findingsIn, wantedOf } from './sample.ts';

const ids = (letter: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

const ALL = [...ids('Y', 24), ...ids('S', 20), ...ids('R', 18), ...ids('C', 22)];

test('every bad input of the list has its row, or a reason why not', () => {
  const rows = new Set(CASES.map(({ id }) => id));
  const others = [...Object.keys(BY_SAMPLE), ...Object.keys(NOT_YET)];
  expect([...rows, ...others].sort()).toEqual([...ALL].sort());
});

test.each(CASES)('$id $what', async ({ files, prepare, found }) => {
  const text = await findingsIn(files, prepare);
  // Related places are indented below the finding.
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith(' '));
  const own = lines.map((line) =>
    line.replaceAll(/ {2}(?:error|warning) {2}/g, ' ').replace('  ', ' '),
  );
  expect(own.map(headOf), text).toEqual(found.map(headOf));
  own.forEach((line, index) => {
    expect(line).toContain(wordsOf(found[index] ?? ''));
    expect(line, 'it says what to do').toMatch(/; |expected one of|must be at/);
  });
});

test.each(Object.entries(BY_SAMPLE))('%s %s', (_id, [code, place]) => {
  const lines = wantedOf(code as DiagnosticCode).split('\n');
  const at = place === '' ? '' : `${place}  `;
  const found = lines.filter((line) =>
    new RegExp(`^(?:error|warning)  ${code}  `).test(line.slice(at.length)),
  );
  expect(found.filter((line) => line.startsWith(at))).not.toEqual([]);
});

/** `file:line:col CODE`. */
const headOf = (line: string): string => line.split(' ').slice(0, 2).join(' ');

const wordsOf = (line: string): string => line.split(' ').slice(2).join(' ');
