import type { ClientId, RevisionId } from '../base/index.ts';
import type { Fact } from '../delivery/index.ts';

/** Measures from the first sight of an edit to the last connected node that runs it. */
export interface SaveToAck {
  /** `noticedAt`: wall clock, ms. A node that runs a newer edit has this one too. */
  begin(revision: RevisionId, noticedAt: number): void;
  take(facts: readonly Fact[]): void;
  left(client: ClientId): void;
}

export interface SaveToAckOptions {
  /** Clients that are served now. */
  readonly served: () => readonly ClientId[];
  readonly wall: () => number;
  /** Seconds of each edit that has become live at once, oldest first. */
  readonly onDone: (seconds: readonly number[]) => void;
}

interface Measure {
  readonly revision: RevisionId;
  readonly noticedAt: number;
  readonly waiting: Set<ClientId>;
  /** Some node runs it: one that all have refused has no time. */
  isReached: boolean;
}

/** A node that answers nothing keeps every edit waiting; older ones are given up. */
const MEASURES_MAX = 64;

export function createSaveToAck({ served, wall, onDone }: SaveToAckOptions): SaveToAck {
  /** Oldest first. */
  let measures: readonly Measure[] = [];

  const finish = (): void => {
    const ended = measures.filter(({ waiting }) => waiting.size === 0);
    if (ended.length === 0) return;
    measures = measures.filter(({ waiting }) => waiting.size > 0);
    const seconds = ended
      .filter(({ isReached }) => isReached)
      .map(({ noticedAt }) => Math.max(0, wall() - noticedAt) / 1000);
    if (seconds.length > 0) onDone(seconds);
  };
  const reached = (client: ClientId, revision: RevisionId): void => {
    const upTo = measures.findLastIndex((measure) => measure.revision === revision);
    for (const measure of measures.slice(0, upTo + 1)) {
      if (measure.waiting.delete(client)) measure.isReached = true;
    }
  };
  const drop = (client: ClientId): void => {
    for (const { waiting } of measures) waiting.delete(client);
  };
  return {
    begin: (revision, noticedAt) => {
      const waiting = new Set(served());
      if (waiting.size === 0) return;
      const kept = measures.slice(-MEASURES_MAX + 1);
      measures = [...kept, { revision, noticedAt, waiting, isReached: false }];
    },
    take: (facts) => {
      for (const fact of facts) {
        if (fact.kind === 'switched' || fact.kind === 'reached') {
          reached(fact.client, fact.revision);
        }
        // It will not run these: the others are measured.
        if (fact.kind === 'rejected') drop(fact.client);
      }
      finish();
    },
    left: (client) => {
      drop(client);
      finish();
    },
  };
}
