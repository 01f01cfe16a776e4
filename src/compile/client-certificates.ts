import type { DocumentId } from '../base/index.ts';
import { policySetsOf, type NativeDocument, type PolicyUse } from '../model/index.ts';
import type { Found } from './found.ts';
import type { CertificateCondition, Graph } from './graph.ts';
import type { KindContext } from './kinds/kind.ts';
import { ruleSubject } from './lower/route.ts';
import { policiesIn } from './policy-rules.ts';

/** Rules that match by certificates of clients, where no listener of theirs asks for any. */
export function certificateFindings(
  context: Pick<KindContext, 'graph' | 'read'>,
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
  const asked = listeners.flatMap((listener) => asksForThem(context, listener) ?? []);
  return asked.some(Boolean) || asked.length === 0 ? [] : found;
}

/** The conditions that a document sets or names, on each of the listeners that they apply on. */
export function emitCertificateConditions(
  context: Pick<KindContext, 'graph' | 'read' | 'emit'>,
  document: NativeDocument<'Listener' | 'Route'>,
  listeners: readonly string[],
): void {
  const { graph, read, emit } = context;
  const policyOf = policiesIn(graph, read);
  const conditions = policySetsOf(document).flatMap(({ own, named }) => [
    ...own.flatMap((use) => conditionsOf(document.id, use)),
    ...named.flatMap(({ name }) => {
      const policy = policyOf(name);
      return policy?.value.uses.flatMap((use) => conditionsOf(policy.id, use)) ?? [];
    }),
  ]);
  if (conditions.length === 0) return;
  for (const isAsked of new Set(listeners.flatMap((one) => asksForThem(context, one) ?? []))) {
    for (const one of conditions) {
      emit(graph.certificateConditions, `${one.origin.doc}\n${one.origin.pointer}`, {
        ...one,
        isAsked,
      });
    }
  }
}

function conditionsOf(
  doc: DocumentId,
  { key, value, pointer }: PolicyUse,
): readonly Omit<CertificateCondition, 'isAsked'>[] {
  if (key !== 'authorize' || value === null) return [];
  return (['allow', 'deny'] as const).flatMap((list) =>
    value[list].flatMap(({ certificates }, index) => {
      if (certificates.length === 0) return [];
      const origin = { doc, pointer: `${pointer}/${list}/${index}/certificate` };
      return [{ origin, isDenied: list === 'deny' }];
    }),
  );
}

/** Null where there is no such listener. */
function asksForThem(
  { graph, read }: Pick<KindContext, 'graph' | 'read'>,
  name: string,
): boolean | null {
  const [listener] = read(graph.documents, `Listener/${name}`);
  return listener?.kind === 'Listener' ? (listener.value.tls?.clients ?? null) !== null : null;
}

/**
 * Conditions that hold on no listener that they apply on. Whom they let in stays out, and that is
 * told; whom they keep out comes in, and that is refused.
 */
export function addCertificateChecks(graph: Graph): void {
  graph.cells.family({
    stage: 2,
    keys: graph.certificateConditions,
    run: (key, read, emit) => {
      const all = read(graph.certificateConditions, key);
      const [first] = all;
      if (first === undefined || all.some(({ isAsked }) => isAsked)) return;
      const { origin, isDenied } = first;
      const what = isDenied ? 'denies' : 'lets in';
      const message =
        `it ${what} by certificates of clients, and no listener that this applies on asks for ` +
        `any, so that nobody is ${isDenied ? 'denied' : 'let in'}; add tls.clients to one`;
      emit(graph.found, '', {
        code: 'CLIENTS_NOT_ASKED',
        message,
        origin,
        related: [],
        ...(isDenied ? { severity: 'error' } : {}),
      });
    },
  });
}
