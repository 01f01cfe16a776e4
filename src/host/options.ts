import type { Mono } from '../base/index.ts';
import type { Ingest, IngestListener, IngestOptions } from '../ingest/index.ts';
import type { LogLevel } from './log.ts';

export interface HostOptions {
  /** Absolute path of the folder, of a symbolic link to one, or of a single file. */
  readonly source: string;
  /** Where Envoys connect: `HOST:PORT` on loopback, or `unix:PATH`. */
  readonly xds: string;
  /** Admin HTTP: the same forms. */
  readonly admin: string;
  /** Where Envoys poll over REST: the same forms. Default: nowhere. */
  readonly rest?: string;
  /** Absolute path of the state directory; created where it is missing. */
  readonly stateDir: string;
  /** Absolute roots outside the source from which files may be read. */
  readonly allowPaths: readonly string[];
  /** False: look at intervals only, for file systems without events. */
  readonly hasEvents: boolean;
  /** The proxies' own admin address, which no upstream may be. */
  readonly proxyAdmin: string;
  readonly logLevel: LogLevel;
  /** Which helve this is, for clients. Default: they are not told. */
  readonly instance?: string;
  /** gRPC reflection on the xDS port. Default: off. */
  readonly hasReflection?: boolean;
  /** What cannot be served is told to clients in `resource_errors`. Default: no. */
  readonly hasResourceErrors?: boolean;
  /** Over delta, named resources are sent again to who comes back and lists them. Default: no. */
  readonly resendsNamed?: boolean;
  /** How often nodes are asked to report their load, ms. Default: 10,000. */
  readonly loadIntervalMs?: number;
  /** How old a connection may become, ms: then it is closed without a loss. Default: any age. */
  readonly connectionAgeMs?: number;
  /** helve's own version. */
  readonly version: string;
  /** How its user calls helve, for hints. Default: helve. */
  readonly command?: string;
  /** How the compiler runs. Default: in a process of its own. */
  readonly openIngest?: (options: IngestOptions, listener: IngestListener) => Ingest;
  /** Default: the machine's clocks. */
  readonly clock?: Clock;
  /** Where the log goes. Default: stderr, for people where that is a terminal. */
  readonly logTo?: (line: string) => void;
}

export interface Clock {
  readonly now: () => Mono;
  /** Wall clock, ms. */
  readonly wall: () => number;
}

/** A running server. */
export interface Host {
  /** As bound. */
  readonly adminAddress: string;
  /** As bound; null where REST is off. */
  readonly restAddress: string | null;
  /** As bound; null until a revision is served. */
  readonly xdsAddress: () => string | null;
  /** A revision is served, and the xDS port is open. Never rejects. */
  readonly ready: Promise<void>;
  /** Looks at the source at once, and takes what is there as meant. */
  look(): void;
  /** Ends streams with OK, then everything else, within 5 s. */
  close(): Promise<void>;
}

export type HostStarted =
  { readonly ok: true; readonly host: Host } | { readonly ok: false; readonly why: string };
