import { connect, createServer, type Server, type Socket } from 'node:net';

/** A server that says its name to whoever connects, and then nothing. */
export interface TcpServer {
  readonly name: string;
  readonly port: number;
  readonly address: string;
  /** Takes no new connections; those that it has stay open. */
  stopListening(): Promise<void>;
  listenAgain(): Promise<void>;
  close(): Promise<void>;
}

export async function startTcpServer(name: string, port = 0): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const open = (on: number): Promise<Server> => {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => sockets.delete(socket));
      socket.write(`${name}\n`);
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(on, '127.0.0.1', () => {
        resolve(server);
      });
    });
  };
  let server = await open(port);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const own = address.port;
  // What is open keeps a server from ending, and is not waited for.
  const stop = (): Promise<void> => {
    server.close();
    return Promise.resolve();
  };
  return {
    name,
    port: own,
    address: `127.0.0.1:${own}`,
    stopListening: stop,
    listenAgain: async () => {
      server = await open(own);
    },
    close: async () => {
      await stop();
      for (const socket of sockets) socket.destroy();
    },
  };
}

export interface TcpClient {
  /** Who answered. */
  readonly server: string;
  readonly closed: Promise<void>;
  isOpen(): boolean;
  close(): void;
}

/** Connects and waits for the name of the server; rejects where the connection ends before. */
export function openTcp(port: number): Promise<TcpClient> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let isOpen = true;
    const closed = new Promise<void>((end) => {
      socket.on('close', () => {
        isOpen = false;
        end();
        reject(new Error('closed before a server answered'));
      });
    });
    socket.on('error', reject);
    socket.once('data', (data) => {
      const server = data.toString().trim();
      resolve({ server, closed, isOpen: () => isOpen, close: () => socket.destroy() });
    });
  });
}

/** Who answers a connection that is closed at once; null where none does. */
export async function askTcp(port: number): Promise<string | null> {
  try {
    const client = await openTcp(port);
    client.close();
    return client.server;
  } catch {
    return null;
  }
}
