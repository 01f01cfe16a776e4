export interface Pair {
  readonly cert: string;
  readonly key: string;
  /** Lower-case hex, as TLS clients show it. */
  readonly serial: string;
}
export declare function issue(names: readonly string[]): Promise<Pair>;
