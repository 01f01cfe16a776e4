import type { NativeDocument } from '../model/index.ts';
import { canNeverMeet } from './addresses.ts';
import type { Read } from './cell.ts';
import { toDraft, walk, type Draft, type DraftInput } from './draft.ts';
import type { Found } from './found.ts';
import { emitDraft, type Graph, type TableServer } from './graph.ts';
import { listenerOf } from './host-bodies.ts';
import { scopesOf } from './lower/tables.ts';

/** Scopes of sharded listeners: which shard is which table. */
export function addScopes(graph: Graph): void {
  const { cells } = graph;
  // What a scope takes from its listener, and no more: other edits encode none of them again.
  const owners = cells.rule(
    (name, read): Owner | null => {
      const listener = listenerOf(graph, read, name);
      if (listener?.value.isSharded !== true) return null;
      return { name, doc: listener.id, nodes: listener.value.nodes };
    },
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
  );
  cells.family({
    stage: 2,
    keys: graph.tableNames,
    run: (name, read, emit) => {
      const owner = read(owners, name);
      if (owner === null) return;
      for (const draft of draftsOf(graph, owner)) emitDraft(graph, emit, draft);
    },
  });
  addScopeServers(graph);
}

type Owner = Pick<NativeDocument<'Listener'>, 'name'> & {
  readonly doc: NativeDocument['id'];
  readonly nodes: readonly string[] | null;
};

const draftsOf = (graph: Graph, { name, doc, nodes }: Owner): readonly Draft[] =>
  scopesOf(name).map((value) => {
    const origin = { doc, pointer: '/shards' };
    const input: DraftInput = {
      type: 'ScopedRouteConfiguration',
      name: value.name,
      value,
      origin,
      source: 'native',
      nodes,
      originAt: () => origin,
    };
    return toDraft(graph.schema, input, walk(graph.schema, input));
  });

/**
 * Envoy gives every scope to every listener that has scopes. Those of sharded listeners tell their
 * keys apart; of one that a raw file writes, clients may say any key.
 */
function addScopeServers(graph: Graph): void {
  const matches = graph.groupMatches;
  graph.cells.family({
    stage: 5,
    keys: graph.tableNames,
    run: (name, read, emit) => {
      const listener = listenerOf(graph, read, name);
      if (listener?.value.isSharded !== true) return;
      const other = read(graph.servers, '*').find(
        (one) =>
          listenerOf(graph, read, one.listener)?.value.isSharded !== true &&
          !canNeverMeet(read, matches, listener.value.nodes, nodesOf(graph, read, one)),
      );
      if (other !== undefined) emit(graph.found, '', conflictOf(listener, other));
    },
  });
}

const nodesOf = (graph: Graph, read: Read, { listener }: TableServer): readonly string[] | null =>
  read(graph.drafts, `Listener/${listener}`)[0]?.nodes ?? null;

const conflictOf = (listener: NativeDocument<'Listener'>, other: TableServer): Found => ({
  code: 'SHARD_CONFLICT',
  message:
    `the listener "${listener.name}" has shards, and the raw listener "${other.listener}" has ` +
    'scopes of its own; one Envoy gives the scopes of each to both, so that clients of the one ' +
    'could get to the routes of the other; keep shards here, or scopes there',
  origin: { doc: listener.id, pointer: '/shards' },
  related: [{ message: 'the other one', origin: other.origin }],
});
