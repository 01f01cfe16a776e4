import { diagnostic, type Diagnostic } from '../base/index.ts';
import type { Seed } from '../ingest/index.ts';
import type { Restored, Store } from '../store/index.ts';

/**
 * What a compile process is told of the accepted input. The first gets what was read at start;
 * later ones what is read back then, so that no text is kept here.
 */
export interface Seeds {
  restored(found: Restored): void;
  /** Null where nothing is accepted, or it cannot be read. */
  next(): Promise<Seed | null>;
  /** Why the accepted documents cannot be compiled at start; null where they can. */
  lost(): Diagnostic | null;
}

export function createSeeds(store: Pick<Store, 'restore'>): Seeds {
  let first: Restored | null = null;
  let lost: Diagnostic | null = null;
  return {
    restored: (found) => {
      first = found;
      lost = isLost(found) ? lostText(found) : null;
    },
    next: async () => {
      const found = first ?? (await store.restore());
      first = null;
      const { head, sources, material, recent } = found;
      if (head === null || isLost(found)) return null;
      return { sources, material, filterProfile: head.filterProfile, recent };
    },
    lost: () => lost,
  };
}

/** No texts where there were some are a damaged state directory, never an empty input. */
const isLost = ({ head, readOnly, sources }: Restored): boolean =>
  head !== null && readOnly !== null && sources.length === 0;

const lostText = ({ readOnly }: Restored): Diagnostic =>
  diagnostic('STORE_UNAVAILABLE', `the accepted documents cannot be read: ${readOnly ?? ''}`);
