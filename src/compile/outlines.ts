import { NO_CONDITIONS, type RouteRule } from '../model/index.ts';
import type { Table } from './cell.ts';
import type { Graph } from './graph.ts';

/** What others must know of the rules of a Route document: few edits change it. */
export interface Outline {
  /** Of each rule. */
  readonly priorities: readonly number[];
  /** Matches of all rules. */
  readonly forms: number;
  /** The highest priority of a rule that takes every request; null: none does. */
  readonly open: number | null;
}

/** Key: the document. */
export type Outlines = Table<Outline>;

export const newOutlines = (graph: Graph): Outlines =>
  graph.cells.rule(
    (name, read): Outline => {
      const document = read(graph.documents, `Route/${name}`)[0];
      const rules = document?.kind === 'Route' ? document.value.rules : [];
      const open = rules.filter(takesAll).map(({ priority }) => priority);
      return {
        priorities: rules.map(({ priority }) => priority),
        forms: rules.reduce((sum, { matches }) => sum + matches.length, 0),
        open: open.length === 0 ? null : Math.max(...open),
      };
    },
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
  );

const takesAll = ({ matches }: RouteRule): boolean =>
  matches.some(
    ({ path, conditions }) =>
      conditions === NO_CONDITIONS && path.kind === 'prefix' && path.prefix === '/',
  );
