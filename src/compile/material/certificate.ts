import type { X509Certificate } from 'node:crypto';
import { chainProblems } from './chain.ts';
import { dateProblems } from './dates.ts';
import { factsOf } from './facts.ts';
import { leafProblems, type CertificateRole } from './leaf.ts';
import type { CertificateFacts, CertificatePair } from './pair.ts';
import { readChain, readKey, type ReadFile } from './pem-files.ts';
import { toPem } from './pem.ts';
import { isFatal, type MaterialProblem } from './problem.ts';

export interface Certificate {
  readonly facts: CertificateFacts;
  readonly pair: CertificatePair;
}

/** A certificate is good where no problem is an error; warnings may remain. */
export type ReadCertificate =
  | {
      readonly ok: true;
      readonly certificate: Certificate;
      readonly problems: readonly MaterialProblem[];
    }
  | { readonly ok: false; readonly problems: readonly MaterialProblem[] };

export interface Judgement {
  /** Wall clock, ms, for its dates. */
  readonly now: number;
  /** What it is for. */
  readonly roles: readonly CertificateRole[];
}

/**
 * Reads the two files of a certificate and judges everything that Envoy or a client would refuse.
 */
export function readCertificate(
  certPem: Uint8Array,
  keyPem: Uint8Array,
  { now, roles }: Judgement,
): ReadCertificate {
  const chain = readChain(certPem);
  const key = readKey(keyPem);
  const [leaf] = chain.ok ? chain.value : [];
  if (!chain.ok || !key.ok || leaf === undefined) {
    return { ok: false, problems: [...problemOf(chain), ...problemOf(key)] };
  }
  const problems = [
    ...chainProblems(chain.value, key.value.object),
    ...leafProblems(leaf, roles),
    ...dateProblems(leaf, now),
  ];
  if (problems.some(isFatal)) return { ok: false, problems };
  const pair = { chain: chain.value.map(canonicalPem).join(''), key: key.value.pem };
  return { ok: true, certificate: { facts: factsOf(leaf), pair }, problems };
}

const problemOf = (file: ReadFile<unknown>): readonly MaterialProblem[] =>
  file.ok ? [] : [file.problem];

/** One text per certificate, so that white space and comments in the file push nothing. */
const canonicalPem = (certificate: X509Certificate): string =>
  toPem('CERTIFICATE', certificate.raw.toString('base64'));
