import type { NativeDocument } from '../model/index.ts';
import type { Found } from './found.ts';
import type { KindContext } from './kinds/kind.ts';
import { ruleSubject } from './lower/route.ts';

/** Rules that match by certificates of clients, where no listener of theirs asks for any. */
export function certificateFindings(
  { graph, read }: Pick<KindContext, 'graph' | 'read'>,
  { id, name, value }: NativeDocument<'Route'>,
  listeners: readonly string[],
): readonly Found[] {
  const found = value.rules.flatMap(({ name: rule, matches }) =>
    matches.flatMap(({ conditions: { certificate } }): readonly Found[] => {
      if (certificate === null) return [];
      const message =
        `${ruleSubject(name, rule)}: it matches by certificates of clients, and no listener of ` +
        'this route asks for any; add tls.clients to one';
      const origin = { doc: id, pointer: certificate.pointer };
      return [{ code: 'CLIENTS_NOT_ASKED', message, origin, related: [] }];
    }),
  );
  if (found.length === 0 || listeners.length === 0) return [];
  const documents = listeners.flatMap((listener) => read(graph.documents, `Listener/${listener}`));
  const asks = documents.some(
    (one) => one.kind === 'Listener' && (one.value.tls?.clients ?? null) !== null,
  );
  return asks || documents.length === 0 ? [] : found;
}
