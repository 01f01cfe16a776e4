import type { NativeDocument } from '../model/index.ts';
import type { Emit } from './groups.ts';
import type { Graph } from './graph.ts';

/** Documents that are named; the others are counted. */
const SHOWN_MAX = 5;

/** What a document says of its owner: one that has a team in its name says enough. */
export function emitOwner(
  { owned, ownerless }: Pick<Graph, 'owned' | 'ownerless'>,
  emit: Emit,
  { id, ownerFrom }: NativeDocument,
): void {
  if (ownerFrom === 'field') emit(owned, '', 'field');
  if (ownerFrom === 'name') emit(ownerless, '', id);
}

/**
 * Documents that nobody can be asked about, in a folder where others say who. One finding for all
 * of them: the first word of ownership in a large folder is no reason for a warning per document.
 */
export function addOwnerCheck(graph: Graph): void {
  graph.cells.family({
    stage: 2,
    keys: graph.ownerless,
    run: (key, read, emit) => {
      // First, so that a folder where nobody says an owner need not be kept in order.
      if (read(graph.owned, '').length === 0) return;
      const [first, ...others] = read(graph.ownerless, key);
      if (first === undefined) return;
      const who = others.length === 0 ? 'says' : `and ${others.length} more say`;
      const message =
        `this document ${who} no owner, while others do; write owner, or a name with a team, ` +
        'like shop/cart';
      const related = others
        .slice(0, SHOWN_MAX)
        .map((doc) => ({ message: 'another one', origin: { doc, pointer: '' } }));
      const origin = { doc: first, pointer: '/name' };
      emit(graph.found, '', { code: 'OWNER_MISSING', message, origin, related });
    },
  });
}
