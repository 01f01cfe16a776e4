import type { KindName, NativeDocument } from '../model/index.ts';
import { emitName } from './confusable-names.ts';
import { emitGroupUses } from './empty-groups.ts';
import type { Found } from './found.ts';
import { KIND_COMPILERS } from './generated/kinds.ts';
import type { Graph } from './graph.ts';
import { emitOwner } from './owners.ts';
import type { KindCompiler, KindContext } from './kinds/kind.ts';

/** Native documents → drafts, one by one. */
export function addNative(
  graph: Graph,
  tables: Pick<KindContext, 'certificates' | 'secrets' | 'pieces' | 'policies'>,
  forbidden: readonly string[],
): void {
  graph.cells.family({
    stage: 1,
    keys: graph.documents,
    run: (key, read, emit) => {
      const [document, ...others] = read(graph.documents, key);
      if (document === undefined) return;
      emitOwner(graph, emit, document);
      emitName(graph, emit, document);
      emitGroupUses(graph, emit, document);
      for (const other of others) emit(graph.found, '', duplicate(document, other));
      compile({ graph, forbidden, ...tables, read, emit }, document);
    },
  });
}

function compile<K extends KindName>(context: KindContext, document: NativeDocument<K>): void {
  const compiler: KindCompiler<K> = KIND_COMPILERS[document.kind];
  compiler(context, document);
}

function duplicate(first: NativeDocument, second: NativeDocument): Found {
  const origin = { doc: second.id, pointer: '/name' };
  const message = `two documents define the ${first.kind} "${first.name}"; rename or delete one`;
  const related = [{ message: 'the other one', origin: { doc: first.id, pointer: '/name' } }];
  return { code: 'NAME_DUPLICATE', message, origin, related };
}
