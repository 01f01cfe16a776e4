import { createServer } from 'node:net';

/** Each worker has ports of its own, since a port that was found free is not yet bound. */
const WORKER = Number(process.env['VITEST_POOL_ID'] ?? 1) - 1;
const COUNT = 2_500;
const LOWEST = 20_000 + (WORKER % 4) * COUNT;
const taken = new Set<number>();

/**
 * A free loopback port below the ephemeral range, so that outgoing connections of a load cannot
 * take it before its owner binds. Never given twice in one process.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * COUNT);
    if (!taken.has(port) && (await isFree(port))) {
      taken.add(port);
      return port;
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
