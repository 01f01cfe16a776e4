import { describe, expect, test } from 'vitest';
import { CATALOGUE, type DiagnosticCode } from '../../src/base/index.ts';
import { read } from '../tidy/tree.ts';
import { AWAITED, ELSEWHERE } from './elsewhere.ts';
import { findingsOf, keepWanted, sampleCodes, wantedOf } from './sample.ts';

const codes = Object.keys(CATALOGUE) as DiagnosticCode[];
const samples = sampleCodes();

// Each folder here is named by a code and shows it: `config`, after `before` where that was
// accepted first, gives `want.diagnostics`. UPDATE_GOLDEN=1 writes that anew.
test.each(samples)('%s', async (code) => {
  const found = await findingsOf(code);
  if (process.env['UPDATE_GOLDEN'] !== undefined) keepWanted(code, found);
  expect(found).toBe(wantedOf(code));
  expect(found).toMatch(new RegExp(`(^|  )(error|warning)  ${code}  \\S`, 'm'));
});

test('every code has a sample, or a test that makes what no folder can show', () => {
  const shown = new Set<string>([...samples, ...Object.keys(ELSEWHERE), ...AWAITED]);
  expect(codes.filter((code) => !shown.has(code))).toEqual([]);
  expect([...shown].filter((code) => !(code in CATALOGUE))).toEqual([]);
});

describe('what no folder can show', () => {
  test.each(Object.entries(ELSEWHERE))('%s', (code, file) => {
    expect(samples).not.toContain(code);
    expect(read(file)).toMatch(new RegExp(`\\b${code}\\b`));
  });
});
