import type { Wire } from '../../../src/xds/index.ts';

/** Rows of a table: a name that begins with the requirements it proves, and its script. */
export type Rows = readonly (readonly [name: string, script: string])[];

/** The rows once for each wire. */
export const rowsOf = (
  rows: Rows,
  wires: readonly Wire[],
): readonly (readonly [string, Wire, string])[] =>
  rows.flatMap(([name, script]) => wires.map((wire) => [name, wire, script] as const));
