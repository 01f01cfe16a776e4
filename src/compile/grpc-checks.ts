import type { DiagnosticCode, Severity } from '../base/index.ts';
import type { Read } from './cell.ts';
import type { Draft } from './draft.ts';
import type { Found } from './found.ts';
import type { Graph } from './graph.ts';
import type { GrpcNote, GrpcSide } from './inspect/notes.ts';
import { nounOf } from './nouns.ts';

/**
 * What gRPC says of its listeners and all that they lead to: it gets the same resources as Envoys,
 * and refuses, or passes over, what those take.
 */
export function addGrpcChecks(graph: Graph): void {
  graph.cells.family({
    stage: 5,
    keys: graph.grpcListeners,
    run: (name, read, emit) => {
      const listener = read(graph.finals, `Listener/${name}`)[0];
      if (listener === undefined || listener.grpcSide === null) return;
      for (const draft of reached(graph, read, listener)) {
        for (const found of foundIn(draft, listener, listener.grpcSide)) {
          emit(graph.found, '', found);
        }
      }
    },
  });
}

/** The types that gRPC asks for. */
const ASKED: ReadonlySet<string> = new Set([
  'RouteConfiguration',
  'Cluster',
  'ClusterLoadAssignment',
]);

function* reached(graph: Graph, read: Read, listener: Draft): Iterable<Draft> {
  const drafts = new Map([[`Listener/${listener.resource.name}`, listener]]);
  for (const draft of drafts.values()) {
    yield draft;
    for (const { type, name } of draft.resource.refs) {
      const key = `${type}/${name}`;
      const next = ASKED.has(type) && !drafts.has(key) ? read(graph.finals, key)[0] : undefined;
      if (next !== undefined) drafts.set(key, next);
    }
  }
}

function foundIn(draft: Draft, listener: Draft, side: GrpcSide): readonly Found[] {
  const related =
    draft === listener
      ? []
      : [{ message: `gRPC ${side}s get it by this listener`, origin: listener.origin }];
  const own = draft.grpc.filter((note) => note.side === null || note.side === side);
  const found = own.map(({ effect, subject, words, origin }): Found => ({
    ...KINDS[effect],
    message: `${subject}: ${words}`,
    origin,
    related,
  }));
  return isOfEnvoys(draft) ? [foreignTable(draft, listener), ...found] : found;
}

const KINDS = Object.freeze({
  refused: { code: 'GRPC_REFUSED' },
  ignored: { code: 'GRPC_IGNORED' },
  open: { code: 'POLICY_FAILS_OPEN' },
}) satisfies Readonly<
  Record<GrpcNote['effect'], { readonly code: DiagnosticCode; readonly severity?: Severity }>
>;

/** Its rules are not looked at one by one: they have the filters of a native listener. */
const isOfEnvoys = ({ source, resource }: Draft): boolean =>
  source === 'native' && resource.type === 'RouteConfiguration';

function foreignTable({ resource, origin }: Draft, listener: Draft): Found {
  const { type, name } = resource;
  const message =
    `${nounOf(type)} "${name}" is that of a listener for Envoys, and gRPC refuses its filters; ` +
    'write one for gRPC';
  const at = listener.refs.find(({ to }) => to.type === type && to.name === name);
  const related = [{ message: 'the listener for Envoys', origin }];
  return { code: 'GRPC_REFUSED', message, origin: at?.origin ?? listener.origin, related };
}
