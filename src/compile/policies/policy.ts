import type { MaterialValue, Origin } from '../../base/index.ts';
import type { MaterialFile, PolicyName, PolicyValues } from '../../model/index.ts';
import type { envoy, JsonObject } from '../../schema/index.ts';
import type { Finding } from '../lower/finding.ts';
import type { Lowered, Reference } from '../lowered.ts';
import type { SharedEntry, Slot } from '../slots.ts';

/**
 * A filter that stands in every HTTP chain, disabled, until a route switches it on: so a policy
 * that comes, changes or goes never touches a listener.
 */
export interface PolicyFilter {
  readonly slot: Slot;
  /** The first filter profile that has it; a profile never changes once released. */
  readonly profile: number;
  /** What it does where a route says nothing: closed, where the filter decides who may pass. */
  readonly base: envoy.Any;
  /** A filter with state of its own comes by ECDS, one resource per listener. */
  readonly shared: SharedFilter | null;
  /**
   * What a route says that only has to switch the filter on, for another one that can follow it in
   * one request: which filters run is settled by the first.
   */
  readonly neutral?: envoy.Any;
}

/** A filter config that the routes of a listener fill together, by entries named by content. */
export interface SharedFilter {
  /** Of the config; the base may be of another type. */
  readonly type: envoy.Any['@type'];
  /**
   * The whole config (without `@type`) for entries sorted by key; there may be none. What the
   * entries bring is appended: maps and lists of them, each once.
   */
  compose(entries: readonly SharedEntry[]): JsonObject;
}

/** Where a policy applies. */
export interface SpellingPlace {
  readonly level: 'route' | 'target';
  /** Where the key was written: in a Policy, or at a place. */
  readonly origin: Origin;
  /** The same by names alone, whatever the files: `policy "fair"`. */
  readonly source: string;
  /** For messages: `rule "cart" of "shop"`. */
  readonly subject: string;
  /** Whether its rule can follow another one in one request, or that one it: see `claim-groups`. */
  readonly isGrouped: boolean;
  /** What another key says here; null where it does not apply. */
  valueOf<K extends PolicyName>(key: K): PolicyValues[K] | null;
  /** A file that the policy names, by normalised path; the read is recorded. */
  file(path: string): MaterialFile | null;
  /** What a spelling gave as material when it last was good. */
  lastGood(name: string): MaterialValue | null;
}

/** Fields that Route and ClusterWeight have alike. */
export type HeaderFields = Pick<
  envoy.Route,
  | 'request_headers_to_add'
  | 'request_headers_to_remove'
  | 'response_headers_to_add'
  | 'response_headers_to_remove'
>;

/** What a policy makes of one route or target. Everything is optional. */
export interface Spelling {
  /** Per-route configs by slot: what switches the filter on. */
  readonly filters?: { readonly [S in Slot]?: envoy.Any };
  readonly fields?: HeaderFields;
  /** Route metadata, by namespace. */
  readonly metadata?: Readonly<Record<string, JsonObject>>;
  readonly entries?: { readonly [S in Slot]?: readonly SharedEntry[] };
  readonly references?: readonly Reference[];
  readonly clusters?: readonly Lowered[];
  /** What it read of files, to fall back to. */
  readonly materials?: readonly MaterialValue[];
  readonly findings?: readonly Finding[];
  /** A policy that cannot do its work: the route answers 503, never open. */
  readonly isClosed?: boolean;
}

/** How a policy key is spelled for Envoy: one file in this folder, which exports it by its name. */
export interface PolicySpelling<K extends PolicyName> {
  /** Whether it is settled only after `jwt`, so that rules which follow each other may differ. */
  readonly isAfterClaims: boolean;
  readonly filters: readonly PolicyFilter[];
  spell(value: PolicyValues[K], place: SpellingPlace): Spelling;
}
