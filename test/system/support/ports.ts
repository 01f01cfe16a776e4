import { createServer } from 'node:net';

const LOWEST = 20_000;
const HIGHEST = 30_000;
const taken = new Set<number>();

/**
 * A free loopback port below the ephemeral range, so that outgoing connections of a load cannot
 * take it before its owner binds. Never given twice in one process.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
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
