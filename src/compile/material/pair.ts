import type { Secret } from '../../base/index.ts';

/** A key pair that was found good: canonical PEM, leaf first. */
export interface CertificatePair {
  readonly chain: string;
  readonly key: Secret<string>;
}

/** What a certificate says of itself. Nothing here is secret. */
export interface CertificateFacts {
  /** DNS names that clients can ask for by SNI: lower-case, sorted, unique. */
  readonly dnsNames: readonly string[];
  /** IP addresses, which clients never send as SNI; sorted, unique. */
  readonly ipNames: readonly string[];
  readonly keyType: 'rsa' | 'ec';
  /** Hex, without leading zeros, lower-case. */
  readonly serial: string;
  /** SHA-256 of the leaf's DER in lower-case hex. */
  readonly fingerprint: string;
  /** Wall clock, ms. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly subject: string;
  readonly issuer: string;
}
