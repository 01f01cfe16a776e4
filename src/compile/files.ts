import { hashBytes, type MaterialValue } from '../base/index.ts';
import { policyKeysIn, type ParsedFile } from '../model/index.ts';
import { certificateUses } from './certificate-uses.ts';
import type { Emit } from './groups.ts';
import type { Graph } from './graph.ts';
import { ticketUses } from './secrets.ts';

export type Parse = (path: string, text: string) => ParsedFile;

/**
 * One document file → its documents and findings. A file of endpoints that does not read any more
 * keeps its last good text: it is material, and holds only itself.
 */
export function addFiles(graph: Graph, parse: Parse): void {
  graph.cells.family({
    stage: 0,
    keys: graph.texts,
    run: (path, read, emit) => {
      const file = read(graph.texts, path);
      if (file === null) return;
      const { parsed, text } = file;
      const hasError = parsed.diagnostics.some((d) => d.severity === 'error');
      const good = hasError && parsed.isMaterial ? read(graph.goodTexts, path) : null;
      const findings = good === null ? graph.located : graph.heldLocated;
      for (const diagnostic of parsed.diagnostics) emit(findings, '', diagnostic);
      const used = good === null ? parsed : parse(path, good);
      emitDocuments(graph, emit, used);
      if (used.isMaterial && used.documents.length > 0) {
        const value = endpointsValue(path, good ?? text);
        emit(graph.materials, value.name, value);
      }
    },
  });
}

function emitDocuments(graph: Graph, emit: Emit, parsed: ParsedFile): void {
  for (const document of parsed.documents) {
    if (document.kind !== 'resources') {
      emit(graph.documents, `${document.kind}/${document.name}`, document);
      for (const key of policyKeysIn(document)) emit(graph.policyKeys, '', key);
      for (const { certificate, role } of certificateUses(document)) {
        emit(graph.certificateUses, certificate, role);
      }
      if (document.kind === 'Cluster' && document.value.isOriginal) {
        emit(graph.originalClusters, document.name, document.name);
      }
      for (const secret of ticketUses(document)) {
        emit(graph.ticketUses, secret, document.name);
      }
      if (document.kind === 'Patch') {
        const { kind, name } = document.value.target;
        emit(graph.patches, `${kind}/${name}`, document);
      }
      if (document.kind === 'TcpRoute') {
        for (const listener of document.value.listeners) emit(graph.tcpRoutes, listener, document);
      }
      continue;
    }
    for (const { pointer, value } of document.resources) {
      const own = parsed.files.filter(
        ({ origin }) => origin.doc === document.id && origin.pointer.startsWith(`${pointer}/`),
      );
      const files = new Map(own.map(({ origin, path }) => [origin.pointer, path]));
      const item = { doc: document.id, pointer, value, files };
      emit(graph.rawItems, `${document.id}${pointer}`, item);
    }
  }
}

interface Stored {
  readonly path: string;
  readonly text: string;
}

/** A file of endpoints as it is kept in `material/`. */
function endpointsValue(path: string, text: string): MaterialValue {
  const bytes = new TextEncoder().encode(JSON.stringify({ path, text }));
  return { name: `Endpoints/${path}`, hash: hashBytes(bytes), bytes };
}

/** Reads what {@link endpointsValue} wrote; null for other values. */
export function storedText(value: MaterialValue): Stored | null {
  if (!value.name.startsWith('Endpoints/')) return null;
  try {
    const fields: unknown = JSON.parse(new TextDecoder().decode(value.bytes));
    return isStored(fields) ? fields : null;
  } catch {
    return null;
  }
}

const isStored = (value: unknown): value is Stored =>
  typeof value === 'object' &&
  value !== null &&
  'path' in value &&
  typeof value.path === 'string' &&
  'text' in value &&
  typeof value.text === 'string';
