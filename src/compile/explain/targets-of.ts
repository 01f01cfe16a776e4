import type { Origin, Span } from '../../base/index.ts';
import type { WeightedTarget } from '../../model/index.ts';
import type { Effective, PolicyLookup } from '../effective.ts';
import { targetPolicies } from './applied-policies.ts';
import type { Shown } from './entry.ts';
import type { RouteOutcome } from './outcome.ts';
import type { RouteView } from './routes-of.ts';

/** A target with where it is named and where it is defined. */
export interface ExplainedTarget {
  readonly cluster: string;
  readonly share: number;
  readonly host: string | null;
  readonly place: Span | null;
  readonly defined: Span | null;
  /** Policy keys that it sets itself. */
  readonly policies: readonly string[];
  /** Those of them that may refuse the request. */
  readonly refusing: readonly string[];
}

interface Places {
  readonly resources: readonly Shown[];
  readonly place: (origin: Origin) => Span | null;
}

interface Of {
  readonly view: RouteView;
  readonly outcome: RouteOutcome;
  readonly effective: Effective;
  readonly policyOf: PolicyLookup;
}

export function targetsOf(places: Places, of: Of): readonly ExplainedTarget[] {
  const { outcome } = of;
  if (outcome.kind !== 'forward') return [];
  return outcome.targets.map((target): ExplainedTarget => {
    const named = namedAt(places, target.cluster, of);
    return { ...target, ...named, defined: definedAt(places, target.cluster) };
  });
}

function definedAt({ resources, place }: Places, cluster: string): Span | null {
  const found = resources.find(({ type, name }) => type === 'Cluster' && name === cluster);
  const [origin] = found?.parts[0]?.origins ?? [];
  return origin === undefined ? null : place(origin);
}

function namedAt(
  { place }: Places,
  cluster: string,
  { view, effective, policyOf }: Of,
): Pick<ExplainedTarget, 'place' | 'policies' | 'refusing'> {
  const { ranked, origin } = view;
  const action = ranked?.rule.action;
  if (origin === null || action?.kind !== 'forward') return NOWHERE;
  const { to } = action;
  if (to.kind !== 'weighted')
    return { ...NOWHERE, place: place({ ...origin, pointer: to.pointer }) };
  const target = to.targets.find((one) => one.cluster === cluster);
  if (target === undefined) return NOWHERE;
  const at = { ...origin, pointer: target.pointer };
  return { place: place(at), ...keysOf(target, origin, { effective, policyOf }) };
}

const NOWHERE = { place: null, policies: [], refusing: [] } as const;

function keysOf(
  { policies, cluster }: WeightedTarget,
  { doc }: Origin,
  { effective, policyOf }: Pick<Of, 'effective' | 'policyOf'>,
): Pick<ExplainedTarget, 'policies' | 'refusing'> {
  const at = { doc, set: policies, subject: `target "${cluster}"` };
  const applied = targetPolicies(at, effective, policyOf);
  const refusing = applied.filter(({ refusals }) => refusals.length > 0);
  return { policies: applied.map(({ key }) => key), refusing: refusing.map(({ key }) => key) };
}
