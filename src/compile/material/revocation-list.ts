import { DER, derElement, derElements, type DerElement } from './der.ts';

/** What is read of a revocation list; Node reads none. */
export interface RevocationList {
  /** Whose list it is, in a form that compares. */
  readonly issuer: string;
  /** The same for people. */
  readonly shownIssuer: string;
  /** Wall clock, ms, from when it counts for nothing; null: it says no end. */
  readonly nextUpdate: number | null;
}

/** Null where the DER is not that of one whole list. */
export function revocationList(der: Uint8Array): RevocationList | null {
  const whole = derElement(der, 0);
  if (whole?.tag !== DER.sequence || whole.end !== der.length) return null;
  const signed = derElement(der, whole.start);
  if (signed?.tag !== DER.sequence) return null;
  const fields = derElements(der, signed);
  const version = fields[0]?.tag === INTEGER ? 1 : 0;
  const [, issuer, thisUpdate, next] = fields.slice(version);
  if (issuer?.tag !== DER.sequence || !isTime(thisUpdate)) return null;
  return {
    issuer: nameText(der, issuer),
    shownIssuer: shownName(der, issuer),
    nextUpdate: isTime(next) ? timeOf(der, next) : null,
  };
}

/** The subject of a certificate, comparable with the issuer of a list. */
export function subjectOf(der: Uint8Array): string | null {
  const certificate = derElement(der, 0);
  const signed = certificate === null ? null : derElement(der, certificate.start);
  if (signed === null) return null;
  const fields = derElements(der, signed);
  // Version, serial, algorithm, issuer, validity, subject; the first is left out in old ones.
  const subject = fields[(fields[0]?.tag === VERSION ? 1 : 0) + 4];
  return subject === undefined ? null : nameText(der, subject);
}

const INTEGER = 0x02;
const VERSION = 0xa0;
/** UTF8String, PrintableString, T61String, IA5String: the same text in each is the same name. */
const TEXTS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x14, 0x16]);

/** Envoy compares names so: without case and repeated spaces, whatever form the text has. */
function nameText(der: Uint8Array, name: DerElement): string {
  const sets = derElements(der, name).map((set) =>
    derElements(der, set)
      .map((pair) => derElements(der, pair).map((one) => partText(der, one)))
      .map((parts) => JSON.stringify(parts))
      .sort(),
  );
  return JSON.stringify(sets);
}

function partText(der: Uint8Array, { tag, start, end }: DerElement): string {
  const bytes = Buffer.from(der.subarray(start, end));
  if (!TEXTS.has(tag)) return `${tag}:${bytes.toString('hex')}`;
  const text = bytes.toString('utf8').trim().replace(/\s+/g, ' ');
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** `partners, example`: its texts, as they stand. */
const shownName = (der: Uint8Array, name: DerElement): string =>
  derElements(der, name)
    .flatMap((set) => derElements(der, set))
    .flatMap((pair) => derElements(der, pair).filter(({ tag }) => TEXTS.has(tag)))
    .map(({ start, end }) => Buffer.from(der.subarray(start, end)).toString('utf8'))
    .join(', ');

const isTime = (element: DerElement | undefined): element is DerElement =>
  element?.tag === DER.utcTime || element?.tag === DER.time;

/** `YYMMDDhhmmssZ` up to 2049, else `YYYYMMDDhhmmssZ`. */
function timeOf(der: Uint8Array, { tag, start, end }: DerElement): number | null {
  const text = Buffer.from(der.subarray(start, end)).toString('latin1');
  const century = Number(text.slice(0, 2)) < 50 ? '20' : '19';
  const whole = tag === DER.utcTime ? century + text : text;
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(whole) ?? [];
  if (parts.length === 0) return null;
  const [year = 0, month = 1, ...rest] = parts.map(Number);
  return Date.UTC(year, month - 1, ...rest);
}
