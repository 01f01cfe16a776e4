export interface LoadTarget {
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** Host header and, with TLS, SNI. Default `localhost`. */
  readonly host?: string;
  readonly path?: string;
  readonly tls?: boolean;
  /** What is shown to a server that asks for a certificate; PEM. */
  readonly client?: { readonly cert: string; readonly key: string };
  /** The status that counts as success. Default 200. */
  readonly status?: number;
}

export interface LoadOptions {
  readonly targets: readonly LoadTarget[];
  readonly rps: number;
  /** Share of requests on new connections. Default 0.5. */
  readonly newConnectionShare?: number;
  /** Default 60,000. */
  readonly timeLimitMs?: number;
}

export interface LoadFailure {
  readonly atMs: number;
  readonly reason: string;
  readonly target: string;
  readonly isFresh: boolean;
}

export interface LoadStats {
  readonly requests: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Requests not sent because the generator itself was starved. */
  readonly skipped: number;
  readonly byUpstream: Readonly<Record<string, number>>;
  readonly failures: readonly LoadFailure[];
}

export interface Load {
  stats(): LoadStats;
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<LoadStats>;
}
export declare function startLoad(options: LoadOptions): Load;
