import { LIMITS } from '../../base/index.ts';
import type { LoadReport, LocalityLoad } from './decode-loads.ts';

/** Where what is over the limit is counted. */
export const OTHERS = '(others)';

/** What one node has reported since its stream began. */
export interface NodeLoads {
  readonly reports: number;
  readonly localities: readonly LocalityLoad[];
  readonly drops: ReadonlyMap<string, number>;
}

/** Sums of load reports, by node (LRS-02). */
export interface Loads {
  add(node: string, report: LoadReport): void;
  of(node: string): NodeLoads | null;
  /** Requests in progress by cluster, over all nodes. */
  inProgress(): ReadonlyMap<string, number>;
  /** The node reports no more. */
  forget(node: string): void;
}

interface Sums {
  reports: number;
  readonly localities: Map<string, LocalityLoad>;
  readonly drops: Map<string, number>;
}

export function createLoads(): Loads {
  const byNode = new Map<string, Sums>();
  const sumsOf = (node: string): Sums => {
    const sums = byNode.get(node) ?? newSums();
    byNode.set(node, sums);
    return sums;
  };
  return {
    add: (node, { localities, drops }) => {
      const sums = sumsOf(node);
      sums.reports += 1;
      for (const load of localities) addLocality(sums.localities, load);
      for (const { cluster, dropped } of drops) {
        const name = within(sums.drops, cluster) ? cluster : OTHERS;
        sums.drops.set(name, (sums.drops.get(name) ?? 0) + dropped);
      }
    },
    of: (node) => {
      const sums = byNode.get(node);
      if (sums === undefined) return null;
      return { ...sums, localities: [...sums.localities.values()] };
    },
    inProgress: () => {
      const found = new Map<string, number>();
      for (const { localities } of byNode.values()) {
        for (const { cluster, inProgress } of localities.values()) {
          const name = within(found, cluster) ? cluster : OTHERS;
          found.set(name, (found.get(name) ?? 0) + inProgress);
        }
      }
      return found;
    },
    forget: (node) => void byNode.delete(node),
  };
}

const newSums = (): Sums => ({
  reports: 0,
  localities: new Map<string, LocalityLoad>(),
  drops: new Map<string, number>(),
});

function addLocality(into: Map<string, LocalityLoad>, load: LocalityLoad): void {
  const own = keyOf(load);
  const isWithin = within(into, own);
  const key = isWithin ? own : OTHERS;
  const before = into.get(key) ?? (isWithin ? { ...load, ...NONE } : REST);
  into.set(key, {
    ...before,
    successes: before.successes + load.successes,
    errors: before.errors + load.errors,
    issued: before.issued + load.issued,
    inProgress: isWithin ? load.inProgress : before.inProgress + load.inProgress,
  });
}

/** What is there already, or has room. */
const within = (map: ReadonlyMap<string, unknown>, key: string): boolean =>
  map.has(key) || map.size < LIMITS.loadRowsMax;

const NONE = { successes: 0, errors: 0, issued: 0, inProgress: 0 } as const;

const REST: LocalityLoad = Object.freeze({
  ...{ cluster: OTHERS, service: '', region: '', zone: '', subZone: '', priority: 0 },
  ...NONE,
});

const keyOf = ({ cluster, service, region, zone, subZone, priority }: LocalityLoad): string =>
  JSON.stringify([cluster, service, region, zone, subZone, priority]);
