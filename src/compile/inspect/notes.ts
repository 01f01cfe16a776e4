import type { DiagnosticCode, Severity } from '../../base/index.ts';
import type { Ref } from '../../snapshot/index.ts';
import type { Json, Need, Visit } from '../../schema/index.ts';
import type { InstalledFilter, InstalledFilters } from './installed-filters.ts';
import type { Edit } from './json.ts';

/** A reference in a message, by pointer. */
export interface FoundRef {
  readonly to: Ref;
  readonly pointer: string;
  /**
   * It must resolve. Others may name what a bootstrap has: they count for order and reachability
   * only where they resolve.
   */
  readonly isRequired: boolean;
  /** Who refers, for the message. */
  readonly subject: string;
}

/** A finding inside one resource, by pointer. */
export interface Note {
  readonly code: DiagnosticCode;
  readonly pointer: string;
  readonly message: string;
  readonly severity?: Severity;
  readonly isKey?: boolean;
  /** The other place, for conflicts. */
  readonly other?: string;
}

/** Who of gRPC gets a resource: callers by an API listener, applications by a server listener. */
export type GrpcSide = 'client' | 'server';

/** What gRPC says of a part of a resource, where it gets it without an Envoy, by pointer. */
export interface GrpcNote {
  /** Null: clients and servers alike. */
  readonly side: GrpcSide | null;
  /** `open`: it goes on, and what was to keep somebody out does not. */
  readonly effect: 'refused' | 'ignored' | 'open';
  readonly pointer: string;
  readonly words: string;
  readonly subject: string;
}

/** An HTTP connection manager: the filters that it installs, and where its routes come from. */
export interface Manager {
  readonly pointer: string;
  readonly filters: InstalledFilters;
  /** Chains of their own that upgraded requests go through instead, by the upgrade. */
  readonly upgrades: readonly Upgrade[];
  /** Names of the route tables that it asks for, but for those of scopes that come by SRDS. */
  readonly tables: readonly string[];
  /** Every scope's table is served by it. */
  readonly isScoped: boolean;
}

export interface Upgrade {
  /** `websocket`. */
  readonly type: string;
  readonly filters: InstalledFilters;
}

/** A per-route config: an installed filter must heed it, or the policy fails open. */
export interface PerRoute {
  readonly key: string;
  /** The full name of its message; '' where it only switches the filter on. */
  readonly type: string;
  /** It is of a filter that decides who may pass. */
  readonly isSecurity: boolean;
  /** An Envoy without the filter passes over it. */
  readonly isOptional?: true;
  readonly pointer: string;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** It gets requests, and not health checks alone. */
  readonly isServing: boolean;
  readonly pointer: string;
}

/** An address that a listener takes. */
export interface Bound {
  readonly protocol: 'tcp' | 'udp' | 'unix';
  /** An IP, or the path. */
  readonly host: string;
  readonly port: number;
  readonly pointer: string;
  /** An IPv6 wildcard that takes IPv4 too. */
  readonly isDual: boolean;
}

export interface FileUse {
  /** Of the DataSource. */
  readonly pointer: string;
  /** Of its `filename`. */
  readonly filenamePointer: string;
}

export interface TlsPair {
  readonly pointer: string;
  readonly chain: Json | undefined;
  readonly chainPointer: string;
  readonly key: Json | undefined;
  readonly keyPointer: string;
}

/** What one walk over a message found. Filled by the rules, in the order of the walk. */
export interface Notes {
  readonly refs: FoundRef[];
  readonly notes: Note[];
  /** What not every pinned Envoy takes, beyond what the API says of it. */
  readonly needs: Need[];
  readonly edits: Edit[];
  readonly managers: Manager[];
  readonly perRoute: PerRoute[];
  readonly grpc: GrpcNote[];
  /** Cluster: filters between the router and the upstream. */
  readonly upstreamFilters: Map<string, InstalledFilter>;
  readonly endpoints: Endpoint[];
  readonly bounds: Bound[];
  readonly files: FileUse[];
  readonly pairs: TlsPair[];
  /** `watched_directory` fields: without meaning once the files are inline. */
  readonly watched: string[];
  /** Names of HTTP filters, with the type that each expects. */
  readonly filters: Set<string>;
  /** Names of ECDS filters → the types that they take. */
  readonly extensionTypes: Map<string, readonly string[]>;
  /** Types that an Envoy must have built in → the place of one such config. */
  readonly extensions: Map<string, string>;
  /** The type of what works over a delta ADS stream alone, with its place. */
  needsDelta: { readonly type: string; readonly pointer: string } | null;
  /** Helve's own spelling: what it lacks is the work of errors that were told. */
  isNative: boolean;
  /** Only who names it gets it. */
  isOnDemand: boolean;
  /** A gRPC client or server may get it as it is. */
  isOfGrpc: boolean;
  /** What a direct response of the table may have; null where another resource says. */
  bodyBytesMax: number | null;
  /** ScopedRouteConfiguration: what it is found by. */
  scopeKey: string | null;
  warmsSlowly: boolean;
  hasInlineSecret: boolean;
  /** The route that the walk is in, for subjects. */
  route: { readonly pointer: string; readonly name: string } | null;
  /** The resource itself: `cluster "cart"`. */
  readonly subject: string;
  readonly name: string;
}

export type InspectionRule = (visit: Visit, notes: Notes) => void;

export const newNotes = (subject: string, name: string): Notes => ({
  refs: [],
  notes: [],
  needs: [],
  edits: [],
  managers: [],
  perRoute: [],
  grpc: [],
  upstreamFilters: new Map(),
  endpoints: [],
  bounds: [],
  files: [],
  pairs: [],
  watched: [],
  filters: new Set(),
  extensionTypes: new Map(),
  extensions: new Map(),
  needsDelta: null,
  isNative: false,
  isOnDemand: false,
  isOfGrpc: false,
  bodyBytesMax: null,
  scopeKey: null,
  warmsSlowly: false,
  hasInlineSecret: false,
  route: null,
  subject,
  name,
});

/** `route "cart"` inside a route, else the resource. */
export function subjectAt(notes: Notes, pointer: string): string {
  const { route } = notes;
  const isInside = route !== null && pointer.startsWith(`${route.pointer}/`);
  return isInside && route.name !== '' ? `route "${route.name}"` : notes.subject;
}
