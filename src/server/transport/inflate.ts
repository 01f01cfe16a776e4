import { gunzip, inflate as inflateZlib, type InputType } from 'node:zlib';
import type { StatusName } from './status.ts';

/** Why a message is none, and the status that says so. */
export interface Unreadable {
  readonly code: StatusName;
  readonly why: string;
}

export type Inflated =
  { readonly ok: true; readonly bytes: Buffer } | ({ readonly ok: false } & Unreadable);

type Inflate = (
  bytes: InputType,
  options: { readonly maxOutputLength: number },
  done: (error: NodeJS.ErrnoException | null, bytes: Buffer) => void,
) => void;

const ENCODINGS: ReadonlyMap<string, Inflate> = new Map<string, Inflate>([
  ['gzip', gunzip],
  ['deflate', inflateZlib],
]);

/** What clients are told that they may send. */
export const ACCEPTED = ['identity', ...ENCODINGS.keys()].join(',');

/** Inflates one message, never to more than is allowed. */
export function inflate(bytes: Buffer, encoding: string, bytesMax: number): Promise<Inflated> {
  // It only says that it is compressed.
  if (encoding === 'identity') return Promise.resolve({ ok: true, bytes });
  const inflating = ENCODINGS.get(encoding);
  if (inflating === undefined) {
    const why = `messages compressed with "${encoding.slice(0, WORD_CHARS_MAX)}" cannot be read`;
    return Promise.resolve({ ok: false, code: 'UNIMPLEMENTED', why });
  }
  return new Promise((resolve) => {
    inflating(bytes, { maxOutputLength: bytesMax }, (error, inflated) => {
      if (error === null) resolve({ ok: true, bytes: inflated });
      else resolve({ ok: false, ...reasonOf(error, bytesMax) });
    });
  });
}

const WORD_CHARS_MAX = 100;

const reasonOf = ({ code }: NodeJS.ErrnoException, bytesMax: number): Unreadable =>
  code === 'ERR_BUFFER_TOO_LARGE'
    ? { code: 'RESOURCE_EXHAUSTED', why: `a message inflates to more than ${bytesMax} bytes` }
    : { code: 'INTERNAL', why: 'a compressed message cannot be inflated' };
