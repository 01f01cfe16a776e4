import { hashBytes } from '../base/index.ts';

/** One object and its name. */
export interface NamedBytes {
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/** Where an object is within its pack. */
export interface Place {
  readonly at: number;
  readonly length: number;
}

export interface Pack {
  /** Hash of the index. */
  readonly name: string;
  readonly chunks: readonly Uint8Array[];
  readonly places: ReadonlyMap<string, Place>;
}

/**
 * Many objects as one file: 8 hex digits for the length of the index; the index, JSON rows of
 * (hash, end); the bytes. The index counts from its own end, so that it can be hashed before.
 */
export function encodePack(objects: readonly NamedBytes[]): Pack {
  const ends: (readonly [string, number])[] = [];
  let end = 0;
  for (const { hash, bytes } of objects) {
    end += bytes.length;
    ends.push([hash, end]);
  }
  const text = JSON.stringify(ends);
  const length = Buffer.byteLength(text);
  const head = Buffer.from(length.toString(16).padStart(INDEX_DIGITS, '0') + text);
  return {
    name: hashBytes(text),
    chunks: [head, ...objects.map((object) => object.bytes)],
    places: new Map(placesOf(ends, head.length)),
  };
}

/** The index of a pack; empty where it is damaged: reading its objects says that they lack. */
export function decodePack(name: string, bytes: Buffer): ReadonlyMap<string, Place> {
  const start = INDEX_DIGITS + Number.parseInt(bytes.toString('latin1', 0, INDEX_DIGITS), 16);
  const text = bytes.toString('utf8', INDEX_DIGITS, start);
  return hashBytes(text) === name ? new Map(placesOf(decodeEnds(text), start)) : new Map();
}

const INDEX_DIGITS = 8;

type End = readonly [hash: string, end: number];

function placesOf(ends: readonly End[], start: number): readonly (readonly [string, Place])[] {
  return ends.map(([hash, end], i) => {
    const before = ends[i - 1]?.[1] ?? 0;
    return [hash, { at: start + before, length: end - before }];
  });
}

function decodeEnds(text: string): readonly End[] {
  const value: unknown = JSON.parse(text);
  const rows: readonly unknown[] = Array.isArray(value) ? value : [];
  return rows.flatMap((row) => {
    const pair: readonly unknown[] = Array.isArray(row) ? row : [];
    const [hash, end] = pair;
    return typeof hash === 'string' && typeof end === 'number' ? [[hash, end] as const] : [];
  });
}
