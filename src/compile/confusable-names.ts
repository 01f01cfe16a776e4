import type { NativeDocument } from '../model/index.ts';
import type { Emit } from './groups.ts';
import type { Graph } from './graph.ts';

const MARKS = /[._-]/g;

/** Notes what a name looks like. One without marks looks like no other. */
export function emitName(
  { lookalikes }: Pick<Graph, 'lookalikes'>,
  emit: Emit,
  { id, kind, name }: NativeDocument,
): void {
  const form = name.replace(MARKS, '-');
  if (!form.includes('-')) return;
  emit(lookalikes, `${kind}/${form}`, { name, origin: { doc: id, pointer: '/name' } });
}

/** `cart-v1` beside `cart.v1`: a reference to the wrong one is no error, and is not seen. */
export function addNameChecks(graph: Graph): void {
  graph.cells.family({
    stage: 2,
    keys: graph.lookalikes,
    run: (key, read, emit) => {
      const [first, ...others] = read(graph.lookalikes, key);
      if (first === undefined) return;
      const kind = key.slice(0, key.indexOf('/'));
      for (const { name, origin } of others) {
        if (name === first.name) continue;
        const message =
          `the ${kind} "${name}" differs from "${first.name}" by . _ or - alone, and is easily ` +
          'taken for it; rename one';
        const related = [{ message: 'the other one', origin: first.origin }];
        emit(graph.found, '', { code: 'NAME_CONFUSABLE', message, origin, related });
      }
    },
  });
}
