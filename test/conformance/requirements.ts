import { load } from 'js-yaml';
import { z } from 'zod';
import { read } from '../tidy/tree.ts';

/** One thing that a control plane must do, and whether helve claims to do it. */
export interface Requirement {
  readonly id: string;
  /** In helve's own words. */
  readonly says: string;
  /** Why it is not met, or not in full; null: it is claimed to be met. */
  readonly gap: string | null;
  /** Variants of the protocol in each of which a test must pass. */
  readonly over: readonly string[];
  /** Cases of data-driven suites: `samples/<CODE>`, `golden/<case>`. */
  readonly by: readonly string[];
}

export interface Section {
  /** What the ids of its rows begin with. */
  readonly prefix: string;
  readonly title: string;
  readonly rows: readonly Requirement[];
}

const VARIANT = z.enum(['sotw', 'delta', 'sotw per type', 'delta per type', 'fetch', 'rest']);
const ROW = z.strictObject({
  says: z.string().endsWith('.'),
  gap: z.string().endsWith('.').optional(),
  over: z.array(VARIANT).optional(),
  by: z.array(z.string().regex(/^(samples|golden)\/[\w-]+$/)).optional(),
});
const TABLE = z.record(
  z.string().regex(/^[A-Z]+$/),
  z.strictObject({
    title: z.string(),
    over: z.array(VARIANT).default([]),
    rows: z.record(z.string().regex(/^[A-Z]+-\d{2}$/), ROW),
  }),
);

/** The table, in the order of its file. Throws where the file is not one. */
export function readRequirements(
  text = read('test/conformance/requirements.yaml'),
): readonly Section[] {
  return Object.entries(TABLE.parse(load(text))).map(([prefix, { title, over, rows }]) => ({
    prefix,
    title,
    rows: Object.entries(rows).map(([id, row]): Requirement => {
      if (!id.startsWith(`${prefix}-`)) throw new Error(`${id} stands under ${prefix}`);
      const { says, gap = null, by = [] } = row;
      return { id, says, gap, over: row.over ?? over, by };
    }),
  }));
}
