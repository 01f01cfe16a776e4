import { compareText } from '../../base/index.ts';
import type { WeightedTarget } from '../../model/index.ts';

/**
 * The order of targets on the wire, whatever theirs in the document. A hash falls into the shares
 * in this order, so weights come last: who changes one moves no boundary but its own.
 */
export const compareTargets = (a: WeightedTarget, b: WeightedTarget): number =>
  compareText(a.cluster, b.cluster) ||
  compareText(placeText(a), placeText(b)) ||
  compareText(policiesText(a), policiesText(b)) ||
  a.weight - b.weight;

/** What a side is besides its cluster and its policies. */
const placeText = ({ host, subset }: WeightedTarget): string => JSON.stringify([host, subset]);

/**
 * Tells the sides of one rule apart, and is the same whatever else stands beside them: weights do
 * not count, and policies only where nothing else differs, so that who edits one moves nobody.
 */
export function sideFields(
  side: WeightedTarget,
  sides: readonly WeightedTarget[],
): readonly [cluster: string, place: string, policies: string] {
  const { cluster } = side;
  const place = placeText(side);
  const alike = sides.filter((one) => one.cluster === cluster && placeText(one) === place);
  return [cluster, place, alike.length > 1 ? policiesText(side) : ''];
}

/** Equal for equal policies, in any order and at any place. */
function policiesText({ policies: { named, own } }: WeightedTarget): string {
  const names = named.map(({ name }) => name);
  return JSON.stringify(unordered([names, own.map(({ key, value }) => [key, value])]));
}

/** Without places, and with lists and maps in one order. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .map((one: unknown) => JSON.stringify(unordered(one)))
      .sort(compareText)
      .map((text): unknown => JSON.parse(text));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'pointer')
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, inner]): [string, unknown] => [key, unordered(inner)]),
  );
}

/**
 * Weights with one sum for all rules. Envoy takes the hash modulo the sum of the weights, so that
 * another sum would draw nearly everybody anew. No side that gets requests is rounded to none.
 */
export function scaledWeights(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((all, one) => all + one, 0);
  let behind = weights.filter((one) => one > 0).length;
  let [seen, edge] = [0, 0];
  return weights.map((weight) => {
    if (weight === 0) return 0;
    behind -= 1;
    seen += weight;
    const wanted = Math.round((seen * SCALE) / sum);
    const next = Math.min(Math.max(wanted, edge + 1), SCALE - behind);
    const share = next - edge;
    edge = next;
    return share;
  });
}

const SCALE = 1_000_000;
