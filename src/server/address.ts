import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect, isIPv4, isIPv6, type Server } from 'node:net';

/** Where a server listens. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export type ParsedAddress =
  | { readonly ok: true; readonly address: ListenAddress }
  | { readonly ok: false; readonly why: string };

/**
 * Reads `HOST:PORT`, `[V6]:PORT` or `unix:PATH`. What travels there is plaintext, so hosts other
 * than loopback are refused.
 */
export function parseListenAddress(text: string): ParsedAddress {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    return path === ''
      ? refuse(text, 'names no path; write unix:/run/helve.sock')
      : { ok: true, address: { kind: 'unix', path } };
  }
  const split = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:]+)):(?<port>\d{1,5})$/.exec(text)?.groups;
  const host = split?.['v6'] ?? split?.['host'];
  const port = Number(split?.['port']);
  if (host === undefined || port > 65_535) {
    return refuse(text, 'is no address; write HOST:PORT, [::1]:PORT or unix:PATH');
  }
  if (!isLoopback(host)) {
    return refuse(text, 'is not loopback, and this port is plaintext; use 127.0.0.1 or unix:PATH');
  }
  return { ok: true, address: { kind: 'tcp', host, port } };
}

/** Whether a host or address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  return isIPv4(host) ? host.startsWith('127.') : isIPv6(host) && isLoopbackV6(host);
}

const isLoopbackV6 = (host: string): boolean => /^(0*:)*:?0*1$/.test(host);

/**
 * Listens, and resolves with the address as bound (port 0 replaced). The socket file of a Unix
 * address is removed first where nobody listens behind it, and gets mode 0600. Rejects with the
 * system's error.
 */
export async function listenOn(server: Server, address: ListenAddress): Promise<string> {
  if (address.kind === 'unix') await removeStale(address.path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const done = (): void => {
      server.removeListener('error', reject);
      resolve();
    };
    if (address.kind === 'unix') server.listen(address.path, done);
    else server.listen({ host: address.host, port: address.port }, done);
  });
  if (address.kind === 'unix') await chmod(address.path, 0o600);
  return boundAddress(server, address);
}

function boundAddress(server: Server, address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : address.port;
  return isIPv6(address.host) ? `[${address.host}]:${port}` : `${address.host}:${port}`;
}

async function removeStale(path: string): Promise<void> {
  const isSocket = await lstat(path).then(
    (found) => found.isSocket(),
    () => false,
  );
  if (!isSocket) return;
  const answer = await new Promise<string>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve('listening');
    });
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      resolve(cause.code ?? 'unknown');
    });
  });
  // Refused: its process is gone.
  if (answer === 'ECONNREFUSED') await unlink(path);
}

const refuse = (text: string, why: string): ParsedAddress => ({
  ok: false,
  why: `${JSON.stringify(text)} ${why}`,
});
