const SIZE_MIN = 1024;
const SHORT_CHARS = 80;

/**
 * Writes the protobuf wire format into one growing buffer. Nested messages are written in place:
 * `begin` leaves a byte for their length and `end` makes room where it needs more.
 */
export class WireWriter {
  #bytes: Buffer = Buffer.allocUnsafe(SIZE_MIN);
  #pos = 0;

  get length(): number {
    return this.#pos;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#pos));
  }

  /** Forgets everything; the buffer is kept for the next use. */
  reset(): void {
    this.#pos = 0;
  }

  /** Forgets what was written after `length`. */
  truncate(length: number): void {
    this.#pos = length;
  }

  uint32(value: number): void {
    this.#reserve(5);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#pos++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#pos++] = rest;
  }

  /** Negative values take ten bytes, as int32 and enums do on the wire. */
  int32(value: number): void {
    if (value >= 0) this.uint32(value);
    else this.uint64(BigInt.asUintN(64, BigInt(value)));
  }

  uint64(value: bigint): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 127n) {
      this.#bytes[this.#pos++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#pos++] = Number(rest);
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#pos = this.#bytes.writeUInt32LE(value >>> 0, this.#pos);
  }

  fixed64(value: bigint): void {
    this.#reserve(8);
    this.#pos = this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, value), this.#pos);
  }

  float(value: number): void {
    this.#reserve(4);
    this.#pos = this.#bytes.writeFloatLE(value, this.#pos);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#pos = this.#bytes.writeDoubleLE(value, this.#pos);
  }

  bytes(value: Uint8Array): void {
    this.uint32(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#pos);
    this.#pos += value.length;
  }

  string(value: string): void {
    const mark = this.begin();
    this.#reserve(value.length * 3);
    // A call into the runtime costs more than writing a short text byte by byte.
    if (value.length > SHORT_CHARS || !this.#ascii(value)) {
      this.#pos = mark + 1 + this.#bytes.write(value, mark + 1, 'utf8');
    }
    this.end(mark);
  }

  /** Writes a text of ASCII only; false where it met something else. */
  #ascii(value: string): boolean {
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code > 127) return false;
      this.#bytes[this.#pos++] = code;
    }
    return true;
  }

  begin(): number {
    this.#reserve(1);
    return this.#pos++;
  }

  end(mark: number): void {
    const length = this.#pos - mark - 1;
    let size = 1;
    for (let rest = length >>> 7; rest > 0; rest >>>= 7) size++;
    if (size > 1) {
      this.#reserve(size - 1);
      this.#bytes.copyWithin(mark + size, mark + 1, this.#pos);
    }
    this.#pos = mark;
    this.uint32(length);
    this.#pos += length;
  }

  #reserve(count: number): void {
    const needed = this.#pos + count;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#pos));
    this.#bytes = larger;
  }
}
