import type { DocumentId } from '../base/index.ts';
import {
  allowedAt,
  isHostAllowed,
  isNameAllowed,
  type Allowed,
  type NativeDocument,
  type ParsedFile,
} from '../model/index.ts';
import type { Json } from '../schema/index.ts';
import type { Read } from './cell.ts';
import type { DraftRef } from './draft.ts';
import type { Found } from './found.ts';
import type { Graph } from './graph.ts';
import { fieldOf, isObject, listOf, pointerTo, textOf } from './inspect/json.ts';
import { servesHttp } from './kinds/listener.ts';
import { spoken } from './nouns.ts';

/** Files below the paths of an owner define and serve what is theirs alone. */
export function addOwnershipChecks(graph: Graph): void {
  graph.cells.family({
    stage: 1,
    keys: graph.texts,
    run: (path, read, emit) => {
      const owners = read(graph.ownerships, '') ?? [];
      const allowed = owners.length === 0 ? null : allowedAt(owners, path);
      if (allowed === null) return;
      const file = read(graph.texts, path);
      if (file === null) return;
      for (const used of usesIn(file.parsed)) {
        const found = denial(used, allowed);
        if (found !== null) emit(graph.found, '', found);
      }
    },
  });
}

/** Documents of key material, by how their secrets are named. */
const MATERIAL_KINDS = { 'cert/': 'Certificate', 'secret/': 'Secret', 'trust/': 'Trust' } as const;

/**
 * Whoever refers to key material can show it as its own: what lies at the paths of another owner is
 * used only by who may use its name.
 */
export function grantDenial(
  graph: Graph,
  read: Read,
  { to, origin, subject }: DraftRef,
): Found | null {
  if (to.type !== 'Secret') return null;
  const owners = read(graph.ownerships, '') ?? [];
  if (owners.length === 0) return null;
  const allowed = allowedAt(owners, pathOf(origin.doc));
  const { noun, name } = spoken(to.type, to.name);
  if (allowed === null || isNameAllowed(allowed, name)) return null;
  const [document] = materialDocuments(graph, read, to.name);
  const theirs = document === undefined ? null : allowedAt(owners, pathOf(document.id));
  if (document === undefined || theirs === null) return null;
  if (JSON.stringify(theirs.paths) === JSON.stringify(allowed.paths)) return null;
  return {
    code: 'REF_NOT_GRANTED',
    message:
      `${subject}: the ${noun} "${name}" is of ${shown(theirs.paths)}, and not among the names ` +
      `of ${shown(allowed.paths)} in owners of helve.yaml; use another, or let it be added there`,
    origin,
    related: [{ message: `the ${noun}`, origin: { doc: document.id, pointer: '/name' } }],
  };
}

const materialDocuments = (graph: Graph, read: Read, name: string): readonly NativeDocument[] =>
  Object.entries(MATERIAL_KINDS).flatMap(([prefix, kind]) =>
    name.startsWith(prefix) ? read(graph.documents, `${kind}/${name.slice(prefix.length)}`) : [],
  );

const pathOf = (doc: DocumentId): string => doc.slice(0, doc.lastIndexOf('#'));

/** A name or a host, and who has it. */
interface Use {
  readonly what: 'name' | 'host';
  readonly text: string;
  readonly subject: string;
  readonly doc: DocumentId;
  readonly pointer: string;
}

function denial({ what, text, subject, doc, pointer }: Use, allowed: Allowed): Found | null {
  const isAllowed = what === 'name' ? isNameAllowed(allowed, text) : isHostAllowed(allowed, text);
  if (isAllowed) return null;
  const list = (what === 'name' ? allowed.names : allowed.hosts) ?? [];
  const paths = shown(allowed.paths);
  return {
    code: 'OWNERSHIP_DENIED',
    message:
      `${subject}: ${text} is not among the ${what}s of ${paths} in owners of helve.yaml, ` +
      `which are ${shown(list)}; change it, or move the document to whose it is`,
    origin: { doc, pointer },
    related: [],
  };
}

const SHOWN_MAX = 5;

const shown = (all: readonly string[]): string =>
  all.slice(0, SHOWN_MAX).join(', ') +
  (all.length > SHOWN_MAX ? ` and ${all.length - SHOWN_MAX} more` : '');

const usesIn = ({ documents }: ParsedFile): readonly Use[] =>
  documents.flatMap((document) =>
    document.kind === 'resources'
      ? document.resources.flatMap(({ value, pointer }) =>
          usesInRaw(value, { doc: document.id, pointer }),
        )
      : usesInNative(document),
  );

function usesInNative(document: NativeDocument): readonly Use[] {
  const { id, kind, name } = document;
  const of = { subject: `${kind} "${name}"`, doc: id };
  const hosts = (field: string, all: readonly string[]): readonly Use[] =>
    all.map((text, index) => ({ ...of, what: 'host', text, pointer: `/${field}/${index}` }));
  const own: Use = { ...of, what: 'name', text: name, pointer: '/name' };
  switch (document.kind) {
    case 'Route':
      return [own, ...hosts('hosts', document.value.hosts)];
    case 'TcpRoute':
      return [own, ...hosts('sni', document.value.sni)];
    case 'Listener': {
      // What no Route takes goes there, whatever its host.
      const isOpen = document.value.to !== null && servesHttp(document);
      return isOpen ? [own, { ...of, what: 'host', text: '*', pointer: '/to' }] : [own];
    }
    case 'Patch': {
      const { target } = document.value;
      return [own, { ...of, what: 'name', text: target.name, pointer: '/target/name' }];
    }
    default:
      return [own];
  }
}

interface RawPlace {
  readonly doc: DocumentId;
  readonly pointer: string;
}

function usesInRaw(value: Json, { doc, pointer }: RawPlace): readonly Use[] {
  const isWrapped = fieldOf(value, 'resource') !== undefined;
  const inner = fieldOf(value, 'resource') ?? value;
  const base = isWrapped ? `${pointer}/resource` : pointer;
  const field = fieldOf(inner, 'cluster_name') === undefined ? 'name' : 'cluster_name';
  const text = textOf(fieldOf(inner, field));
  const of = { subject: `the resource "${text}"`, doc };
  return [
    { ...of, what: 'name', text, pointer: pointerTo(base, field) },
    ...hostsIn(inner, base).map((host): Use => ({ ...of, what: 'host', ...host })),
  ];
}

/** Fields of Envoy by which requests and connections are taken for their hosts. */
const HOST_FIELDS: ReadonlySet<string> = new Set([
  ...['domains', 'server_names', 'serverNames', 'string_key', 'stringKey'],
]);

type RawHost = Pick<Use, 'text' | 'pointer'>;

/** It rather finds too much: what is no host of the owner is told, and can be moved. */
function hostsIn(value: Json, pointer: string): readonly RawHost[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: Json, index) => hostsIn(item, pointerTo(pointer, index)));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([field, part]): readonly RawHost[] => {
    const at = pointerTo(pointer, field);
    if (!HOST_FIELDS.has(field)) return hostsIn(part, at);
    if (typeof part === 'string') return [{ text: hostOf(part), pointer: at }];
    return listOf(part).map((item, index) => ({
      text: hostOf(textOf(item)),
      pointer: pointerTo(at, index),
    }));
  });
}

const hostOf = (domain: string): string => domain.toLowerCase().replace(/:\d+$/, '');
