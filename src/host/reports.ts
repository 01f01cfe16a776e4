import type { Mono, Span } from '../base/index.ts';
import type { ClientReport, Rejection, TypeReport } from '../delivery/index.ts';
import {
  type NodeCount,
  type NodeLoads,
  type NodeReport,
  type NodeTypeReport,
  type NodeView,
  oneLine,
  type PolledView,
  type PollReport,
  reportPlace,
  type StatusReport,
} from '../server/index.ts';
import { type Lack, type TypeId, typeRow } from '../snapshot/index.ts';
import { lackText, shownOf } from './lacks.ts';
import { byNode } from './one-node.ts';

/** How the owners' views become what people and scripts read. */
export interface NodeReportContext {
  readonly wallOf: (at: Mono) => number;
  readonly spansOf: (view: NodeView, rejection: Rejection) => readonly Span[];
  readonly placeOf: (lack: Lack) => Span | null;
  readonly loadsOf: (node: string) => NodeLoads | null;
}

export function reportNode(view: NodeView, context: NodeReportContext): NodeReport {
  const { node, report, floorMissed } = view;
  const { region, zone, subZone } = node;
  const isServed = view.isConnected && floorMissed === null;
  return {
    id: node.id,
    cluster: node.cluster,
    groups: view.groups,
    userAgent: node.userAgent,
    agentVersion: node.agentVersion,
    envoyVersion: node.envoyVersion,
    locality: { region, zone, subZone },
    wire: view.wire,
    connected: view.isConnected,
    since: new Date(view.since).toISOString(),
    running: isServed && report?.isRunning === true,
    inStep: isServed && report?.isInStep === true,
    floorMissed,
    unsupported: shownOf(view.lacking).map((lack) => reportLack(lack, context)),
    phase: phaseOf(view),
    streams: view.isConnected ? 1 : 0,
    connections: view.isConnected ? 1 : 0,
    types: (report?.types ?? []).map((type) => reportType(view, type, context)),
    load: reportLoad(context.loadsOf(node.id)),
  };
}

function reportLack(lack: Lack, { placeOf }: NodeReportContext): NodeReport['unsupported'][number] {
  const { resource, extension } = lack;
  const span = placeOf(lack);
  return {
    code: 'NODE_UNSUPPORTED',
    type: typeRow(resource.type).short,
    name: resource.name,
    extension,
    through: lack.through ?? null,
    message: lackText(lack),
    origin: span === null ? null : reportPlace(span),
  };
}

function reportLoad(loads: NodeLoads | null): NodeReport['load'] {
  if (loads === null) return null;
  const { reports, localities, drops } = loads;
  return { reports, localities, dropped: Object.fromEntries(drops) };
}

export const reportPolled = ({ node, groups, via, at, types }: PolledView): PollReport => ({
  id: node.id,
  cluster: node.cluster,
  groups,
  envoyVersion: node.envoyVersion,
  via,
  lastRequest: new Date(at).toISOString(),
  types: types.map(({ type, seen, isCurrent }) => ({
    type: typeRow(type).short,
    seen,
    current: isCurrent,
  })),
});

function phaseOf({ floorMissed, report }: NodeView): string {
  if (floorMissed !== null) return `older than Envoy ${floorMissed}: gets nothing new`;
  return report?.phase ?? 'unserved';
}

function reportType(
  view: NodeView,
  type: TypeReport,
  { wallOf, spansOf }: NodeReportContext,
): NodeTypeReport {
  const { pendingSince, rejections } = type;
  return {
    type: typeRow(type.type).short,
    subscribed: type.subscribed,
    sent: type.sentVersion,
    acked: type.ackedVersion,
    nacked: type.nackedVersion,
    pendingSince: pendingSince === null ? null : new Date(wallOf(pendingSince)).toISOString(),
    waitsFor: type.waitsFor,
    error: wordsOf(rejections.at(-1)),
    rejected: rejections.map((rejection) => ({
      name: rejection.key.name,
      version: rejection.version,
      error: oneLine(rejection.error.message),
      origins: spansOf(view, rejection).map(reportPlace),
    })),
  };
}

