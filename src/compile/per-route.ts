import type { Read } from './cell.ts';
import type { Draft } from './draft.ts';
import type { Found } from './found.ts';
import type { Graph, TableServer } from './graph.ts';
import { decideWhoPasses } from './inspect/filters.ts';
import { heeds, type InstalledFilters } from './inspect/installed-filters.ts';

type Use = Draft['perRoute'][number];

/**
 * Each per-route config meets a filter that heeds it, in every listener that serves its routes:
 * Envoy drops the others in silence, and what they were to deny is let in.
 */
export function perRouteProofs(graph: Graph, read: Read, draft: Draft): readonly Found[] {
  if (draft.perRoute.length === 0) return [];
  const servers = serversOf(graph, read, draft);
  return draft.perRoute.flatMap((use) =>
    (servers ?? inlineServer(draft, use))
      .flatMap((server) => chainsOf(server, use))
      .filter(({ filters }) => !isHeeded(graph, read, filters, use))
      .filter(() => !isHeededUpstream(graph, read, draft, use))
      .map((chain) => failsOpen(use, chain)),
  );
}

interface Chain {
  readonly server: TableServer;
  readonly filters: InstalledFilters;
  /** The upgrade that has it; '' for all other requests. */
  readonly upgrade: string;
}

/** Upgrades with filters of their own may leave out what does not decide who may pass. */
function chainsOf(server: TableServer, { key, type, isSecurity }: Use): readonly Chain[] {
  // What only switches a filter on is of no type of its own.
  const switched = type === '' ? (server.filters.get(key)?.types ?? []) : [];
  const isNeeded = isSecurity || decideWhoPasses(switched);
  const upgrades = isNeeded ? server.upgrades : [];
  return [
    { server, filters: server.filters, upgrade: '' },
    ...upgrades.map((one) => ({ server, filters: one.filters, upgrade: one.type })),
  ];
}

/** Of all routes of the draft; null where each place has its own. */
function serversOf(graph: Graph, read: Read, draft: Draft): readonly TableServer[] | null {
  const { type, name } = draft.resource;
  switch (type) {
    case 'RouteConfiguration':
      return tableServers(graph, read, name);
    case 'VirtualHost':
      return tableServers(graph, read, name.slice(0, name.lastIndexOf('/')));
    case 'ScopedRouteConfiguration':
      return read(graph.servers, '*');
    default:
      return null;
  }
}

function tableServers(graph: Graph, read: Read, table: string): readonly TableServer[] {
  const scopes = read(graph.scopedTables, table);
  const scoped = scopes.length > 0 ? scopedServers(graph, read, scopes) : [];
  return [...read(graph.servers, table), ...scoped];
}

/** Every listener that has scopes gets all of its node; the shards of one are for itself alone. */
function scopedServers(
  graph: Graph,
  read: Read,
  scopes: readonly string[],
): readonly TableServer[] {
  const drafts = scopes.map((scope) => read(graph.drafts, `ScopedRouteConfiguration/${scope}`)[0]);
  const isOpen = drafts.some((draft) => draft?.source !== 'native');
  const owners = new Set(scopes.map((scope) => scope.slice(0, scope.indexOf('#'))));
  return read(graph.servers, '*').filter(({ listener }) => isOpen || owners.has(listener));
}

/** Routes that stand inside the listener itself, or inside an extension config of it. */
function inlineServer({ resource, managers, origin }: Draft, use: Use): readonly TableServer[] {
  const pointer = use.origin.pointer.slice(origin.pointer.length);
  const manager = managers.find((one) => pointer.startsWith(`${one.pointer}/`));
  if (manager === undefined) return [];
  const { filters, upgrades } = manager;
  return [{ listener: resource.name, filters, upgrades, origin }];
}

function isHeeded(graph: Graph, read: Read, filters: InstalledFilters, use: Use): boolean {
  const filter = filters.get(use.key);
  if (filter === undefined) return false;
  const extension = filter.isDiscovered
    ? read(graph.drafts, `TypedExtensionConfig/${use.key}`)[0]
    : undefined;
  return heeds(extension?.filterTypes ?? filter.types, use.type);
}

/** Whether every cluster that requests of this place can go to has a filter of its own for it. */
function isHeededUpstream(graph: Graph, read: Read, draft: Draft, use: Use): boolean {
  const { pointer } = use.origin;
  const scope = pointer.slice(0, pointer.lastIndexOf('/', pointer.lastIndexOf('/') - 1));
  const clusters = draft.refs.filter(
    ({ to, origin }) => to.type === 'Cluster' && origin.pointer.startsWith(`${scope}/`),
  );
  return (
    clusters.length > 0 &&
    clusters.every(({ to }) => {
      const cluster = read(graph.drafts, `Cluster/${to.name}`)[0];
      return cluster !== undefined && isHeeded(graph, read, cluster.upstreamFilters, use);
    })
  );
}

function failsOpen({ key, type, origin }: Use, { server, filters, upgrade }: Chain): Found {
  const of = upgrade === '' ? '' : `the upgrade "${upgrade}" of `;
  const where = `${of}the listener "${server.listener}", which serves this table`;
  const message = filters.has(key)
    ? `the filter "${key}" of ${where}, takes no ${type}: it would be ignored in silence; ` +
      'name the filter that it is for'
    : `the filter "${key}" is not installed in ${where}: its config would be ignored in ` +
      'silence; install it there';
  const related = [{ message: 'the listener', origin: server.origin }];
  return { code: 'POLICY_FAILS_OPEN', message, origin, related };
}
