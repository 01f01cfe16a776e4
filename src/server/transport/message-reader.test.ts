import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMessageReader } from './message-reader.ts';

const BYTES_MAX = 300;

function framed(bytes: Uint8Array, isCompressed = false): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(isCompressed ? 1 : 0);
  head.writeUInt32BE(bytes.byteLength, 1);
  return Buffer.concat([head, bytes]);
}

/** `bytes` cut at these places. */
function cut(bytes: Buffer, at: readonly number[]): readonly Buffer[] {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const ends = [...places, bytes.length];
  return ends.map((end, index) => Buffer.from(bytes.subarray(ends[index - 1] ?? 0, end)));
}

function all(reader: ReturnType<typeof createMessageReader>) {
  const found: { isCompressed: boolean; bytes: number[] }[] = [];
  for (let next = reader.next(); next !== null; next = reader.next()) {
    if ('tooLarge' in next) throw new Error('too large');
    found.push({ isCompressed: next.isCompressed, bytes: [...next.bytes] });
  }
  return found;
}

test('messages are found wherever they are cut', () => {
  const message = fc.record({
    isCompressed: fc.boolean(),
    bytes: fc.uint8Array({ maxLength: BYTES_MAX }),
  });
  fc.assert(
    fc.property(fc.array(message), fc.array(fc.nat()), (messages, at) => {
      const wire = Buffer.concat(messages.map((one) => framed(one.bytes, one.isCompressed)));
      const reader = createMessageReader(BYTES_MAX);
      const found = cut(wire, at).flatMap((chunk) => {
        reader.push(chunk);
        return all(reader);
      });
      expect(found).toEqual(messages.map((one) => ({ ...one, bytes: [...one.bytes] })));
    }),
  );
});

test('a message that was given stays as it is while others come', () => {
  const reader = createMessageReader(BYTES_MAX);
  const wire = Buffer.concat([1, 2, 3].map((value) => framed(Buffer.alloc(20, value))));
  const given: Uint8Array[] = [];
  for (const byte of wire) {
    reader.push(Buffer.of(byte));
    const next = reader.next();
    if (next !== null && 'bytes' in next) given.push(next.bytes);
  }
  expect(given.map((bytes) => [...bytes])).toEqual(
    [1, 2, 3].map((value) => Array.from({ length: 20 }, () => value)),
  );
});

test('X-14 what is too large is known by its head', () => {
  const reader = createMessageReader(BYTES_MAX);
  reader.push(Buffer.from('00ffffffff', 'hex'));
  expect(reader.next()).toEqual({ tooLarge: 2 ** 32 - 1 });
});
