import type { RouteTarget } from './route.ts';

/** `kind: Listener`. */
export interface ListenerValue {
  /** An IP address in canonical form. Default `0.0.0.0`. */
  readonly address: string;
  readonly port: number;
  readonly protocol: 'http' | 'https';
  readonly tls: ListenerTls | null;
  /** NodeGroup names; null: every node. */
  readonly nodes: readonly string[] | null;
  /** A catch-all target. */
  readonly to: RouteTarget | null;
  /** Routes without `listeners` go here where several HTTP listeners exist. */
  readonly isDefault: boolean;
}

export interface ListenerTls {
  /** Certificate names, one filter chain each. At least one. */
  readonly certificates: readonly string[];
  /** The certificate that serves names no other one covers; null: such handshakes are closed. */
  readonly default: string | null;
  readonly minVersion: '1.2' | '1.3';
}
