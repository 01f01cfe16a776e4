import { didYouMean, type DocumentId } from '../base/index.ts';
import { describe, shorten } from './fields/issue.ts';
import { isList, isMap, type Json, type JsonObject } from './json.ts';
import type { Kind, KindContext } from './kinds/kind.ts';
import { LATER_KINDS } from './kinds/later.ts';
import { readRaw } from './kinds/raw.ts';
import { KINDS, type KindName, type KindValues } from './kinds/table.ts';
import type { Document, NativeDocument } from './types.ts';
import { REFUSED_KEY } from './yaml/build.ts';

/** One document from its value, or null where it has errors; they were reported. */
export function readDocument(value: Json, id: DocumentId, context: KindContext): Document | null {
  const { report } = context;
  if (!isMap(value)) {
    // NaN: the reader has already said what is wrong.
    if (Number.isNaN(value)) return null;
    const message = `a document is a map with kind and name, got ${describe(value)}`;
    const help = hasKind(value) ? 'write --- between documents, and no list' : IGNORE;
    report.error('SCHEMA_TYPE', { pointer: '' }, `${message}; ${help}`);
    return null;
  }
  const { kind } = value;
  if (kind === undefined) {
    if (Object.hasOwn(value, 'resources')) return rawDocument(value, id, context);
    if (Object.hasOwn(value, REFUSED_KEY)) return null;
    const message = 'the document has neither kind nor resources';
    const isBootstrap = Object.keys(value).some((key) => BOOTSTRAP.has(key));
    const help = isBootstrap ? BOOTSTRAP_HELP : `add kind, or ${IGNORE}`;
    report.error('SCHEMA_REQUIRED', { pointer: '' }, `${message}; ${help}`);
    return null;
  }
  if (isKind(kind)) return nativeDocument(kind, value, { id, context });
  if (!Number.isNaN(kind)) {
    report.error('SCHEMA_KIND', { pointer: '/kind' }, unknownKind(kind));
  }
  return null;
}

/** Whether a value is a document of a kind whose values are material. */
export const isMaterialKind = (value: Json): boolean =>
  isMap(value) && value['kind'] === 'Endpoints';

const hasKind = (value: Json): boolean =>
  isList(value) && value.some((item) => isMap(item) && item['kind'] !== undefined);

const BOOTSTRAP: ReadonlySet<string> = new Set([
  ...['static_resources', 'staticResources', 'dynamic_resources', 'dynamicResources'],
]);
const BOOTSTRAP_HELP =
  'an Envoy reads its bootstrap by itself: move its listeners and clusters into a list under ' +
  'resources, each with "@type"';

const IGNORE = 'list the file under ignore in helve.yaml where it is no document of helve';

const KIND_NAMES = Object.keys(KINDS);

const isKind = (kind: Json | undefined): kind is KindName =>
  typeof kind === 'string' && Object.hasOwn(KINDS, kind);

function unknownKind(kind: Json): string {
  if (typeof kind !== 'string') return `kind must be a string, got ${describe(kind)}`;
  const known = KIND_NAMES.join(', ');
  if (LATER_KINDS.includes(kind)) {
    return `this version of helve does not have the kind "${kind}" yet; it has ${known}`;
  }
  const own = Object.hasOwn(FOREIGN_KINDS, kind) ? (FOREIGN_KINDS[kind] ?? '') : '';
  if (own !== '') return `helve has no kind ${JSON.stringify(kind)}; what it says is a ${own} here`;
  const near = didYouMean(kind, [...KIND_NAMES, ...LATER_KINDS]);
  const help = near === '' ? `; known are ${known}` : near;
  return `the kind ${JSON.stringify(shorten(kind))} does not exist${help}`;
}

/** What other products call such documents. */
const FOREIGN_KINDS: Readonly<Record<string, string>> = {
  Backend: 'Cluster',
  BackendTLSPolicy: 'Cluster',
  BackendTrafficPolicy: 'Policy',
  ClientTrafficPolicy: 'Listener',
  DestinationRule: 'Cluster',
  EnvoyFilter: 'Patch',
  EnvoyPatchPolicy: 'Patch',
  GRPCRoute: 'Route',
  Gateway: 'Listener',
  HTTPProxy: 'Route',
  HTTPRoute: 'Route',
  Ingress: 'Route',
  IngressRoute: 'Route',
  SecurityPolicy: 'Policy',
  Service: 'Cluster',
  ServiceEntry: 'Cluster',
  TLSRoute: 'TcpRoute',
  UDPRoute: 'Listener',
  Upstream: 'Cluster',
  VirtualHost: 'Route',
  VirtualService: 'Route',
};

function rawDocument(value: JsonObject, id: DocumentId, context: KindContext): Document | null {
  const resources = readRaw(value, context);
  return resources === null ? null : { kind: 'resources', id, resources };
}

interface Place {
  readonly id: DocumentId;
  readonly context: KindContext;
}

function nativeDocument<K extends KindName>(
  kind: K,
  source: JsonObject,
  { id, context }: Place,
): NativeDocument<K> | null {
  const known: { readonly [P in KindName]: Kind<KindValues[P]> } = KINDS;
  const read = known[kind].read(source, context);
  return read === null ? null : { id, ...read.head, kind, value: read.value };
}
