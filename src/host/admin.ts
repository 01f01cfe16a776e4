import {
  compareText,
  type Diagnostic,
  type Mono,
  moreOf,
  redactCredentials,
} from '../base/index.ts';
import type { EngineReport } from '../engine/index.ts';
import type { Rendered } from '../ingest/index.ts';
import {
  AdminError,
  type AdminPort,
  type Loads,
  type Metrics,
  type NodeReport,
  type NodeView,
  type Registry,
  reportDiagnostic,
  type StatusReport,
} from '../server/index.ts';
import { type Entry, type Revision, typeRow, TYPES, type ViewKey } from '../snapshot/index.ts';
import type { Store } from '../store/index.ts';
import type { Applies } from './applies.ts';
import { documentsReport } from './documents-report.ts';
import type { Lacks } from './lacks.ts';
import type { Nacks } from './nacks.ts';
import { byNode, connectionsOf, pageOf, reportOfNode } from './one-node.ts';
import { countNodes, reportNode, reportPolled } from './reports.ts';

export interface AdminParts {
  readonly version: string;
  readonly source: string;
  readonly registry: Registry;
  readonly metrics: Metrics;
  readonly loads: Loads;
  readonly nacks: Nacks;
  readonly lacks: Lacks;
  readonly applies: Applies;
  readonly engine: () => EngineReport;
  /** What was accepted before this process began: known before the engine knows it. */
  readonly head: () => Entry | null;
  readonly served: () => Revision | null;
  /** The xDS port is open. */
  readonly isOpen: () => boolean;
  /** Why it is not, where it should be. */
  readonly xdsTrouble: () => string | null;
  /** May reject while the compile process is being restarted. */
  readonly render: (view: ViewKey) => Promise<readonly Rendered[]>;
  readonly store: Pick<Store, 'restore'>;
  readonly now: () => Mono;
  readonly wall: () => number;
}

/** Answers the admin port by asking the owners; it keeps nothing. */
export function createAdminPort(parts: AdminParts): AdminPort {
  const { registry, metrics, nacks, lacks, engine, head, wall, now } = parts;
  const startedAt = wall();
  return {
    isReady: () => parts.served() !== null && parts.isOpen(),
    xdsTrouble: () => parts.xdsTrouble(),
    status: () => statusOf(parts, startedAt),
    nodes: async (page) => {
      const nodes = pageOf(byNode(registry.nodes()), page);
      const views = nodes.flat();
      // What these views show was told as facts, which come at the end of the turn.
      await new Promise(setImmediate);
      const [spansOf, placeOf] = await Promise.all([nacks.locate(views), lacks.locate(views)]);
      const wallOf = (at: Mono): number => wall() - (now() - at);
      const context = { spansOf, placeOf, wallOf, loadsOf: (id: string) => parts.loads.of(id) };
      const reportOf = (view: NodeView): NodeReport => reportNode(view, context);
      return nodes.map(([first, ...others]) => ({
        ...reportOfNode(reportOf(first), others.map(reportOf)),
        connections: connectionsOf([first, ...others]),
      }));
    },
    polls: () =>
      registry.fetch
        .polls()
        .map(reportPolled)
        .sort((a, b) => compareText(a.id, b.id)),
    snapshot: (query) => snapshotOf(parts, query),
    documents: () => documentsReport(parts),
    apply: async ({ allowRemovals }) => {
      const outcome = await parts.applies.apply({ kind: 'apply', allowRemovals });
      const { accepted, input } = engine();
      const diagnostics = input.diagnostics.map(reportDiagnostic);
      return { outcome, revision: (accepted ?? head())?.seq ?? null, diagnostics };
    },
    metrics: () => metrics.text(),
  };
}

function statusOf(
  { version, source, engine, head, registry }: AdminParts,
  at: number,
): StatusReport {
  const { input, ...report } = engine();
  const accepted = report.accepted ?? head();
  return {
    version,
    source,
    input: {
      state: input.state,
      since: new Date(input.since === 0 ? at : input.since).toISOString(),
      diagnostics: input.diagnostics.map(reportDiagnostic),
      total: totalOf(input.diagnostics),
    },
    accepted:
      accepted === null
        ? null
        : { revision: accepted.seq, hash: accepted.revision, time: accepted.at },
    nodes: countNodes(registry.nodes()),
  };
}

/** It is served from the compiled cache, and this process has not compiled it, or cannot. */
const notCompiled = (): AdminError =>
  new AdminError(503, 'NOT_COMPILED', 'what is served was not compiled here yet; see /v1/status');

/** One of a list that is cut stands for those that are not in it. */
function totalOf(found: readonly Diagnostic[]): number {
  const more = moreOf(found);
  return more === 0 ? found.length : found.length - 1 + more;
}

async function snapshotOf(
  { served, render }: AdminParts,
  query: { readonly view: string; readonly type: string | null },
): Promise<unknown> {
  const revision = served();
  if (revision === null) throw new AdminError(503, 'NOT_READY', 'no revision is served yet');
  const view = [...revision.views.keys()].find((key) => key === query.view);
  if (view === undefined) {
    throw new AdminError(404, 'GROUP_UNKNOWN', `there is no NodeGroup "${query.view}"`);
  }
  const row = TYPES.find(({ id, short, url }) => [id, short, url].some((n) => n === query.type));
  if (query.type !== null && row === undefined) {
    throw new AdminError(400, 'TYPE_UNKNOWN', `there is no resource type "${query.type}"`);
  }
  const rendered = await render(view).catch(() => {
    throw new AdminError(503, 'COMPILER_AWAY', 'the compile process is being restarted; try again');
  });
  const sets = [...(revision.views.get(view)?.sets.values() ?? [])];
  if (rendered.length === 0 && sets.some(({ byName }) => byName.size > 0)) throw notCompiled();
  return {
    revision: revision.id,
    group: view,
    resources: rendered
      .filter(({ key }) => row === undefined || key.type === row.id)
      .map(({ key, version, json }) => {
        const { short, url } = typeRow(key.type);
        return {
          type: short,
          typeUrl: url,
          name: key.name,
          version,
          resource: redactCredentials(json),
        };
      }),
  };
}
