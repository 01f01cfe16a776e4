import { expect, test } from 'vitest';
import { compileGolden, goldenCases, inputOf, type GoldenOutput } from '../golden/golden-case.ts';
import { seeded } from '../simulation/random.ts';
import { shuffledDocuments } from '../support/shuffled-documents.ts';

// A difference prints the seed; SEED=… repeats it.
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const RUNS = 3;

/** What nodes get, and which findings there are: their places are others. */
const outcomeOf = ({ views, diagnostics }: GoldenOutput): unknown => ({
  views: views.map(({ view, floor, rendered }) => ({ view, floor, rendered })),
  codes: diagnostics.map(({ code }) => code).sort(),
});

// The golden cases are the whole language: policies, claims, weights, `inherit`, patches, groups.
test.each(goldenCases())(`%s is the same in any order (seed ${seed})`, (name) => {
  const input = inputOf(name);
  const want = outcomeOf(compileGolden(input));
  for (let run = 0; run < RUNS; run += 1) {
    const texts = shuffledDocuments(input.texts, seeded(seed + run));
    const shown = `SEED=${seed + run}: ${JSON.stringify([...texts])}`;
    expect(outcomeOf(compileGolden({ ...input, texts })), shown).toEqual(want);
  }
});
