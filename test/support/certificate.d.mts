export interface Pair {
  readonly cert: string;
  readonly key: string;
  /** Lower-case hex, as TLS clients show it. */
  readonly serial: string;
}
/** What makes a certificate one that is refused, or warned of. */
export interface Form {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly isAuthority?: boolean;
  readonly usages?: readonly ('serverAuth' | 'clientAuth')[];
  /** An RSA key of so many bits; without it P-256. */
  readonly rsaBits?: number;
}
/** An empty revocation list, PEM, of whoever is called so. Default end: in 90 days. */
export declare function revocationList(name: string, nextUpdate?: Date): Promise<string>;
export declare function issue(names: readonly string[], form?: Form): Promise<Pair>;
