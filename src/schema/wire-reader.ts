/**
 * Reads the protobuf wire format. Truncated or malformed input throws a RangeError, which the
 * decoders of this folder turn into a value; it never leaves the folder.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  pos: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.pos = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.pos >= this.#end;
  }

  /** A varint's low 32 bits, unsigned. */
  uint32(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw new RangeError('varint is too long');
  }

  /** A varint's 64 bits, unsigned. */
  uint64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw new RangeError('varint is too long');
  }

  fixed32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  fixed64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8));
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#take(4));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  /** A length-delimited value; a view, not a copy. */
  bytes(): Uint8Array {
    const length = this.uint32();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  string(): string {
    const length = this.uint32();
    const start = this.#take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** Steps over a value of the wire type (the low three bits of its tag). */
  skip(wireType: number): void {
    switch (wireType) {
      case 0:
        this.uint64();
        return;
      case 1:
        this.#take(8);
        return;
      case 2:
        this.#take(this.uint32());
        return;
      case 5:
        this.#take(4);
        return;
      default:
        throw new RangeError(`wire type ${String(wireType)} is not read`);
    }
  }

  #byte(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  #take(length: number): number {
    const start = this.pos;
    if (start + length > this.#end) throw new RangeError('the bytes end inside a value');
    this.pos = start + length;
    return start;
  }
}
