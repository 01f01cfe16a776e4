import type { DiagnosticCode } from '../base/index.ts';

/** A plain JSON value. Objects come without a prototype from our reader. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A finding inside a value; the caller turns the pointer into file, line and column. */
export interface Problem {
  readonly code: DiagnosticCode;
  /** JSON pointer from the root of the value that was given. */
  readonly pointer: string;
  readonly message: string;
  /** The place is the key rather than the value (an unknown field). */
  readonly isKey?: boolean;
}

/**
 * A message met on the walk, outermost first, Anys opened. `value` is the input object with keys
 * as the user wrote them; `get` reads a field by its proto name in either spelling: enums by name
 * however they are written, and null is absent.
 */
export interface Visit {
  /** Full name, e.g. `envoy.config.route.v3.RouteAction`. */
  readonly message: string;
  readonly pointer: string;
  readonly value: JsonObject;
  /** Proto names of the message's fields that Envoy marks as secrets, given or not. */
  readonly sensitive: readonly string[];
  get(field: string): Json | undefined;
  /** The pointer of a field, in the spelling that the input has. */
  at(field: string): string;
}

export interface EncodeOptions {
  /** Called for each message; references, checks and traits are read here, in the same walk. */
  readonly onMessage?: (visit: Visit) => void;
  /** Problems past this many are dropped. Default LIMITS.diagnosticsMax. */
  readonly problemsMax?: number;
  /** A part of a message, which is complete only with others: rules are not enforced. */
  readonly isPart?: boolean;
}

/** `bytes` is canonical and complete only if `problems` has no error; else it is empty. */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly problems: readonly Problem[];
  /** What the older ones of the pinned Envoys do not take, as far as facts are known. */
  readonly needs: readonly Need[];
}

/** A part of a value that only Envoys from a release on take. */
export interface Need {
  /** JSON pointer from the root of the value. */
  readonly pointer: string;
  /** `"cookies" of RouteMatch exists since Envoy 1.39`. */
  readonly message: string;
  /** The first release of a pinned Envoy that takes it: `1.39`. */
  readonly since: string;
  /** The place is the key rather than the value. */
  readonly isKey?: boolean;
}

/** What the Envoys of a floor know, and so all newer ones. */
export interface Profile {
  /** `1.36`. */
  readonly release: string;
  hasMessage(fullName: string): boolean;
  /** By its proto name. */
  hasField(message: string, field: string): boolean;
  /** Of a value that the newest Envoy has. */
  hasValue(enumeration: string, value: string): boolean;
}

export interface MergeOptions {
  /** Parts of the message, each with the pointers of its own. */
  readonly layers: readonly JsonObject[];
  /** Words for what a layer may not set; null where it may. Asked for fields, keys and items. */
  readonly guard?: (field: GuardedField) => string | null;
}

export interface GuardedField {
  /** Full name of the message that has the field. */
  readonly message: string;
  readonly field: string;
  /** Key of a map, or name of an item of a list; null for the field itself. */
  readonly key: string | null;
  readonly value: Json;
  /** Of the field in the result. */
  readonly at: string;
  /** The message that layers are laid over. */
  readonly before: JsonObject;
}

/** Which layer brought what stands at a place of the result. */
export interface MergePlace {
  readonly layer: number;
  /** In the layer. */
  readonly pointer: string;
  /** All that is below came with it. */
  readonly isWhole: boolean;
}

export interface MergeProblem {
  readonly layer: number;
  readonly pointer: string;
  readonly message: string;
  /** What it clashes with. */
  readonly other?: Pick<MergePlace, 'layer' | 'pointer'>;
}

export interface Merged {
  readonly value: JsonObject;
  /** By pointers in the result. */
  readonly places: ReadonlyMap<string, MergePlace>;
  readonly problems: readonly MergeProblem[];
}

/** The API of one Envoy version, read from its binary. */
export interface Schema {
  /** `1.40.0`. */
  readonly version: string;
  hasMessage(fullName: string): boolean;
  /** The release of the first pinned Envoy with it; null where all of them have it. */
  since(message: string, field?: string): string | null;
  /** `release` is a floor: `1.36`. */
  profileOf(release: string): Profile;
  /**
   * Strict ProtoJSON → canonical protobuf. Reports every problem with its pointer: unknown fields
   * (either case style) with the nearest name, enums, wrappers, Anys at any depth, oneofs,
   * durations (`1.5s` or `{seconds, nanos}`), reserved keys, and Envoy's validation rules.
   */
  encode(message: string, value: Json, options?: EncodeOptions): Encoded;
  /**
   * Lays parts over a message, all in ProtoJSON, as protobuf merges; lists of what has a `name`
   * merge by it. What no field is called stays, for `encode` to refuse.
   */
  merge(message: string, value: JsonObject, options: MergeOptions): Merged;
  /** Protobuf → ProtoJSON in snake_case; sensitive fields become `[redacted]` unless revealed. */
  decode(message: string, bytes: Uint8Array, options?: { readonly reveal?: boolean }): Json;
}
