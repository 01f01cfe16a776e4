/** A file that is read in pieces: an Envoy binary is 100 MB, its descriptors under 1 MB. */
export interface BinaryFile {
  readonly size: number;
  /** Exactly `length` bytes from `offset`, or fewer at the end of the file. */
  read(offset: number, length: number): Uint8Array;
}

export interface Region {
  readonly offset: number;
  readonly length: number;
}

const SECTIONS_MAX = 10_000;

/**
 * Finds a section of a 64-bit little-endian ELF file by name; null where the file is something
 * else or has no such section. See elf(5), "Section header".
 */
export function findSection(file: BinaryFile, name: string): Region | null {
  const header = view(file, 0, 64);
  if (header === null || header.getUint32(0) !== 0x7f454c46) return null;
  if (header.getUint8(4) !== 2 || header.getUint8(5) !== 1) return null;
  const entrySize = header.getUint16(0x3a, true);
  const count = Math.min(header.getUint16(0x3c, true), SECTIONS_MAX);
  const table = view(file, Number(header.getBigUint64(0x28, true)), entrySize * count);
  if (table === null || entrySize < 64) return null;
  const names = regionAt(table, entrySize * header.getUint16(0x3e, true));
  if (names === null) return null;
  const text = file.read(names.offset, names.length);
  for (let index = 0; index < count; index++) {
    const nameAt = table.getUint32(entrySize * index, true);
    if (startsWith(text, nameAt, `${name}\0`)) return regionAt(table, entrySize * index);
  }
  return null;
}

function view(file: BinaryFile, offset: number, length: number): DataView | null {
  if (offset < 0 || offset + length > file.size) return null;
  const bytes = file.read(offset, length);
  return bytes.length < length ? null : new DataView(bytes.buffer, bytes.byteOffset, length);
}

function regionAt(table: DataView, entry: number): Region | null {
  if (entry + 64 > table.byteLength) return null;
  return {
    offset: Number(table.getBigUint64(entry + 0x18, true)),
    length: Number(table.getBigUint64(entry + 0x20, true)),
  };
}

function startsWith(bytes: Uint8Array, offset: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[offset + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
