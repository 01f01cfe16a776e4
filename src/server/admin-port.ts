import type { Diagnostic, Span } from '../base/index.ts';
import type { InputStatus } from '../snapshot/index.ts';
import type { LocalityLoad } from './lrs/decode-loads.ts';

/** What the admin HTTP server asks of the program. The host implements it. */
export interface AdminPort {
  isReady(): boolean;
  /** Why the xDS port cannot be had, though there is a revision to serve; null where it can. */
  xdsTrouble(): string | null;
  status(): StatusReport;
  /** By their ids. */
  nodes(page: NodesPage): Promise<readonly NodeReport[]>;
  polls(): readonly PollReport[];
  /** Redacted ProtoJSON of what a group's nodes get; `view` '' is the base. */
  snapshot(query: { readonly view: string; readonly type: string | null }): Promise<unknown>;
  /** What is accepted, by document, and what nodes get of it; secrets as fingerprints. */
  documents(): Promise<DocumentsReport>;
  apply(request: { readonly allowRemovals: number }): Promise<ApplyReport>;
  /** Prometheus text exposition. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Part of the nodes: those whose ids come after one; null: from the first, and all. */
export interface NodesPage {
  readonly after: string | null;
  readonly limit: number | null;
}

/** What a folder is compared with. */
export interface DocumentsReport {
  readonly revision: number;
  readonly documents: readonly {
    /** `Route shop`, `raw Cluster legacy`, `helve.yaml`. */
    readonly document: string;
    /** Equal ones mean the same. */
    readonly meaning: string;
    /** As it is written; what may be secret is a fingerprint. */
    readonly value?: unknown;
    readonly place: OriginReport | null;
  }[];
  readonly material: readonly { readonly name: string; readonly hash: string }[];
  readonly groups: readonly {
    /** '' is that of nodes in no group. */
    readonly group: string;
    readonly resources: readonly WireResourceReport[];
  }[];
}

export interface WireResourceReport {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  /** The rules of a route table. */
  readonly parts: readonly { readonly key: string; readonly hash: string }[];
  /** Of a listener: what drains where it changes. */
  readonly drain: { readonly shell: string; readonly chains: readonly string[] } | null;
  /** Of a listener, redacted. */
  readonly json?: unknown;
}

/** A node that polls: what it asks with is all that is known of it. */
export interface PollReport {
  readonly id: string;
  readonly cluster: string;
  readonly groups: readonly string[];
  readonly envoyVersion: string;
  /** How it asked last. */
  readonly via: 'grpc' | 'rest';
  readonly lastRequest: string;
  readonly types: readonly {
    readonly type: string;
    /** The version that it named last; '' for none. */
    readonly seen: string;
    /** That is the version that it is to have. */
    readonly current: boolean;
  }[];
}

/** A diagnostic as scripts read it. */
export interface DiagnosticReport {
  readonly code: string;
  readonly severity: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly related: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly message: string;
  }[];
}

export interface StatusReport {
  readonly version: string;
  readonly source: string;
  readonly input: {
    readonly state: InputStatus['state'];
    readonly since: string;
    readonly diagnostics: readonly DiagnosticReport[];
    /** How many findings there are; `diagnostics` has the first. */
    readonly total?: number | undefined;
  };
  readonly accepted: {
    readonly revision: number;
    readonly hash: string;
    readonly time: string;
  } | null;
  readonly nodes: {
    readonly connected: number;
    /** Of the connected: all of the accepted revision is acknowledged, leftovers aside. */
    readonly running: number;
    readonly inStep: number;
    readonly pending: number;
    readonly nacked: number;
    /** Their Envoy is older than the floor of their groups: they get nothing new. */
    readonly tooOld: number;
    /** Their Envoy has not built in what some resource needs: they get all else. */
    readonly unsupported: number;
  };
}

export interface OriginReport {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface NodeTypeReport {
  readonly type: string;
  readonly subscribed: number;
  readonly sent: string;
  readonly acked: string;
  readonly nacked: string;
  readonly pendingSince: string | null;
  /** Clusters that a CDS answer may wait for: they warm on a health check, DNS or a secret. */
  readonly waitsFor: readonly string[];
  readonly error: string | null;
  readonly rejected: readonly {
    readonly name: string;
    readonly version: string;
    readonly error: string;
    readonly origins: readonly OriginReport[];
  }[];
}

export interface LoadReportOfNode {
  readonly reports: number;
  readonly localities: readonly LocalityLoad[];
  /** Requests that were dropped, by cluster. */
  readonly dropped: Readonly<Record<string, number>>;
}

export interface UnsupportedReport {
  readonly code: 'NODE_UNSUPPORTED';
  readonly type: string;
  readonly name: string;
  /** The full name of the message that configures the extension, or that works over delta only. */
  readonly extension: string;
  /** The listener that waits for it, where this is its table. */
  readonly through: string | null;
  readonly message: string;
  readonly origin: OriginReport | null;
}

export interface NodeReport {
  readonly id: string;
  readonly cluster: string;
  readonly groups: readonly string[];
  readonly userAgent: string;
  /** Of the user agent, in its words. */
  readonly agentVersion: string;
  /** '' where it is no Envoy. */
  readonly envoyVersion: string;
  readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string };
  readonly wire: string;
  readonly connected: boolean;
  readonly since: string;
  /** It runs the accepted revision; what only older ones had may still be left over. */
  readonly running: boolean;
  /** It runs the accepted revision and holds nothing else. */
  readonly inStep: boolean;
  /** The floor that its Envoy is older than: it gets nothing new. Null where it is served. */
  readonly floorMissed: string | null;
  /** What its Envoy has not built in, and so it is not sent; the first of them. */
  readonly unsupported: readonly UnsupportedReport[];
  readonly phase: string;
  /** How many are open: one for each type where the node does not aggregate them. */
  readonly streams: number;
  /** On how many connections they are: more than two are several Envoys of one id. */
  readonly connections: number;
  readonly types: readonly NodeTypeReport[];
  /** What it said of its requests since it began to report; null where it reports none. */
  readonly load: LoadReportOfNode | null;
}

export interface ApplyReport {
  readonly outcome: 'accepted' | 'unchanged' | 'held';
  readonly revision: number | null;
  readonly diagnostics: readonly DiagnosticReport[];
}

/** Envoy's words as one line: it ends some with a line feed, and joins several with them. */
export const oneLine = (words: string): string => words.trim().replace(/\s*\n\s*/g, '; ');

/** The wire form of a diagnostic. */
export function reportDiagnostic(found: Diagnostic): DiagnosticReport {
  return {
    code: found.code,
    severity: found.severity,
    file: found.span?.file ?? null,
    line: found.span?.line ?? null,
    column: found.span?.col ?? null,
    message: found.message,
    related: found.related.map((r) => ({ ...reportPlace(r.span), message: r.message })),
  };
}

/** The wire form of a place. */
export const reportPlace = ({ file, line, col }: Span): OriginReport => ({
  file,
  line,
  column: col,
});
