import type { Resource } from './resource.ts';

/** What one node may still use although the accepted revision lacks it. */
export interface NodeHeld {
  readonly id: string;
  readonly envoyVersion: string;
  /** Wall clock, ms: when its last stream ended; null while it has one. */
  readonly goneAt: number | null;
  /** Secrets are left out: no client is told that a secret has gone. */
  readonly resources: readonly Resource[];
}
