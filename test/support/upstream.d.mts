export interface UpstreamTls {
  readonly cert: string;
  readonly key: string;
  /** Whose certificates clients must have. */
  readonly ca?: string;
}
export interface Upstream {
  readonly name: string;
  readonly port: number;
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  served(): number;
  /** Other certificates for new connections; those that are open are closed. Only with `tls`. */
  renew(tls: UpstreamTls): void;
  close(): Promise<void>;
}
export declare function startUpstream(options: {
  readonly name: string;
  readonly port?: number;
  readonly tls?: UpstreamTls;
}): Promise<Upstream>;
