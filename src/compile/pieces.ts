import { hashBytes, type Hash, type Origin } from '../base/index.ts';
import type { Schema } from '../schema/index.ts';
import type { Table } from './cell.ts';
import { draftRefs, type DraftRef } from './draft.ts';
import type { Found } from './found.ts';
import type { Graph } from './graph.ts';
import { inspect } from './inspect/inspect.ts';
import { newNotes } from './inspect/notes.ts';
import { lowerRule } from './lower/route.ts';
import type { RankedRule } from './lower/rule-order.ts';
import type { Lowered, LoweredRule } from './lowered.ts';

/** One encoded rule. */
export interface Piece {
  readonly key: string;
  readonly hash: Hash;
  readonly bytes: Uint8Array;
  readonly origin: Origin;
  readonly refs: readonly DraftRef[];
  readonly perRoute: readonly { readonly key: string; readonly origin: Origin }[];
  readonly clusters: readonly Lowered[];
  readonly found: readonly Found[];
}

export interface RoutePieces {
  readonly pieces: readonly Piece[];
  readonly byKey: ReadonlyMap<string, Piece>;
}

const NO_PIECES: RoutePieces = Object.freeze({ pieces: [], byKey: new Map() });

/** Encoded rules of Route documents, by name. */
export function newPieces(graph: Graph): Table<RoutePieces> {
  return graph.cells.rule(
    (name, read) => {
      const document = read(graph.documents, `Route/${name}`)[0];
      if (document?.kind !== 'Route') return NO_PIECES;
      const { rules } = document.value;
      const all = rules.map((rule) => encodePiece(graph.schema, lowerRule(document, rule)));
      return { pieces: all, byKey: new Map(all.map((piece) => [piece.key, piece])) };
    },
    (a, b) =>
      a.pieces.length === b.pieces.length &&
      a.pieces.every((piece, index) => isSamePiece(piece, b.pieces[index])),
  );
}

/** Rules of Route documents as they rank, by name: edits of what they do change nothing here. */
export function newRanks(graph: Graph): Table<readonly RankedRule[]> {
  return graph.cells.rule(
    (name, read) => {
      const document = read(graph.documents, `Route/${name}`)[0];
      if (document?.kind !== 'Route') return [];
      return document.value.rules.map((rule) => ({ document: name, rule, isCatchAll: false }));
    },
    (a, b) => rankText(a) === rankText(b),
  );
}

const rankText = (rules: readonly RankedRule[]): string =>
  JSON.stringify(rules.map(({ rule }) => [rule.name, rule.match, rule.priority, rule.pointer]));

export function encodePiece(schema: Schema, lowered: LoweredRule): Piece {
  const { key, value, origin, clusters } = lowered;
  const notes = newNotes(`rule "${key}"`, key);
  const { bytes, problems } = schema.encode('envoy.config.route.v3.Route', value, {
    onMessage: (visit) => inspect(visit, notes),
  });
  const found = problems.map(({ code, message }): Found => ({
    code,
    message,
    origin,
    related: [],
  }));
  return {
    key,
    hash: hashBytes(bytes),
    bytes,
    origin,
    refs: draftRefs({ references: lowered.references, originAt: () => origin }, notes),
    perRoute: notes.perRoute.map((use) => ({ key: use.key, origin })),
    clusters,
    found,
  };
}

const isSamePiece = (a: Piece, b: Piece | undefined): boolean =>
  a.key === b?.key &&
  a.hash === b.hash &&
  a.origin.doc === b.origin.doc &&
  a.origin.pointer === b.origin.pointer &&
  JSON.stringify(a.refs) === JSON.stringify(b.refs) &&
  JSON.stringify(a.found) === JSON.stringify(b.found);
