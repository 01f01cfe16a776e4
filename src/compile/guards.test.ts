import { expect, test } from 'vitest';
import { parseSettings } from '../model/index.ts';
import { Buckets } from './buckets.ts';
import { guard } from './guards.ts';

const named = (count: number): Buckets<string> =>
  Buckets.empty<string>().with(
    Array.from({ length: count }, (_, i) => [`Route/r${i}`, `Route/r${i}`]),
  );

test.each([
  [20, 2, 'npx --no-install helve', /; run npx --no-install helve apply --allow-removals=18 if/],
  [1, 60, './helve', /; run \.\/helve apply if it is meant, or raise maxGrowth/],
])('from %s to %s, called as %s, it says how to go on', (before, now, command, said) => {
  const { settings } = parseSettings('helve.yaml', 'maxGrowth: 3\n');
  const [found] = guard({
    ...{ before: named(before), now: named(now), recent: [], settings, command },
    allowRemovals: null,
    placeOf: () => null,
  });
  expect(found?.message).toMatch(said);
});
