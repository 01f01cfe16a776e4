import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './ports.ts';

/** A TCP proxy in front of the xDS port that can cut its connections at a byte. */
export interface CutProxy {
  readonly address: string;
  /** Cuts every connection once `bytes` more have passed from the server to the client. */
  cutAfter(bytes: number): Promise<void>;
  /** While true, bytes from the server are not read: a stuck client. */
  hold(isHeld: boolean): void;
  close(): Promise<void>;
}

export async function startCutProxy(target: string): Promise<CutProxy> {
  const port = await freePort();
  const [host = '', targetPort = ''] = target.split(':');
  const open = new Set<Socket>();
  let budget = Number.POSITIVE_INFINITY;
  let isHeld = false;
  let onCut: (() => void) | null = null;
  const server = createServer((client) => {
    const upstream = connect({ host, port: Number(targetPort) });
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        open.delete(socket);
        cut();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      const passed = chunk.subarray(0, Math.min(chunk.length, budget));
      budget -= passed.length;
      client.write(passed);
      if (budget > 0) return;
      budget = Number.POSITIVE_INFINITY;
      for (const socket of open) socket.destroy();
      onCut?.();
    });
    if (isHeld) upstream.pause();
  });
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    address: `127.0.0.1:${port}`,
    cutAfter: (bytes) =>
      new Promise((resolve) => {
        onCut = resolve;
        budget = bytes;
      }),
    hold: (held) => {
      isHeld = held;
      for (const socket of open) {
        if (socket.remotePort !== Number(targetPort)) continue;
        if (held) socket.pause();
        else socket.resume();
      }
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}
