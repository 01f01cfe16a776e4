import { X509Certificate } from 'node:crypto';
import {
  compareText,
  hashBytes,
  printable,
  type DiagnosticCode,
  type MaterialValue,
} from '../../base/index.ts';
import { readPem, toPem } from './pem.ts';
import { isoText } from './dates.ts';
import { revocationList, subjectOf, type RevocationList } from './revocation-list.ts';

/** Whose certificates are believed, and which no more: canonical PEM, sorted, each once. */
export interface TrustBundle {
  readonly ca: string;
  /** '' without revocation lists. */
  readonly crl: string;
}

/** Envoy refuses a certificate whose CA has no list, where any CA has one. */
export function isListMissing(bundle: TrustBundle): boolean {
  const issuers = new Set(listsIn(bundle).map(({ issuer }) => issuer));
  return issuers.size > 0 && [...subjectsIn(bundle)].some((subject) => !issuers.has(subject));
}

/** When lists of a bundle end: its judgement changes at these times (wall clock, ms). */
export const endsOf = (bundle: TrustBundle): readonly number[] =>
  listsIn(bundle).flatMap(({ nextUpdate }) => nextUpdate ?? []);

/**
 * Lists that count for nothing at `now`: Envoy refuses whoever a CA has issued whose list has
 * ended, and ignores a list of somebody else. Where all are of others it is the wrong file; one
 * among others is what a CA leaves behind that is believed no more, which must not keep it.
 */
export function listProblems(bundle: TrustBundle, now: number): readonly TrustProblem[] {
  const subjects = subjectsIn(bundle);
  const lists = listsIn(bundle);
  const isWrongFile = lists.every(({ issuer }) => !subjects.has(issuer));
  return lists.flatMap(({ issuer, shownIssuer, nextUpdate }): readonly TrustProblem[] => {
    const subject = `the list of ${shown(shownIssuer)}`;
    if (!subjects.has(issuer)) {
      const help = isWrongFile ? 'write those of the CAs in ca' : 'remove it';
      const found = problem('CRL_ISSUER', `${subject} is of none of the CAs; ${help}`);
      return [isWrongFile ? found : { ...found, severity: 'warning' }];
    }
    if (nextUpdate === null || nextUpdate > now) return [];
    const words = `was to be replaced by ${isoText(nextUpdate)}`;
    const meaning = 'Envoy refuses whom that CA has issued; write its newest list';
    return [problem('CRL_EXPIRED', `${subject} ${words}, and ${meaning}`)];
  });
}

const problem = (code: DiagnosticCode, message: string): TrustProblem => ({
  code,
  file: 'crl',
  message,
});

/** Whether a list of one of its CAs has ended. */
export const hasEnded = (bundle: TrustBundle, now: number): boolean =>
  listProblems(bundle, now).some(({ code }) => code === 'CRL_EXPIRED');

const shown = (name: string): string => JSON.stringify(printable(name).slice(0, SHOWN_MAX));

const SHOWN_MAX = 100;

const blocksIn = (pem: string): readonly Uint8Array[] =>
  [...pem.matchAll(/-----BEGIN [^-]+-----([^-]+)/g)].map(([, body = '']) =>
    Buffer.from(body, 'base64'),
  );

const listsIn = ({ crl }: TrustBundle): readonly RevocationList[] =>
  blocksIn(crl).flatMap((der) => revocationList(der) ?? []);

const subjectsIn = ({ ca }: TrustBundle): ReadonlySet<string> =>
  new Set(blocksIn(ca).flatMap((der) => subjectOf(der) ?? []));

export interface TrustProblem {
  readonly code: DiagnosticCode;
  readonly file: 'ca' | 'crl';
  readonly message: string;
  /** Where the code is less than an error here. */
  readonly severity?: 'warning';
}

export type ReadTrust =
  | { readonly ok: true; readonly bundle: TrustBundle }
  | { readonly ok: false; readonly problems: readonly TrustProblem[] };

