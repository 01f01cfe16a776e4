import type { ReadFault } from './read.ts';

/** UTF-8 text without its byte order mark, or why it is none. */
export function decodeText(bytes: Uint8Array): string | ReadFault {
  try {
    return DECODER.decode(bytes);
  } catch {
    return {
      code: 'FILE_ENCODING',
      message:
        `it is not UTF-8 (first wrong byte at offset ${firstWrong(bytes)}); ` + 'save it as UTF-8',
    };
  }
}

/** A byte order mark is no content: the hash is the same with and without it. */
export const withoutMark = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;

const DECODER = new TextDecoder('utf-8', { fatal: true });

/** Bisects: a prefix is wrong if it cannot be continued to valid text. */
function firstWrong(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isPrefixOfText(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function isPrefixOfText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
