import type { NativeDocument } from '../../model/index.ts';
import { asksForClaims } from '../claim-groups.ts';
import type { PolicyLookup } from '../effective.ts';
import { takenByJwt, writtenByJwt } from '../lower/jwt-changes.ts';
import { appliedPolicies } from './applied-policies.ts';
import type { RouteView } from './routes-of.ts';

/** `header x-tier`, `query token`: what `jwt` writes or takes away before rules are chosen anew. */
export interface LateValues {
  readonly written: ReadonlySet<string>;
  readonly taken: ReadonlySet<string>;
}

export const NOTHING_LATE: LateValues = { written: new Set(), taken: new Set() };

interface Documents {
  readonly documents: readonly NativeDocument[];
  readonly listener: NativeDocument<'Listener'> | null;
  readonly policyOf: PolicyLookup;
}

/** Where a document has rules by claims, those of the host are chosen again after `jwt`. */
export function lateValues(
  { documents, listener, policyOf }: Documents,
  routes: readonly RouteView[],
): LateValues {
  const asking = documents.flatMap((one) =>
    one.kind === 'Route' && asksForClaims(one) ? [one] : [],
  );
  if (asking.length === 0) return NOTHING_LATE;
  const [written, taken] = [new Set<string>(), new Set<string>()];
  for (const { ranked } of routes) {
    if (ranked === null || ranked.isCatchAll) continue;
    const route = asking.find(({ name }) => name === ranked.document);
    if (route === undefined) continue;
    const { effective } = appliedPolicies({ listener, route, rule: ranked.rule }, policyOf);
    const providers = effective.jwt?.value ?? null;
    for (const name of writtenByJwt(providers).keys()) written.add(`header ${name}`);
    for (const place of takenByJwt(providers)) taken.add(place);
  }
  return { written, taken };
}
