import type { Origin } from '../base/index.ts';
import type { NativeDocument } from '../model/index.ts';
import type { Read, Table } from './cell.ts';
import type { CertificateState } from './certificates.ts';
import { toDraft, walk, type DraftInput } from './draft.ts';
import { forbiddenUpstreams } from './forbidden.ts';
import { isError, notFound, type Found } from './found.ts';
import { emitDraft, type Graph } from './graph.ts';
import type { Emit } from './groups.ts';
import { lowerCluster } from './lower/cluster.ts';
import { FILTER_PROFILE } from './lower/http-filters.ts';
import { certificatesOf, lowerListener } from './lower/listener.ts';
import { targetFindings } from './lower/route.ts';
import { certificateSecretName, lowerCertificate } from './lower/secret.ts';
import type { Lowered } from './lowered.ts';
import type { CertificateFacts } from './material/pair.ts';
import type { RoutePieces } from './pieces.ts';

interface Context {
  readonly graph: Graph;
  readonly forbidden: readonly string[];
  readonly certificates: Table<CertificateState>;
  readonly pieces: Table<RoutePieces>;
  readonly read: Read;
  readonly emit: Emit;
}

/** Native documents → drafts, one by one. */
export function addNative(
  graph: Graph,
  tables: Pick<Context, 'certificates' | 'pieces'>,
  forbidden: readonly string[],
): void {
  graph.cells.family({
    stage: 1,
    keys: graph.documents,
    run: (key, read, emit) => {
      const [document, ...others] = read(graph.documents, key);
      if (document === undefined) return;
      const context = { graph, forbidden, ...tables, read, emit };
      for (const other of others) emit(graph.found, '', duplicate(document, other));
      compile(context, document);
    },
  });
}

function duplicate(first: NativeDocument, second: NativeDocument): Found {
  const origin = { doc: second.id, pointer: '/name' };
  const message = `two documents define the ${first.kind} "${first.name}"; rename or delete one`;
  const related = [{ message: 'the other one', origin: { doc: first.id, pointer: '/name' } }];
  return { code: 'NAME_DUPLICATE', message, origin, related };
}

function compile(context: Context, document: NativeDocument): void {
  switch (document.kind) {
    case 'Cluster':
      compileCluster(context, document);
      break;
    case 'Endpoints':
      compileEndpoints(context, document);
      break;
    case 'Certificate':
      compileCertificate(context, document);
      break;
    case 'Listener':
      compileListener(context, document);
      break;
    case 'Route':
      compileRoute(context, document);
      break;
    case 'NodeGroup':
      context.emit(context.graph.nodeGroups, '', document);
      break;
  }
}

function compileCluster(context: Context, document: NativeDocument<'Cluster'>): void {
  const separate = context.read(context.graph.documents, `Endpoints/${document.name}`)[0];
  const { lowered, findings } = lowerCluster(
    document,
    separate?.kind === 'Endpoints' ? separate : null,
  );
  tell(context, findings);
  const isRefused = findings.some(isError);
  for (const one of lowered) (isRefused ? refuse : emitLowered)(context, one);
}

function compileEndpoints(
  { graph, read, emit }: Context,
  document: NativeDocument<'Endpoints'>,
): void {
  if (read(graph.documents, `Cluster/${document.name}`).length > 0) return;
  const message =
    `no Cluster is named "${document.name}", so its endpoints are ` +
    `not used; add it, or delete them`;
  emit(graph.found, '', { code: 'UNUSED', message, origin: whole(document), related: [] });
}

function compileCertificate(context: Context, document: NativeDocument<'Certificate'>): void {
  const { graph, read, emit, certificates } = context;
  const { certificate, value, found } = read(certificates, document.name);
  tell(context, found);
  if (certificate === null) {
    refuse(context, { type: 'Secret', name: certificateSecretName(document.name) });
    return;
  }
  if (value !== null) emit(graph.materials, value.name, value);
  emitLowered(context, lowerCertificate(document.name, certificate.pair, whole(document)));
}

function compileListener(context: Context, document: NativeDocument<'Listener'>): void {
  const { graph, read, emit, certificates } = context;
  const { name, value } = document;
  emit(graph.listeners, '', { name, isDefault: value.isDefault, origin: whole(document) });
  emit(graph.tableNames, name, name);
  const facts = new Map<string, CertificateFacts>();
  for (const certificate of value.tls === null ? [] : certificatesOf(value.tls)) {
    const state = read(certificates, certificate);
    if (state.certificate !== null) facts.set(certificate, state.certificate.facts);
  }
  const { lowered, findings } = lowerListener(document, {
    certificates: facts,
    routeTable: name,
    filterProfile: FILTER_PROFILE,
  });
  tell(context, findings);
  tell(context, groupFindings(context, document));
  if (value.to !== null) {
    tell(context, targetFindings(value.to, { doc: document.id, pointer: '/to' }));
  }
  for (const one of lowered) emitLowered(context, one, { nodes: value.nodes });
}

function groupFindings(
  { graph, read }: Context,
  document: NativeDocument<'Listener'>,
): readonly Found[] {
  return (document.value.nodes ?? []).flatMap((group, index): readonly Found[] => {
    if (read(graph.documents, `NodeGroup/${group}`).length > 0) return [];
    const origin = { doc: document.id, pointer: `/nodes/${index}` };
    const subject = `listener "${document.name}"`;
    return [notFound(origin, { type: 'NodeGroup', name: group, noun: 'node group', subject })];
  });
}

function compileRoute(context: Context, document: NativeDocument<'Route'>): void {
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
}

interface RouteListeners {
  readonly listeners: readonly string[];
  readonly found: readonly Found[];
}

function listenersOf({ graph, read }: Context, document: NativeDocument<'Route'>): RouteListeners {
  const { listeners } = document.value;
  const origin = whole(document);
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

interface EmitOptions {
  readonly nodes?: readonly string[] | null;
  readonly isShared?: boolean;
}

/** Encodes one message and contributes it. */
export function emitLowered(
  context: Pick<Context, 'graph' | 'emit' | 'forbidden'>,
  lowered: Lowered,
  { nodes = null, isShared = false }: EmitOptions = {},
): void {
  const { graph, emit, forbidden } = context;
  const input: DraftInput = {
    ...lowered,
    source: isShared ? 'shared' : 'native',
    nodes,
    originAt: (pointer) => placeOf(lowered, pointer),
  };
  const walked = walk(graph.schema, input);
  // What helve itself writes inline is no finding about the user's text.
  const found = walked.found.filter(({ code }) => code !== 'SECRET_INLINE');
  tell(context, found);
  const draft = toDraft(graph.schema, input, walked);
  const refused = forbiddenUpstreams(draft, forbidden);
  tell(context, refused);
  if (refused.length === 0 && !found.some(isError)) emitDraft(graph, emit, draft);
  else refuse(context, lowered);
}

/** References to it are no findings of their own. */
const refuse = (
  { graph, emit }: Pick<Context, 'graph' | 'emit'>,
  { type, name }: Pick<Lowered, 'type' | 'name'>,
): void => emit(graph.refused, `${type}/${name}`, name);

/** Where the user wrote what stands at a pointer of the message. */
function placeOf({ origin, places }: Lowered, pointer: string): Origin {
  if (places === undefined) return origin;
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const place = places.get(at);
    if (place !== undefined) return place;
  }
  return origin;
}

const whole = (document: NativeDocument): Origin => ({ doc: document.id, pointer: '' });

function tell({ graph, emit }: Pick<Context, 'graph' | 'emit'>, found: readonly Found[]): void {
  for (const one of found) emit(graph.found, '', one);
}
