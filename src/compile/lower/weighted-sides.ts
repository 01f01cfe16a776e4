import { compareText } from '../../base/index.ts';
import type { PolicySet, WeightedTarget } from '../../model/index.ts';

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
function policiesText({ policies, pointer }: WeightedTarget): string {
  const named = policies.named.map(({ name }) => name).sort(compareText);
  return JSON.stringify([named, ownValues(policies)], (key, value: unknown) => {
    if (key === 'pointer' && typeof value === 'string' && value.startsWith(`${pointer}/`)) {
      return value.slice(pointer.length);
    }
    return isMap(value) ? sorted(value) : value;
  });
}

const ownValues = ({ own }: PolicySet): readonly unknown[] =>
  own.map(({ key, value }) => [key, value]);

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sorted = (map: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => compareText(a, b)));

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
