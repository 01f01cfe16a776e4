import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What the descriptor reader needs of a file; structurally `BinaryFile` of `schema/`. */
export interface OpenFile {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

/** Opens a file to be read in pieces. Throws as `openSync` does. */
export function openBinary(path: string): OpenFile {
  const descriptor = openSync(path, 'r');
  return {
    size: fstatSync(descriptor).size,
    read: (offset, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    },
    close: () => {
      closeSync(descriptor);
    },
  };
}
