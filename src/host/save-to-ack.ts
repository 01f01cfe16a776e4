import type { ClientId, RevisionId } from '../base/index.ts';
import type { Fact } from '../delivery/index.ts';

/** Measures from the first sight of an edit to the last connected node that runs it. */
export interface SaveToAck {
  /** `noticedAt`: wall clock, ms. A newer edit ends the measure of an older one. */
  begin(revision: RevisionId, noticedAt: number): void;
  take(facts: readonly Fact[]): void;
  left(client: ClientId): void;
}

export interface SaveToAckOptions {
  /** Clients that are served now. */
  readonly served: () => readonly ClientId[];
  readonly wall: () => number;
  readonly onDone: (seconds: number) => void;
}

export function createSaveToAck({ served, wall, onDone }: SaveToAckOptions): SaveToAck {
  let waiting = new Set<ClientId>();
  let current: { readonly revision: RevisionId; readonly noticedAt: number } | null = null;

  const drop = (client: ClientId): void => {
    if (!waiting.delete(client) || waiting.size > 0 || current === null) return;
    onDone(Math.max(0, wall() - current.noticedAt) / 1000);
    current = null;
  };
  return {
    begin: (revision, noticedAt) => {
      waiting = new Set(served());
      current = { revision, noticedAt };
    },
    take: (facts) => {
      for (const fact of facts) {
        const isThere = fact.kind === 'switched' || fact.kind === 'reached';
        if (isThere && fact.revision === current?.revision) drop(fact.client);
        // It will not run this revision: the others are measured.
        if (fact.kind === 'rejected') waiting.delete(fact.client);
      }
    },
    left: (client) => {
      waiting.delete(client);
    },
  };
}
