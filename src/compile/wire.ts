/**
 * `message` with one length-delimited field appended for each of `values`: protobuf messages are
 * concatenated by concatenating their encodings.
 */
export function joinField(
  message: Uint8Array,
  field: number,
  values: readonly Uint8Array[],
): Uint8Array {
  const tag = field * 8 + 2;
  let size = message.length;
  for (const { length } of values) size += 1 + varintBytes(length) + length;
  const joined = Buffer.allocUnsafe(size);
  joined.set(message);
  let at = message.length;
  for (const value of values) {
    joined[at] = tag;
    at = writeVarint(joined, at + 1, value.length);
    joined.set(value, at);
    at += value.length;
  }
  return joined;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

function writeVarint(target: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 127) {
    target[at] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
    at += 1;
  }
  target[at] = rest;
  return at + 1;
}

/** Tag and length of a length-delimited field. */
export function fieldHead(field: number, length: number): Uint8Array {
  const head = Buffer.allocUnsafe(1 + varintBytes(length));
  head[0] = field * 8 + 2;
  writeVarint(head, 1, length);
  return head;
}
