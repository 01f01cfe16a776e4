import type { GroupName } from '../base/index.ts';
import type { Extensions } from './extensions.ts';
import type { VersionRange } from './version-range.ts';

/** What a client said of itself in its first request. Every field is a claim. */
export interface NodeInfo {
  readonly id: string;
  readonly cluster: string;
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
  /** Top-level metadata fields that are strings, numbers or booleans, as text. */
  readonly metadata: ReadonlyMap<string, string>;
  /** `envoy`, `gRPC Python`. */
  readonly userAgent: string;
  /** Of that agent, in its words: `1.40.0`, `C-core 1.62.0`; '' where it did not say. */
  readonly agentVersion: string;
  /** `1.40.0`, or '' where the client did not say. */
  readonly envoyVersion: string;
  /** What it said of its build (`build.type`, `ssl.version`), like `metadata`. */
  readonly build: ReadonlyMap<string, string>;
  /** What its client can do of what not each can: `client_features`. */
  readonly features: ReadonlySet<string>;
  /** What is built in; null where it did not say, or too much. */
  readonly extensions: Extensions | null;
  /** The only part that may change while a stream is open (TRN-04). */
  readonly parameters: NodeParameters;
}

/** `dynamic_parameters`: type URL → key → value. */
export type NodeParameters = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** A client that has not said who it is. */
export const NOBODY: NodeInfo = Object.freeze({
  id: '',
  cluster: '',
  region: '',
  zone: '',
  subZone: '',
  metadata: new Map<string, string>(),
  userAgent: '',
  agentVersion: '',
  envoyVersion: '',
  build: new Map<string, string>(),
  features: new Set<string>(),
  extensions: null,
  parameters: new Map<string, ReadonlyMap<string, string>>(),
});

/** Whether both say the same, in any order. */
export function areSameParameters(a: NodeParameters, b: NodeParameters): boolean {
  if (a.size !== b.size) return false;
  for (const [type, values] of a) {
    const others = b.get(type);
    if (others?.size !== values.size) return false;
    for (const [key, value] of values) if (others.get(key) !== value) return false;
  }
  return true;
}

/** What a NodeGroup asks of a node: all given fields must match; `*` matches any text. */
export interface GroupMatch {
  readonly id?: string;
  readonly cluster?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly subZone?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly userAgent?: string;
  /** Of the user agent. */
  readonly version?: VersionRange;
  /** It has all of them; without `*`. */
  readonly features?: readonly string[];
  /** Names of extensions, or of the messages of their configs; it has all of them; without `*`. */
  readonly extensions?: readonly string[];
  /** Dynamic parameters, of any type of resource. */
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface Group {
  readonly name: GroupName;
  readonly match: GroupMatch;
  /** The oldest Envoy of the group, `major.minor`. */
  readonly envoy: string;
}
