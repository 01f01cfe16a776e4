import type { Ownership } from './owners.ts';

/** `helve.yaml` at the source root. Every field has a default that is right for one machine. */
export interface Settings {
  /** Default 1. */
  readonly language: number;
  /** Globs of files that are not documents. */
  readonly ignore: readonly string[];
  /** Roots outside the source from which material may be read; relative to the source root. */
  readonly allowPaths: readonly string[];
  /** Ms. Default 600,000. */
  readonly drainTimeMs: number;
  /** The oldest Envoy of groups that do not say: `major.minor`. Default `1.36`. */
  readonly envoy: string;
  /** What documents below some paths may use. Default: everything. */
  readonly owners: readonly Ownership[];
  /** Removals that are accepted at once, as a share of a kind. Default 0.5, from ten on. */
  readonly maxRemovals: number;
  /** Growth of the number of documents that is accepted at once, as a factor; null: any. */
  readonly maxGrowth: number | null;
}

export const DEFAULT_SETTINGS: Settings = Object.freeze({
  language: 1,
  ignore: [],
  allowPaths: [],
  drainTimeMs: 600_000,
  envoy: '1.36',
  owners: [],
  maxRemovals: 0.5,
  maxGrowth: null,
});