const wordsOf = (rejection: Rejection | undefined): string | null =>
  rejection === undefined ? null : oneLine(rejection.error.message);

const isNacked = (report: ClientReport | null): boolean =>
  report?.types.some(({ rejections }) => rejections.length > 0) === true;

/**
 * Connected nodes by what they run; each is in step, pending, refusing, without what
 * some resource needs, or too old to be served.
 * What a node runs, each of its streams says of itself.
 */
export function countNodes(views: readonly NodeView[]): StatusReport['nodes'] {
  const connected = byNode(views.filter(({ isConnected }) => isConnected));
  const served = connected.filter((streams) =>
    streams.every(({ floorMissed }) => floorMissed === null),
  );
  const refuses = (streams: readonly NodeView[]): boolean =>
    streams.some(({ report }) => isNacked(report));
  const nacked = served.filter(refuses).length;
  const lacks = (streams: readonly NodeView[]): boolean =>
    streams.some(({ lacking }) => lacking.length > 0);
  const unsupported = served.filter((streams) => !refuses(streams) && lacks(streams)).length;
  const inStep = served.filter(
    (streams) =>
      !refuses(streams) &&
      !lacks(streams) &&
      streams.every(({ report }) => report?.isInStep === true),
  ).length;
  const pending = served.length - nacked - unsupported - inStep;
  const running = served.filter((streams) =>
    streams.every(({ report }) => report?.isRunning === true),
  ).length;
  const tooOld = connected.length - served.length;
  return { connected: connected.length, running, inStep, pending, nacked, tooOld, unsupported };
}

/** Nodes that are too old to be served, by group; a node in several counts in each. */
export const countTooOld = (views: readonly NodeView[]): ReadonlyMap<string, number> =>
  countWhere(views, ({ floorMissed }) => floorMissed !== null);

/** The same of nodes that cannot take all that there is for them. */
export const countUnsupported = (views: readonly NodeView[]): ReadonlyMap<string, number> =>
  countWhere(views, ({ lacking }) => lacking.length > 0);

function countWhere(
  views: readonly NodeView[],
  isCounted: (view: NodeView) => boolean,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [view] of byNode(views)) {
    if (!view.isConnected || !isCounted(view)) continue;
    const { groups } = view;
    for (const group of groups.length === 0 ? [''] : groups) {
      counts.set(group, (counts.get(group) ?? 0) + 1);
    }
  }
  return counts;
}

/** The same for each group and type, for metrics; nodes without a group count under ''. */
export function countByGroup(views: readonly NodeView[]): readonly NodeCount[] {
  const counts = new Map<string, Tally>();
  for (const { isConnected, floorMissed, groups, report } of views) {
    if (!isConnected || floorMissed !== null || report === null) continue;
    for (const group of groups.length === 0 ? [''] : groups) {
      for (const type of report.types) tallyOf(counts, group, type.type)[stateOf(type)] += 1;
    }
  }
  return [...counts.values()].map(({ group, type, inStep, nacked, pending }) => {
    return { group, type, inStep, nacked, pending, connected: inStep + nacked + pending };
  });
}

interface Tally {
  readonly group: string;
  readonly type: TypeId;
  inStep: number;
  nacked: number;
  pending: number;
}

function tallyOf(counts: Map<string, Tally>, group: string, type: TypeId): Tally {
  const key = `${type}/${group}`;
  const found = counts.get(key) ?? { group, type, inStep: 0, nacked: 0, pending: 0 };
  counts.set(key, found);
  return found;
}

function stateOf({ rejections, pendingSince }: TypeReport): 'nacked' | 'pending' | 'inStep' {
  if (rejections.length > 0) return 'nacked';
  return pendingSince === null ? 'inStep' : 'pending';
}
