import type { Server } from 'node:net';

/** Lets a server listen on a free loopback port, and returns that. */
export async function listeningPort(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('not a TCP server');
  return address.port;
}
