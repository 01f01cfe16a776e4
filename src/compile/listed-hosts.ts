import type { Origin } from '../base/index.ts';
import type { Read } from './cell.ts';
import type { Graph } from './graph.ts';
import type { HostDocuments } from './lower/tables.ts';

/** A host of a listener, with what the documents that list it say of wider ones. */
export interface ListedHost extends HostDocuments {
  readonly documents: string[];
  inherits: boolean;
  /** One of them says whether it inherits. */
  isSaid: boolean;
}

/** By host. */
export function listedHosts(
  graph: Graph,
  read: Read,
  listener: string,
): ReadonlyMap<string, ListedHost> {
  const found = new Map<string, ListedHost>();
  for (const { route, hosts, inherit } of read(graph.attached, listener)) {
    for (const host of hosts) {
      const listed = found.get(host) ?? { host, documents: [], inherits: false, isSaid: false };
      listed.documents.push(route);
      listed.inherits ||= inherit ?? false;
      listed.isSaid ||= inherit !== null;
      found.set(host, listed);
    }
  }
  return found;
}

/** Where a document lists a host; the document where it lists none. */
export function hostOrigin(graph: Graph, read: Read, name: string, host: string): Origin | null {
  const document = read(graph.documents, `Route/${name}`)[0];
  if (document?.kind !== 'Route') return null;
  return { doc: document.id, pointer: `/hosts/${document.value.hosts.indexOf(host)}` };
}
