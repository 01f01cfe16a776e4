import {
  createClientStatus,
  createHealth,
  createLoads,
  createLoadStats,
  createReflection,
  type GrpcMethod,
  type Loads,
  type Metrics,
  METHODS,
  type Registry,
  type Service,
} from '../server/index.ts';
import { matchGroups, type NodeInfo, type Revision, snapshotFor } from '../snapshot/index.ts';
import { createRedacted } from './redacted.ts';
import type { Revisions } from './revisions.ts';

export interface ServicesOptions {
  readonly metrics: Metrics;
  readonly revisions: Pick<Revisions, 'served' | 'since'>;
  readonly registry: Pick<Registry, 'statuses'>;
  /** How often nodes are asked to report their load, ms. */
  readonly loadIntervalMs: number;
  /** The descriptors of Envoy's API; null: reflection is off. */
  readonly descriptors: (() => Uint8Array) | null;
}

/** What the xDS port serves beside the streams of xDS. */
export interface Services {
  readonly methods: readonly GrpcMethod[];
  readonly loads: Loads;
  serving(isServing: boolean): void;
  /** Ends its streams. */
  close(): void;
}

export function createServices(options: ServicesOptions): Services {
  const loads = createLoads();
  const { metrics, revisions, registry, descriptors } = options;
  metrics.observeLoads(() => loads.inProgress());
  const loadStats = createLoadStats({
    loads,
    metrics,
    intervalMs: options.loadIntervalMs,
    clustersOf: (node) => clustersOf(revisions.served(), node),
  });
  const clientStatus = createClientStatus(() => registry.statuses(), {
    contentOf: createRedacted(),
    updatedAt: (resource) => revisions.since(resource),
  });
  const names = namesOf([...METHODS, ...loadStats.methods, ...clientStatus.methods]);
  const health = createHealth(new Set(names));
  const all: Service[] = [loadStats, clientStatus, health];
  if (descriptors !== null) {
    const services = [...names, ...namesOf(health.methods)];
    all.push(createReflection({ services, readDescriptors: descriptors }));
  }
  return {
    methods: all.flatMap(({ methods }) => methods),
    loads,
    serving: (isServing) => health.serving(isServing),
    close: () => {
      for (const service of all) service.close();
    },
  };
}

/** `/package.Service/Method`: the services, each once. */
const namesOf = (methods: readonly { readonly path: string }[]): readonly string[] => [
  ...new Set(methods.map(({ path }) => path.split('/')[1] ?? '')),
];

function clustersOf(revision: Revision | null, node: NodeInfo): readonly string[] {
  if (revision === null) return [];
  const { sets } = snapshotFor(revision, matchGroups(revision.groups, node));
  return [...(sets.get('Cluster')?.byName.keys() ?? [])];
}
