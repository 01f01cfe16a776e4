/** `kind: Certificate`. Paths are normalised, relative to the source root or absolute. */
export interface CertificateValue {
  readonly cert: string;
  readonly key: string;
}
