import { connect } from 'node:http2';

/** One message as gRPC frames it. */
export function framed(message: Uint8Array, isCompressed = false): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(isCompressed ? 1 : 0);
  head.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([head, message]);
}

/** The beginning of a message that says it is `bytes` long. */
export const headOf = (bytes: number): Buffer => framed(Buffer.alloc(bytes)).subarray(0, 100);

export interface RawCall {
  readonly path: string;
  readonly bytes: Buffer;
  readonly encoding?: string | undefined;
}

/** Sends bytes as they are, on a connection of their own; resolves to the status. */
export async function rawCall(address: string, sent: RawCall): Promise<number> {
  const session = connect(`http://${address}`);
  session.on('error', () => undefined);
  try {
    const stream = session.request({
      ...{ ':method': 'POST', ':path': sent.path, 'content-type': 'application/grpc' },
      te: 'trailers',
      ...(sent.encoding === undefined ? {} : { 'grpc-encoding': sent.encoding }),
    });
    const found = new Promise<unknown>((resolve) => {
      const read = (headers: Readonly<Record<string, unknown>>): void => {
        if (headers['grpc-status'] !== undefined) resolve(headers['grpc-status']);
      };
      stream.on('response', read).on('trailers', read).on('error', resolve).on('close', resolve);
    });
    // The client says no more, and does not say so: a stream would end with its requests.
    stream.resume().write(sent.bytes);
    return Number(await found);
  } finally {
    session.destroy();
  }
}
