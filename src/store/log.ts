import { hashFields, manifestId, materialId, revisionId, seq, type Hash } from '../base/index.ts';
import type { Entry } from '../snapshot/index.ts';

/** An entry with the roots of what it accepted. */
export interface LogLine extends Entry {
  /** Root of the tree path → hash of the document text. */
  readonly sources: string;
  /** Root of the tree name → hash and digest of the material. */
  readonly values: string;
  /** Bytes of objects that were new with this entry: what keeping it costs. */
  readonly bytes: number;
  /** So many removals were allowed by command; absent where none were. */
  readonly allowed?: number;
}

/** An entry that is known to have been committed. */
export interface Mark {
  readonly seq: number;
  readonly hash: string;
}

/** What a log says, and how far it can be trusted. */
export interface LogReading {
  /** Whole lines, oldest first; the last one is the head. */
  readonly lines: readonly LogLine[];
  /** Bytes of whole, chained lines; what is behind is torn and must be cut off. */
  readonly length: number;
  /** Why nothing may be appended; null where the log is sound. */
  readonly broken: string | null;
}

/**
 * Reads a log back. A torn last line was never committed; anything else must be chained, and must
 * reach the entry `mark`. The first line may be any: older ones are dropped in time.
 */
export function readLog(bytes: Uint8Array, mark: Mark | null): LogReading {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: LogLine[] = [];
  let broken: string | null = null;
  let length = 0;
  for (let at = 0, number = 1; at < text.length; number += 1) {
    const end = text.indexOf(LINE_FEED, at);
    const next = end === -1 ? text.length : end + 1;
    const line = end === -1 ? null : decodeLine(text.toString('utf8', at, end));
    if (line === null && next >= text.length && broken === null) break;
    const isChained = line !== null && isNext(lines.at(-1) ?? null, line);
    if (!isChained) broken ??= `line ${number} of the log is damaged`;
    // Behind a break the newest line that is whole is still what was accepted last.
    if (line !== null) lines.push(line);
    at = next;
    if (broken === null) length = next;
  }
  return { lines, length, broken: broken ?? missing(lines, mark) };
}

/** The line after `head`, chained to it. */
export function nextLine(
  head: LogLine | null,
  fields: Omit<LogLine, 'seq' | 'prev' | 'kind' | 'hash'>,
): LogLine {
  const line = {
    ...fields,
    kind: 'accept',
    seq: seq((head?.seq ?? 0) + 1),
    prev: head?.hash ?? '',
  } as const;
  return { ...line, hash: hashOfLine(line) };
}

export const encodeLine = (line: LogLine): Uint8Array => Buffer.from(`${JSON.stringify(line)}\n`);

/** The entry as the rest of the program knows it. */
export function entryOf(line: LogLine): Entry {
  const { seq: number, prev, kind, at, revision, documents, material, compiler } = line;
  const { filterProfile, language, hash } = line;
  const made = { compiler, filterProfile, language };
  return { seq: number, prev, kind, at, revision, documents, material, ...made, hash };
}

const LINE_FEED = 0x0a;

const isNext = (before: LogLine | null, line: LogLine): boolean =>
  before === null || (line.seq === before.seq + 1 && line.prev === before.hash);

/** A log that ends before an entry that was committed was cut, or is an older copy. */
function missing(lines: readonly LogLine[], mark: Mark | null): string | null {
  if (mark === null || mark.seq === 0) return null;
  const last = lines.at(-1)?.seq ?? 0;
  if (last < mark.seq) return `the log ends at entry ${last}, but entry ${mark.seq} was committed`;
  const found = lines.find((line) => line.seq === mark.seq);
  const isOther = found !== undefined && found.hash !== mark.hash;
  return isOther ? `entry ${mark.seq} of the log is not the one that was committed` : null;
}

/** Over all other fields, sorted by name, so that a field added later is covered too. */
function hashOfLine(line: Readonly<Record<string, unknown>>): Hash {
  const names = Object.keys(line)
    .filter((name) => name !== 'hash')
    .sort();
  return hashFields(names.flatMap((name) => [name, JSON.stringify(line[name])]));
}

/** Null where the line is not whole. */
function decodeLine(text: string): LogLine | null {
  const record = decodeRecord(text);
  if (record === null || record['hash'] !== hashOfLine(record)) return null;
  const textOf = (name: string): string => {
    const value = record[name];
    return typeof value === 'string' ? value : '';
  };
  const numberOf = (name: string): number => {
    const value = record[name];
    return typeof value === 'number' ? value : 0;
  };
  return {
    seq: seq(numberOf('seq')),
    prev: textOf('prev'),
    kind: 'accept',
    at: textOf('at'),
    revision: revisionId(textOf('revision')),
    documents: manifestId(textOf('documents')),
    material: materialId(textOf('material')),
    compiler: textOf('compiler'),
    filterProfile: numberOf('filterProfile'),
    language: numberOf('language'),
    sources: textOf('sources'),
    values: textOf('values'),
    bytes: numberOf('bytes'),
    hash: textOf('hash'),
    ...(record['allowed'] === undefined ? {} : { allowed: numberOf('allowed') }),
  };
}

function decodeRecord(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    return Object.fromEntries(Object.entries(value));
  } catch {
    return null;
  }
}
