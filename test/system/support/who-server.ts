import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  status,
  type ServiceError,
} from '@grpc/grpc-js';

const METHOD = '/helve.test.Who/Are';
const CALL_MS_MAX = 60_000;
const toBytes = (bytes: Buffer): Buffer => bytes;

export interface WhoServer {
  readonly port: number;
  close(): void;
}

/** A gRPC server that says its name. */
export async function startWhoServer(name: string): Promise<WhoServer> {
  const server = new Server();
  server.register(
    METHOD,
    (_call: unknown, answer: (error: null, bytes: Buffer) => void) => {
      answer(null, Buffer.from(name));
    },
    toBytes,
    toBytes,
    'unary',
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    port,
    close: () => {
      server.forceShutdown();
    },
  };
}

/** What the server at an address says of itself to a plain client; else the name of the status. */
export async function askWho(address: string): Promise<string> {
  const client = new Client(address, credentials.createInsecure());
  try {
    return await new Promise((resolve) => {
      const deadline = Date.now() + CALL_MS_MAX;
      const done = (error: ServiceError | null, value?: Buffer): void => {
        resolve(error === null ? String(value) : status[error.code]);
      };
      client.makeUnaryRequest(METHOD, toBytes, toBytes, Buffer.from('x'), { deadline }, done);
    });
  } finally {
    client.close();
  }
}
