import type { X509Certificate } from 'node:crypto';
import { problem, type MaterialProblem } from './problem.ts';

const HOUR_MS = 3_600_000;
const SOON_MS = 24 * HOUR_MS;
/** Clocks differ: a certificate that begins within this time is good now. */
const SKEW_MS = 5 * 60_000;

/** Whether the leaf is valid at `now` (wall clock, ms), and for another day. */
export function dateProblems(leaf: X509Certificate, now: number): readonly MaterialProblem[] {
  const notBefore = Date.parse(leaf.validFrom);
  const notAfter = Date.parse(leaf.validTo);
  if (notAfter <= now) {
    const words = `the certificate has expired at ${isoText(notAfter)}; renew it`;
    return [problem('CERT_EXPIRED', 'cert', words)];
  }
  if (notBefore > now + SKEW_MS) {
    const words = `the certificate begins at ${isoText(notBefore)}; check the clock, or wait`;
    return [problem('CERT_NOT_YET_VALID', 'cert', words)];
  }
  if (notAfter - now >= SOON_MS) return [];
  const words = `the certificate expires at ${isoText(notAfter)}; renew it`;
  return [problem('CERT_EXPIRES_SOON', 'cert', words)];
}

export const isoText = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
