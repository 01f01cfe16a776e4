import type { Hash, Origin, Version } from '../base/index.ts';
import type { TypeId } from './types.ts';

/** A name that a resource refers to. It must resolve within every view that holds the resource. */
export interface Ref {
  readonly type: TypeId;
  readonly name: string;
}

/**
 * A piece of a resource with the documents it came from. A simple resource has one part; a route
 * table has one for each rule. A NACK is traced to the parts that changed since the last ACK.
 */
export interface Part {
  readonly key: string;
  readonly hash: Hash;
  readonly origins: readonly Origin[];
}

/** One xDS resource, encoded once. Structured-cloneable, immutable. */
export interface Resource {
  readonly type: TypeId;
  readonly name: string;
  /** Hash of `bytes` (or of the parts' hashes): equal versions mean equal bytes, everywhere. */
  readonly version: Version;
  /** The canonical encoding of the message itself (the value of the Any). */
  readonly bytes: Uint8Array;
  readonly refs: readonly Ref[];
  readonly parts: readonly Part[];
  /** Redacted in every dump and held back from whoever is not entitled. */
  readonly secret: boolean;
  readonly traits: ResourceTraits;
  /** A config that routes fill together: its entries, so that those of two revisions can be one. */
  readonly composite?: Composite;
}

/** A TypedExtensionConfig that is put together of entries named by their content. */
export interface Composite {
  readonly typeUrl: string;
  /** The config without entries, encoded. */
  readonly shell: Uint8Array;
  /** Parts of the config, encoded. Sorted by key. */
  readonly entries: readonly { readonly key: string; readonly bytes: Uint8Array }[];
}

/** What delivery must know of a resource without reading its bytes. */
export interface ResourceTraits {
  /**
   * Cluster: it warms on more than its EDS answer (health check, DNS, TLS secret), so a switch to
   * it waits for the CDS ACK (D6).
   */
  readonly warmsSlowly: boolean;
  /**
   * Listener: hash of everything but the filter chains; a change replaces the listener and drains
   * its connections (LDS-01). Chains: hash per chain; a changed or removed one drains.
   */
  readonly drain: { readonly shell: Hash; readonly chains: readonly Hash[] } | null;
  /** Names and configs of the HTTP filters (ECDS names included): a grown set gates the routes. */
  readonly filters: readonly string[];
  /** Listener: it finds its route tables by scopes. */
  readonly hasScopes?: true;
  /** No part of "all": it is sent to who asks for it by name (ODCDS-03, VHDS-01). */
  readonly isOnDemand?: true;
  /** How long a client keeps it without hearing of it again, ms (TTL-01). Absent: for good. */
  readonly ttlMs?: number;
  /** What an Envoy must have built in to take it. Absent: nothing that not each has. */
  readonly extensions?: readonly ExtensionUse[];
  /** What an Envoy can do over a delta ADS stream alone; the type says what that is. */
  readonly needsDelta?: ExtensionUse;
  /** VirtualHost: what requests for it may be named by (VHDS-02). */
  readonly domains?: readonly string[];
}

export interface ExtensionUse {
  /** The full name of the message that configures it. */
  readonly type: string;
  /** Where it is written; absent: where the resource is. */
  readonly origin?: Origin;
}

export const NO_TRAITS: ResourceTraits = Object.freeze({
  warmsSlowly: false,
  drain: null,
  filters: [],
});

export interface ResourceKey {
  readonly type: TypeId;
  readonly name: string;
}

export const keyText = (key: ResourceKey): string => `${key.type}/${key.name}`;