/** Reads the files of a Trust: what Envoy would refuse, and files that were cut, are problems. */
export function readTrust(ca: Uint8Array, crl: Uint8Array | null): ReadTrust {
  const authorities = textsOf(ca, 'ca', CERTIFICATES, certificateText);
  const lists = crl === null ? { texts: [], problems: [] } : textsOf(crl, 'crl', LISTS, listText);
  const problems = [...authorities.problems, ...lists.problems];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, bundle: { ca: joined(authorities.texts), crl: joined(lists.texts) } };
}

const CERTIFICATES: ReadonlySet<string> = new Set([
  'CERTIFICATE',
  'X509 CERTIFICATE',
  'TRUSTED CERTIFICATE',
]);
const LISTS: ReadonlySet<string> = new Set(['X509 CRL']);

const joined = (texts: readonly string[]): string => [...new Set(texts)].sort(compareText).join('');

interface Texts {
  readonly texts: readonly string[];
  readonly problems: readonly TrustProblem[];
}

function textsOf(
  bytes: Uint8Array,
  file: TrustProblem['file'],
  labels: ReadonlySet<string>,
  read: (text: string) => string | null,
): Texts {
  const refused = (code: DiagnosticCode, message: string): Texts => ({
    texts: [],
    problems: [{ code, file, message }],
  });
  const pem = readPem(bytes);
  if (pem.kind === 'empty') return refused('CERT_EMPTY', 'the file is empty; write the PEM file');
  if (pem.kind === 'binary') {
    return refused(
      'CERT_FORMAT',
      `the file is DER; convert it: openssl ${TOOLS[file]} -inform DER`,
    );
  }
  if (pem.kind === 'broken') {
    return refused('CERT_PEM', `the file is not whole PEM: ${pem.why}; write all of it`);
  }
  const wanted = pem.blocks.filter(({ label }) => labels.has(label));
  if (wanted.length === 0) return refused('CERT_PEM', `the file has no ${WORDS[file]}; write one`);
  const texts = wanted.map(({ text }) => read(text));
  const broken = texts.indexOf(null);
  if (broken !== -1) {
    const what = `${WORDS[file]} ${broken + 1} of the file`;
    return refused('CERT_PEM', `${what} cannot be read; write the whole PEM file`);
  }
  return { texts: texts.filter((text) => text !== null), problems: [] };
}

const TOOLS = Object.freeze({ ca: 'x509', crl: 'crl' });
const WORDS = Object.freeze({ ca: 'certificate', crl: 'revocation list' });

function certificateText(text: string): string | null {
  try {
    return toPem('CERTIFICATE', new X509Certificate(text).raw.toString('base64'));
  } catch {
    return null;
  }
}

function listText(text: string): string | null {
  const [der = new Uint8Array()] = blocksIn(text);
  return revocationList(der) === null ? null : text;
}

/** A good bundle as it is kept: what a broken file falls back to. */
export function trustMaterial(trust: string, bundle: TrustBundle): MaterialValue {
  const bytes = new TextEncoder().encode(JSON.stringify({ format: FORMAT, ...bundle }));
  return { name: `Trust/${trust}`, hash: hashBytes(bytes), bytes };
}

const FORMAT = 1;

/** Null where it is of a format that this helve does not know. */
export function trustOf(value: MaterialValue): TrustBundle | null {
  try {
    const fields: unknown = JSON.parse(new TextDecoder().decode(value.bytes));
    return isStored(fields) ? { ca: fields.ca, crl: fields.crl } : null;
  } catch {
    return null;
  }
}

const isStored = (value: unknown): value is TrustBundle =>
  typeof value === 'object' &&
  value !== null &&
  'format' in value &&
  value.format === FORMAT &&
  'ca' in value &&
  typeof value.ca === 'string' &&
  'crl' in value &&
  typeof value.crl === 'string';
