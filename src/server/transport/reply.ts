import type { ServerHttp2Stream } from 'node:http2';
import { ACCEPTED } from './inflate.ts';
import { STATUS, type StatusName } from './status.ts';

/** What goes back on one HTTP/2 stream: messages, and a status at last. */
export interface Reply {
  /** One message; `onTaken`: the window of the client has let it go. */
  send(message: Uint8Array, tail: Uint8Array, onTaken: () => void): void;
  /** `onSent`: all that was sent before has gone, and the status with it. */
  end(code: StatusName, why: string, onSent: () => void): void;
}

const HEADERS = { ':status': 200, 'content-type': 'application/grpc+proto' };
const ACCEPTS = { 'grpc-accept-encoding': ACCEPTED };
/** Below this, one copy costs less than to write the parts. */
const COPIED_BYTES_MAX = 16 * 1024;
const HEAD_BYTES = 5;

export function replyOn(stream: ServerHttp2Stream): Reply {
  let hasBegun = false;
  const isGone = (): boolean => stream.destroyed || stream.closed;
  const begin = (): void => {
    if (hasBegun) return;
    hasBegun = true;
    stream.respond({ ...HEADERS, ...ACCEPTS }, { waitForTrailers: true });
  };
  return {
    send: (message, tail, onTaken) => {
      if (isGone()) return;
      begin();
      const length = message.byteLength + tail.byteLength;
      if (length <= COPIED_BYTES_MAX) {
        const framed = Buffer.allocUnsafe(HEAD_BYTES + length);
        writeHead(framed, length);
        framed.set(message, HEAD_BYTES);
        framed.set(tail, HEAD_BYTES + message.byteLength);
        stream.write(framed, onTaken);
        return;
      }
      // The message is shared by all streams that get it: its bytes are never copied here.
      const head = Buffer.allocUnsafe(HEAD_BYTES);
      writeHead(head, length);
      stream.cork();
      stream.write(head);
      if (tail.byteLength > 0) stream.write(message);
      stream.write(tail.byteLength > 0 ? tail : message, onTaken);
      stream.uncork();
    },
    end: (code, why, onSent) => {
      if (isGone()) return;
      // A reason is for what went wrong: clients show it as that.
      const text = code === 'OK' ? code : percentEncoded(why);
      const status = { 'grpc-status': String(STATUS[code]), 'grpc-message': text };
      if (!hasBegun) {
        stream.respond({ ...HEADERS, ...status }, { endStream: true });
        onSent();
        return;
      }
      stream.once('wantTrailers', () => {
        stream.sendTrailers(status);
        onSent();
      });
      stream.end();
    },
  };
}

function writeHead(into: Buffer, length: number): void {
  into.writeUInt8(0, 0);
  into.writeUInt32BE(length, 1);
}

/** As gRPC spells a reason: printable ASCII as it is. */
function percentEncoded(text: string): string {
  if (/^[ -$&-~]*$/.test(text)) return text;
  const spelled = [...Buffer.from(text)].map((byte) =>
    byte >= 0x20 && byte <= 0x7e && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return spelled.join('');
}
