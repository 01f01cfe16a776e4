// HTTP/2 by hand, for peers that no library can be: they read when they like, or not at all.
import { Socket } from 'node:net';
import { REQUEST_HEADERS } from './wire.mjs';

const FRAME = { data: 0, headers: 1, settings: 4, windowUpdate: 8 };
const END_HEADERS = 4;
const STREAM = 1;
/** As large as a window may be: what is not read stands in the way of nobody but the reader. */
const WINDOW_MAX = 2 ** 31 - 1;
const WINDOW_FIRST = 65_535;

/**
 * A connection that reads byte by byte, and only while `resume` lets it; whole chunks where
 * `isQuick`.
 */
export function connectRaw(address, { isQuick = false, onBytes = () => undefined } = {}) {
  const [host, port] = address.split(':');
  const buffer = Buffer.alloc(isQuick ? 64 * 1024 : 1);
  const callback = (count) => {
    onBytes(count);
    return isQuick;
  };
  const socket = new Socket({ onread: { buffer, callback } });
  socket.setNoDelay(true);
  return socket.on('error', () => undefined).connect(Number(port), host);
}

/** What opens a connection with one delta ADS stream, with all the window there is. */
export function opening() {
  const settings = Buffer.alloc(6);
  settings.writeUInt16BE(SETTING_INITIAL_WINDOW, 0);
  settings.writeUInt32BE(WINDOW_MAX, 2);
  const more = Buffer.alloc(4);
  more.writeUInt32BE(WINDOW_MAX - WINDOW_FIRST, 0);
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame(FRAME.settings, 0, 0, settings),
    frame(FRAME.windowUpdate, 0, 0, more),
    frame(FRAME.headers, END_HEADERS, STREAM, Buffer.concat(HEADERS.map(literal))),
  ]);
}

/** Bytes on the stream that `opening` opened. */
export const data = (bytes) => frame(FRAME.data, 0, STREAM, bytes);

const SETTING_INITIAL_WINDOW = 4;

const HEADERS = Object.entries({
  ...REQUEST_HEADERS,
  ':scheme': 'http',
  ':authority': 'helve',
}).sort(([a], [b]) => Number(b.startsWith(':')) - Number(a.startsWith(':')));

/** A header that no table is needed for. */
function literal([name, value]) {
  return Buffer.concat([Buffer.from([0]), ...[name, value].flatMap(text)]);
}

/** HPACK holds lengths below 127 in one byte. */
const text = (value) => [Buffer.from([value.length]), Buffer.from(value)];

function frame(type, flags, stream, payload) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
