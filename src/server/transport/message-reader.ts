/** One message as it stands on the wire: a flag, its length, its bytes. */
export interface WireMessage {
  readonly isCompressed: boolean;
  readonly bytes: Buffer;
}

/** Takes the messages of a gRPC stream out of chunks that are cut anywhere. */
export interface MessageReader {
  push(chunk: Buffer): void;
  /** Null: the next one is not all there. A message over the limit is known by its head. */
  next(): WireMessage | { readonly tooLarge: number } | null;
}

const HEAD_BYTES = 5;

export function createMessageReader(bytesMax: number): MessageReader {
  /** What is not taken yet. */
  let held: Buffer = NOTHING;
  /** Where `held` is the end of what was gathered, with room behind it; else it is a chunk. */
  let store: Buffer = NOTHING;
  let storeEnd = 0;

  const gather = (chunk: Buffer): void => {
    const length = held.length + chunk.length;
    if (storeEnd + chunk.length > store.length) {
      // Twice as much each time, or a message that comes byte by byte would be copied as often.
      const wanted = Math.min(2 * length, HEAD_BYTES + bytesMax);
      store = Buffer.allocUnsafeSlow(Math.max(length, wanted));
      held.copy(store);
      storeEnd = held.length;
    }
    chunk.copy(store, storeEnd);
    storeEnd += chunk.length;
    held = store.subarray(storeEnd - length, storeEnd);
  };
  const take = (count: number): Buffer => {
    const taken = held.subarray(0, count);
    held = held.length === count ? NOTHING : held.subarray(count);
    return taken;
  };
  return {
    push: (chunk) => {
      if (held.length > 0) {
        gather(chunk);
        return;
      }
      held = chunk;
      store = NOTHING;
      storeEnd = 0;
    },
    next: () => {
      if (held.length < HEAD_BYTES) return null;
      const length = held.readUInt32BE(1);
      if (length > bytesMax) return { tooLarge: length };
      if (held.length < HEAD_BYTES + length) return null;
      const isCompressed = held.readUInt8(0) === 1;
      return { isCompressed, bytes: take(HEAD_BYTES + length).subarray(HEAD_BYTES) };
    },
  };
}

const NOTHING: Buffer = Buffer.alloc(0);
