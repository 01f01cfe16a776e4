import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import type { Pair } from './certificates.ts';

/** The serial (lower-case hex, no leading zeros) that a fresh handshake shows. */
export async function servedSerial(port: number, host: string): Promise<string> {
  const socket = await handshake(port, host);
  const serial = socket.getPeerCertificate().serialNumber;
  socket.destroy();
  return serial.toLowerCase().replace(/^0+/, '');
}

function handshake(port: number, host: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      servername: host,
      rejectUnauthorized: false,
    });
    socket.once('secureConnect', () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

interface Asked {
  readonly host: string;
  /** What the client shows; null: nothing. */
  readonly client: Pair | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `/`. */
  readonly path?: string;
}

/** The answer to one request over a connection of its own; null: refused in the handshake. */
export async function askOverTls(port: number, asked: Asked): Promise<IncomingMessage | null> {
  const response = await send(port, asked);
  response?.resume();
  return response;
}

/** The same, with the text of the answer. */
export async function readOverTls(
  port: number,
  asked: Asked,
): Promise<readonly [status: number, text: string] | null> {
  const response = await send(port, asked);
  if (response === null) return null;
  response.setEncoding('utf8');
  let text = '';
  for await (const part of response) text += String(part);
  return [response.statusCode ?? 0, text];
}

function send(port: number, asked: Asked): Promise<IncomingMessage | null> {
  const { host, client, headers, path = '/' } = asked;
  return new Promise((resolve) => {
    const sent = request({
      ...(client === null ? {} : { cert: client.cert, key: client.key }),
      port,
      path,
      host: '127.0.0.1',
      servername: host,
      headers: { host, ...headers },
      agent: false,
      rejectUnauthorized: false,
    });
    sent.on('error', () => {
      resolve(null);
    });
    sent.on('response', resolve);
    sent.end();
  });
}

/** A TLS connection that stays open and is asked for one answer at a time over HTTP/1.1. */
export interface LongConnection {
  /** Status code of one more request on the same connection; rejects once it was cut. */
  request(): Promise<number>;
  isOpen(): boolean;
  close(): void;
}

export async function openLongConnection(port: number, host: string): Promise<LongConnection> {
  const socket = await handshake(port, host);
  let isOpen = true;
  let waiting: { resolve: (status: number) => void; reject: (error: Error) => void } | null = null;
  let buffered = '';
  const fail = (why: string): void => {
    isOpen = false;
    waiting?.reject(new Error(why));
    waiting = null;
  };
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    buffered += text;
    const end = bodyEnd(buffered);
    if (end === null || waiting === null) return;
    const status = Number(buffered.slice(9, 12));
    buffered = buffered.slice(end);
    waiting.resolve(status);
    waiting = null;
  });
  socket.on('close', () => {
    fail('the connection was closed');
  });
  socket.on('error', (error: Error) => {
    fail(error.message);
  });
  return {
    isOpen: () => isOpen,
    close: () => {
      socket.destroy();
    },
    request: () =>
      new Promise((resolve, reject) => {
        if (!isOpen) {
          reject(new Error('the connection was closed'));
          return;
        }
        waiting = { resolve, reject };
        socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
      }),
  };
}

/** Where the first whole response in `text` ends; null until it is there. Chunked or by length. */
function bodyEnd(text: string): number | null {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return null;
  const length = /content-length: (\d+)/i.exec(text.slice(0, head))?.[1];
  if (length !== undefined) {
    const end = head + 4 + Number(length);
    return text.length >= end ? end : null;
  }
  const last = text.indexOf('\r\n0\r\n\r\n', head);
  return last < 0 ? null : last + 7;
}
