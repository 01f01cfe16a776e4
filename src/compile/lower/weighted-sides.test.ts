import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_POLICIES, type WeightedTarget } from '../../model/index.ts';
import { compareTargets, scaledWeights, sideFields } from './weighted-sides.ts';

const WEIGHT_MAX = 4_294_967_295;

const target = (more: Partial<WeightedTarget>): WeightedTarget => ({
  cluster: 'a',
  weight: 1,
  host: null,
  subset: null,
  policies: NO_POLICIES,
  pointer: '/to/0',
  ...more,
});

const headersOf = (set: Readonly<Record<string, string>>): WeightedTarget['policies'] => {
  const request = { set, add: {}, remove: [] };
  const value = { request, response: { set: {}, add: {}, remove: [] } };
  return { named: [], own: [{ key: 'headers', value, pointer: '/to/0/headers' }] };
};

/** The side of a hash, as Envoy finds it: the hash modulo the sum falls into one share. */
function sideAt(weights: readonly number[], hash: number): number {
  let left = hash % weights.reduce((all, one) => all + one, 0);
  return weights.findIndex((weight) => (left -= weight) < 0);
}

/** The share of users that two lists of weights serve at different sides. */
function movedShare(before: readonly number[], after: readonly number[]): number {
  const users = Array.from({ length: 20_000 }, (_, at) => (at * 2_654_435_761) % 2 ** 32);
  const [one, two] = [scaledWeights(before), scaledWeights(after)];
  return users.filter((hash) => sideAt(one, hash) !== sideAt(two, hash)).length / users.length;
}

/** The same for all hashes there are: within a segment between two edges all are alike. */
function movedInAll(before: readonly number[], after: readonly number[]): number {
  const [one, two] = [scaledWeights(before), scaledWeights(after)];
  const total = one.reduce((all, weight) => all + weight, 0);
  const edges = new Set([...edgesOf(one), ...edgesOf(two), total]);
  let [moved, from] = [0, 0];
  for (const to of [...edges].sort((a, b) => a - b)) {
    if (sideAt(one, from) !== sideAt(two, from)) moved += to - from;
    from = to;
  }
  return moved / total;
}

const edgesOf = (weights: readonly number[]): readonly number[] =>
  weights.map((_, at) => weights.slice(0, at + 1).reduce((all, weight) => all + weight, 0));

/** Half of what all shares differ by: as many must move at least. */
function changedShare(before: readonly number[], after: readonly number[]): number {
  const sharesOf = (weights: readonly number[]): readonly number[] => {
    const sum = weights.reduce((all, weight) => all + weight, 0);
    return weights.map((weight) => weight / sum);
  };
  const shares = sharesOf(after);
  return sharesOf(before).reduce((all, one, at) => all + Math.abs(one - (shares[at] ?? 0)), 0) / 2;
}

describe('scaled weights', () => {
  test.each([
    { before: [95, 5], after: [90, 10], moved: 0.05 },
    { before: [95, 5], after: [95, 10], moved: 0.045 },
    { before: [1, 1], after: [1, 3], moved: 0.25 },
    { before: [1, 1], after: [1000, 1000], moved: 0 },
    { before: [1, 1, 2], after: [1, 1, 0], moved: 0.75 },
  ])('$before → $after moves $moved of the users', ({ before, after, moved }) => {
    expect(movedShare(before, after)).toBeCloseTo(moved, 2);
  });

  test('they have one sum, and none that gets requests is rounded to none', () => {
    const weight = fc.oneof(fc.nat(3), fc.nat(100), fc.nat(WEIGHT_MAX));
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 40 }), (weights) => {
        const sum = weights.reduce((all, one) => all + one, 0);
        fc.pre(sum > 0);
        const scaled = scaledWeights(weights);
        expect(scaled.reduce((all, one) => all + one, 0)).toBe(1_000_000);
        weights.forEach((one, at) => {
          const given = scaled[at] ?? -1;
          expect(given > 0).toBe(one > 0);
          const tolerance = weights.length + 1;
          expect(Math.abs(given - (one / sum) * 1_000_000)).toBeLessThanOrEqual(tolerance);
        });
      }),
    );
  });

  test('of two sides, only the changed share moves', () => {
    const share = fc.integer({ min: 1, max: 1000 });
    const pair = fc.tuple(share, share);
    fc.assert(
      fc.property(pair, pair, ([a, b], [c, d]) => {
        const wanted = Math.abs(a / (a + b) - c / (c + d));
        const [[before = 0], [after = 0]] = [scaledWeights([a, b]), scaledWeights([c, d])];
        expect(Math.abs(before - after) / 1_000_000).toBeCloseTo(wanted, 5);
      }),
    );
  });
});

