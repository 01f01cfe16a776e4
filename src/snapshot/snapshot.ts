import type {
  Diagnostic,
  GroupName,
  ManifestId,
  MaterialId,
  MaterialValue,
  RequestId,
  RevisionId,
  Seq,
  SnapshotId,
  SourceChange,
  Version,
} from '../base/index.ts';
import type { Group } from './node.ts';
import type { Resource } from './resource.ts';
import type { TypeId } from './types.ts';

/**
 * All resources of one type in one view. Interned: equal contents are one object, so that sets
 * compare by identity and clients hold pointers.
 */
export interface ResourceSet {
  readonly type: TypeId;
  /** Hash over sorted (name, version): the SotW version of this set, sent whole. */
  readonly version: Version;
  /** Sorted by name (code units). */
  readonly byName: ReadonlyMap<string, Resource>;
}

/** Everything that one kind of node gets. Interned like its sets. */
export interface Snapshot {
  readonly id: SnapshotId;
  readonly sets: ReadonlyMap<TypeId, ResourceSet>;
}

/** `''` is the base view: what has no `nodes:`. A group's view contains the base view. */
export type ViewKey = GroupName | '';

/** What compile made of (documents, material). */
export interface Revision {
  readonly id: RevisionId;
  readonly documents: ManifestId;
  /** Hash of the material files as scanned; the effective values are in `id`. */
  readonly material: MaterialId;
  readonly settings: RevisionSettings;
  readonly groups: readonly Group[];
  readonly views: ReadonlyMap<ViewKey, Snapshot>;
}

/** The settings of `helve.yaml` that the serving process needs. */
export interface RevisionSettings {
  /** How long Envoys drain a replaced listener, ms. Default 600,000. */
  readonly drainTimeMs: number;
  /** The floor of nodes in no group. Default 1.36: a cache of an older helve does not say. */
  readonly envoy?: string;
}

export interface CompileRequest {
  readonly id: RequestId;
  /** The accepted revision; the answer is the difference to it. Null: send all. */
  readonly base: RevisionId | null;
  readonly documents: ManifestId;
  readonly material: MaterialId;
  /** `helve apply --allow-removals=N`; null: the guards hold. */
  readonly allowRemovals: number | null;
}

/** The change of one type in one view: names now at a version, and names gone. */
export interface ViewChange {
  readonly view: ViewKey;
  readonly type: TypeId;
  readonly put: readonly (readonly [name: string, version: Version])[];
  readonly removed: readonly string[];
}

/** What compile answers: the difference from `base`. Structured-cloneable. */
export interface RevisionDelta {
  readonly id: RevisionId;
  readonly base: RevisionId | null;
  readonly documents: ManifestId;
  readonly material: MaterialId;
  /** `helve` version whose compiler made it. */
  readonly compiler: string;
  readonly filterProfile: number;
  readonly language: number;
  readonly settings: RevisionSettings;
  readonly groups: readonly Group[];
  /** Views that exist now; those of the base that are not listed are gone. */
  readonly views: readonly ViewKey[];
  /** Resources (each variant once) that the base lacks, or whose origins moved. */
  readonly put: readonly Resource[];
  readonly changes: readonly ViewChange[];
  readonly sources: SourceChange;
  readonly materialPut: readonly MaterialValue[];
  readonly materialRemoved: readonly string[];
  /** Warnings about the documents. */
  readonly warnings: readonly Diagnostic[];
  /** Errors of material whose name keeps its last good value (a torn pair). */
  readonly heldMaterial: readonly Diagnostic[];
  /** So many removals were allowed by command; absent where none were. */
  readonly allowedRemovals?: number;
}

/** One line of the log. `hash` covers all the other fields; `prev` chains it. */
export interface Entry {
  readonly seq: Seq;
  readonly prev: string;
  readonly kind: 'accept';
  /** Wall clock, ISO 8601. For people: nothing depends on it. */
  readonly at: string;
  readonly revision: RevisionId;
  readonly documents: ManifestId;
  readonly material: MaterialId;
  readonly compiler: string;
  readonly filterProfile: number;
  readonly language: number;
  readonly hash: string;
}

/** Which revision each client should run; one step until staged rollout comes. */
export interface Rollout {
  readonly base: RevisionId | null;
  readonly next: RevisionId;
}

/** What is on disk, against what is accepted. */
export interface InputStatus {
  readonly state: 'clean' | 'held';
  /** Wall clock, ms, of the transition into this state. */
  readonly since: number;
  readonly diagnostics: readonly Diagnostic[];
}
