import { wholeOf, type KindCompiler } from './kind.ts';

/** What it sets is spelled where it applies. */
export const policy: KindCompiler<'Policy'> = ({ graph, emit }, document) =>
  emit(graph.policies, document.name, wholeOf(document));
