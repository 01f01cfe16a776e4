import type { NativeDocument } from '../../model/index.ts';
import { notFound, type Found } from '../found.ts';
import { targetFindings } from '../lower/route.ts';
import { emitLowered, tell, wholeOf, type KindCompiler, type KindContext } from './kind.ts';

export const route: KindCompiler<'Route'> = (context, document) => {
  const { graph, read, emit, pieces } = context;
  const { name, value } = document;
  const { listeners, found } = listenersOf(context, document);
  tell(context, found);
  for (const listener of listeners) {
    emit(graph.attached, listener, { route: name, hosts: value.hosts });
  }
  for (const piece of read(pieces, name).pieces) {
    tell(context, piece.found);
    for (const ref of piece.refs) emit(graph.references, `Route/${name}`, ref);
    for (const cluster of piece.clusters) emitLowered(context, cluster, { isShared: true });
  }
  for (const rule of value.rules) {
    if (rule.action.kind !== 'forward') continue;
    const origin = { doc: document.id, pointer: `${rule.pointer}/to` };
    tell(context, targetFindings(rule.action.to, origin));
  }
};

interface RouteListeners {
  readonly listeners: readonly string[];
  readonly found: readonly Found[];
}

function listenersOf(
  { graph, read }: KindContext,
  document: NativeDocument<'Route'>,
): RouteListeners {
  const { listeners } = document.value;
  const origin = wholeOf(document);
  const subject = `route "${document.name}"`;
  if (listeners !== null) {
    const found = listeners.flatMap((listener, index): readonly Found[] => {
      if (read(graph.documents, `Listener/${listener}`).length > 0) return [];
      const place = { doc: document.id, pointer: `/listeners/${index}` };
      return [notFound(place, { type: 'Listener', name: listener, noun: 'listener', subject })];
    });
    return { listeners, found };
  }
  const all = read(graph.listeners, '');
  const defaults = all.filter(({ isDefault }) => isDefault);
  const candidates = defaults.length > 0 ? defaults : all;
  const [only, another] = candidates;
  if (only !== undefined && another === undefined) return { listeners: [only.name], found: [] };
  if (only === undefined) {
    const message = `${subject}: no Listener exists; add one`;
    const lacks = { type: 'Listener', name: null };
    const found: Found = { code: 'REF_NOT_FOUND', message, origin, related: [], lacks };
    return { listeners: [], found: [found] };
  }
  const names = candidates.map(({ name }) => `"${name}"`).join(', ');
  const message =
    `${subject}: it could go on any of the listeners ${names}; ` + `name some in \`listeners\``;
  const related = candidates.slice(0, 5).map((l) => ({ message: 'a listener', origin: l.origin }));
  return { listeners: [], found: [{ code: 'REF_AMBIGUOUS', message, origin, related }] };
}
