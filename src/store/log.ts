import { hashFields, manifestId, materialId, revisionId, seq, type Hash } from '../base/index.ts';
import type { Entry } from '../snapshot/index.ts';

/** An entry with the roots of what it accepted. */
export interface LogLine extends Entry {
  /** Root of the tree path → hash of the document text. */
  readonly sources: string;
  /** Root of the tree name → hash and digest of the material. */
  readonly values: string;
}

/** What a log says, and how far it can be trusted. */
export interface LogReading {
  readonly head: LogLine | null;
  /** Bytes of whole, chained lines; what is behind is torn and must be cut off. */
  readonly length: number;
  /** Why nothing may be appended; null where the log is sound. */
  readonly broken: string | null;
}

/** Reads a log back. A torn last line was never committed; anything else must be chained. */
export function readLog(bytes: Uint8Array): LogReading {
  const text = Buffer.from(bytes);
  let head: LogLine | null = null;
  let broken: string | null = null;
  let length = 0;
  for (let at = 0, number = 1; at < text.length; number += 1) {
    const end = text.indexOf(LINE_FEED, at);
    const next = end === -1 ? text.length : end + 1;
    const line = end === -1 ? null : decodeLine(text.toString('utf8', at, end));
    const isLast = next >= text.length;
    if (line === null && isLast && broken === null) break;
    const isChained = line !== null && isNext(head, line);
    if (!isChained) broken ??= `line ${number} of the log is damaged`;
    // Behind a break the newest line that is whole is still what was accepted last.
    if (line !== null) head = line;
    at = next;
    if (broken === null) length = next;
  }
  return { head, length, broken };
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
  const { sources: _sources, values: _values, ...entry } = line;
  return entry;
}

const LINE_FEED = 0x0a;

const isNext = (head: LogLine | null, line: LogLine): boolean =>
  line.seq === (head?.seq ?? 0) + 1 && line.prev === (head?.hash ?? '');

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
    hash: textOf('hash'),
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
