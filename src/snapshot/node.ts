import type { GroupName } from '../base/index.ts';

/** What a client said of itself in its first request. Every field is a claim. */
export interface NodeInfo {
  readonly id: string;
  readonly cluster: string;
  readonly region: string;
  readonly zone: string;
  /** Top-level metadata fields that are strings, numbers or booleans, as text. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly userAgent: string;
  /** `1.40.0`, or '' where the client did not say. */
  readonly envoyVersion: string;
  /** What its client can do of what not each can: `client_features`. */
  readonly features: ReadonlySet<string>;
}

/** What a NodeGroup asks of a node: all given fields must match; `*` matches any text. */
export interface GroupMatch {
  readonly id?: string;
  readonly cluster?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface Group {
  readonly name: GroupName;
  readonly match: GroupMatch;
  /** The oldest Envoy of the group, `major.minor`. */
  readonly envoy: string;
}
