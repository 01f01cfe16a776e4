/** The start of a serialized FileDescriptorProto: its tag, length and file name. */
export interface FileHeader {
  readonly name: string;
  readonly start: number;
  /** Bytes of tag, length and name. */
  readonly length: number;
}

const NAME_TAG = 0x0a;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_./-]*\.proto$/;
const NAME_BYTES_MAX = 255;
/** package, dependency, message_type, enum_type, service, extension, options, syntax. */
const SECOND_TAGS: ReadonlySet<number> = new Set([0x12, 0x1a, 0x22, 0x2a, 0x32, 0x3a, 0x42, 0x62]);

/** The header whose file name ends at `end`, or null where the text there is something else. */
export function fileHeader(bytes: Buffer, end: number): FileHeader | null {
  if (!SECOND_TAGS.has(bytes[end] ?? 0)) return null;
  for (let length = '.proto'.length + 1; length <= NAME_BYTES_MAX; length++) {
    const sizeBytes = length < 128 ? 1 : 2;
    const start = end - length - sizeBytes - 1;
    if (start < 0) return null;
    const size = bytes[start + 1] ?? 0;
    const written = length < 128 ? size : (size & 0x7f) | ((bytes[start + 2] ?? 0) << 7);
    if (bytes[start] !== NAME_TAG || written !== length) continue;
    if (length >= 128 && size < 128) continue;
    const name = bytes.toString('latin1', end - length, end);
    if (NAME.test(name)) return { name, start, length: end - start };
  }
  return null;
}

/** Wire type of each field of FileDescriptorProto, in the ascending order of serializers. */
const WIRE_TYPES: ReadonlyMap<number, number> = new Map([
  [1, 2],
  [2, 2],
  [3, 2],
  [4, 2],
  [5, 2],
  [6, 2],
  [7, 2],
  [8, 2],
  [9, 2],
  [10, 0],
  [11, 0],
  [12, 2],
  [14, 0],
]);
const ONCE: ReadonlySet<number> = new Set([1, 2, 8, 9, 12, 14]);

/**
 * The end of the FileDescriptorProto that begins at `start`. Nothing delimits it in a binary, so
 * it is walked until a byte cannot be its next field: serializers write fields in order.
 */
export function protoEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  let last = 0;
  for (;;) {
    const tag = bytes[at] ?? 0;
    const field = tag >> 3;
    const isNext = ONCE.has(field) ? field > last : field >= last;
    if (WIRE_TYPES.get(field) !== (tag & 7) || !isNext) return at;
    const value = varint(bytes, at + 1);
    if (value === null) return at;
    const next = (tag & 7) === 0 ? value.end : value.end + value.value;
    if (next > bytes.length) return at;
    at = next;
    last = field;
  }
}

function varint(bytes: Uint8Array, start: number): { value: number; end: number } | null {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 128) return { value, end: start + index + 1 };
  }
  return null;
}