describe('of any number of sides', () => {
  const share = fc.integer({ min: 1, max: 1000 });
  const sides = fc.array(share, { minLength: 3, maxLength: 12 });

  test('neighbours exchange users only with each other, in whatever unit', () => {
    const factor = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(sides, fc.nat(), fc.nat(), factor, (before, place, given, unit) => {
        const giver = place % (before.length - 1);
        const part = given % (before[giver] ?? 1);
        const after = before.with(giver, (before[giver] ?? 0) - part);
        after[giver + 1] = (after[giver + 1] ?? 0) + part;
        const scaled = after.map((weight) => weight * unit);
        expect(movedInAll(before, scaled)).toBeCloseTo(changedShare(before, after), 4);
      }),
    );
  });

  test('each boundary is passed by no more than the changed share', () => {
    const pairs = fc.array(fc.tuple(share, share), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(pairs, (both) => {
        const [before, after] = [both.map(([one]) => one), both.map(([, other]) => other)];
        const [moved, changed] = [movedInAll(before, after), changedShare(before, after)];
        const rounding = both.length / 1_000_000;
        expect(moved).toBeGreaterThanOrEqual(changed - rounding);
        expect(moved).toBeLessThanOrEqual((both.length - 1) * (changed + rounding));
      }),
    );
  });

  test('the side between two that exchange weight hands users on', () => {
    expect(movedInAll([50, 25, 25], [45, 25, 30])).toBeCloseTo(0.1, 6);
  });
});

describe('the order of targets', () => {
  const all = fc.shuffledSubarray(
    [
      target({ weight: 7 }),
      target({ weight: 3 }),
      target({ cluster: 'b' }),
      target({ host: 'x.test' }),
      target({ subset: { version: 'v1' }, weight: 60 }),
      target({ subset: { version: 'v2' }, weight: 40 }),
      target({ policies: { named: [{ name: 'p', pointer: '/to/0/policies/0' }], own: [] } }),
      target({ policies: { named: [{ name: 'q', pointer: '/to/1/policies/0' }], own: [] } }),
      target({ policies: headersOf({ 'x-a': '1', 'x-b': '2' }) }),
      target({ policies: headersOf({ 'x-a': '2' }) }),
    ],
    { minLength: 10 },
  );

  test('it is that of no document', () => {
    fc.assert(
      fc.property(all, all, (one, other) => {
        expect([...one].sort(compareTargets)).toEqual([...other].sort(compareTargets));
      }),
    );
  });

  test('weights do not change it', () => {
    const place = ({ cluster, host, subset, policies }: WeightedTarget): unknown => [
      ...[cluster, host, subset, policies],
    ];
    const sides = (weight: number): readonly WeightedTarget[] => [
      target({ subset: { version: 'v1' }, weight }),
      target({ subset: { version: 'v2' }, weight: 100 - weight }),
    ];
    const orders = [1, 41, 60, 99].map((weight) =>
      [...sides(weight)].sort(compareTargets).map(place),
    );
    for (const order of orders) expect(order).toEqual(orders[0]);
  });
});

describe('what a side is told by', () => {
  const [a, b] = [target({}), target({ cluster: 'b' })];
  const edited = { ...a, weight: 40, policies: headersOf({ 'x-a': '1' }) };

  test('a policy that is edited changes no side', () => {
    expect(sideFields(edited, [edited, b])).toEqual(sideFields(a, [a, b]));
  });

  test('of sides that differ in nothing else, their policies tell', () => {
    expect(sideFields(edited, [edited, a])).not.toEqual(sideFields(a, [edited, a]));
  });

  test('neither their place nor the order of keys counts', () => {
    const other = target({ policies: headersOf({ 'x-b': '2', 'x-a': '1' }), pointer: '/to/1' });
    const same = target({ policies: headersOf({ 'x-a': '1', 'x-b': '2' }) });
    expect(sideFields(other, [other, a])).toEqual(sideFields(same, [same, a]));
  });
});
