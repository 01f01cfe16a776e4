import { expect, test } from 'vitest';
import { compileCase, goldenCases, keptFiles, wantedFiles, writeWanted } from './golden-case.ts';

// Each folder here: documents and material, and what they compile to: `want.yaml` (a view of a
// NodeGroup has a file of its own) and `want.diagnostics`. UPDATE_GOLDEN=1 writes them anew.
test.each(goldenCases())('%s', (name) => {
  const wanted = wantedFiles(compileCase(name));
  if (process.env['UPDATE_GOLDEN'] !== undefined) writeWanted(name, wanted);
  expect(Object.fromEntries(wanted)).toEqual(Object.fromEntries(keptFiles(name)));
});
