export interface Upstream {
  readonly name: string;
  readonly port: number;
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  served(): number;
  close(): Promise<void>;
}
export declare function startUpstream(options: {
  readonly name: string;
  readonly port?: number;
}): Promise<Upstream>;
