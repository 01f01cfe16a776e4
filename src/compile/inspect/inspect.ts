import type { Visit } from '../../schema/index.ts';
import { ADDRESSES } from './addresses.ts';
import { CLUSTER_LIMITS } from './cluster-limits.ts';
import { SOURCES } from './config-sources.ts';
import { DELTA_ONLY } from './delta-only.ts';
import { EXTENSION_USES } from './extension-uses.ts';
import { EXTENSIONS } from './extensions.ts';
import { FILTER_RULES } from './filters.ts';
import { FORMAT_RULES } from './formats.ts';
import { CLAIMS } from './hosts.ts';
import { LISTENER_LIMITS } from './listener-limits.ts';
import { GRPC_CLUSTERS } from './grpc-clusters.ts';
import { GRPC_LISTENERS } from './grpc-listeners.ts';
import { GRPC_POLICIES } from './grpc-policies.ts';
import { GRPC_ROUTES } from './grpc-routes.ts';
import type { InspectionRule, Notes } from './notes.ts';
import { REFERENCES } from './references.ts';
import { LOCALITIES } from './names.ts';
import { ROUTE_LIMITS } from './route-limits.ts';
import { noteSecrets } from './secrets.ts';

/** Notes what one message of a walk says. The same for raw and native resources. */
export function inspect(visit: Visit, notes: Notes): void {
  for (const rule of RULES.get(visit.message) ?? []) rule(visit, notes);
  if (notes.isOfGrpc) for (const rule of OF_GRPC.get(visit.message) ?? []) rule(visit, notes);
  if (visit.sensitive.length > 0) noteSecrets(visit, notes);
}

// Filters come first: they note the route that references stand in.
const RULES: ReadonlyMap<string, readonly InspectionRule[]> = collect([
  FILTER_RULES,
  REFERENCES,
  SOURCES,
  ADDRESSES,
  CLAIMS,
  ROUTE_LIMITS,
  LISTENER_LIMITS,
  CLUSTER_LIMITS,
  LOCALITIES,
  EXTENSIONS,
  EXTENSION_USES,
  DELTA_ONLY,
  FORMAT_RULES,
]);

const OF_GRPC = collect([GRPC_LISTENERS, GRPC_ROUTES, GRPC_CLUSTERS, GRPC_POLICIES]);

function collect(
  tables: readonly Readonly<Record<string, InspectionRule>>[],
): ReadonlyMap<string, readonly InspectionRule[]> {
  const all = new Map<string, InspectionRule[]>();
  for (const table of tables) {
    for (const [message, rule] of Object.entries(table)) {
      const rules = all.get(message);
      if (rules === undefined) all.set(message, [rule]);
      else rules.push(rule);
    }
  }
  return all;
}
