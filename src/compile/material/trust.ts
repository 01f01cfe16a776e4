import { X509Certificate } from 'node:crypto';
import {
  compareText,
  hashBytes,
  type DiagnosticCode,
  type MaterialValue,
} from '../../base/index.ts';
import { readPem, toPem } from './pem.ts';

/** Whose certificates are believed, and which no more: canonical PEM, sorted, each once. */
export interface TrustBundle {
  readonly ca: string;
  /** '' without revocation lists. */
  readonly crl: string;
}

/** Envoy refuses a certificate whose CA has no list, where any CA has one. */
export function isListMissing(bundle: TrustBundle): boolean {
  const count = (text: string, label: string): number => text.split(`BEGIN ${label}`).length - 1;
  const lists = count(bundle.crl, 'X509 CRL');
  return lists > 0 && lists < count(bundle.ca, 'CERTIFICATE');
}

export interface TrustProblem {
  readonly code: DiagnosticCode;
  readonly file: 'ca' | 'crl';
  readonly message: string;
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

/** Node reads no revocation lists; a list is at least one whole SEQUENCE. */
function listText(text: string): string | null {
  const base64 = text.split('\n').slice(1, -2).join('');
  const der = Buffer.from(base64, 'base64');
  return der[0] === SEQUENCE && wholeLength(der) === der.length ? text : null;
}

const SEQUENCE = 0x30;

function wholeLength(der: Uint8Array): number {
  const first = der[1] ?? 0;
  if (first < 0x80) return 2 + first;
  const bytes = first & 0x7f;
  let length = 0;
  for (let i = 0; i < bytes && i < 4; i += 1) length = length * 256 + (der[2 + i] ?? 0);
  return 2 + bytes + length;
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
