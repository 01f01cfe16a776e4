// A gRPC client without a proxy, of `@grpc/grpc-js-xds`: calls once for each line on stdin, and
// prints what answered. The bootstrap is in GRPC_XDS_BOOTSTRAP, as with every client of gRPC.
import { createInterface } from 'node:readline';
import { Client, credentials } from '@grpc/grpc-js';
import { register } from '@grpc/grpc-js-xds';

const CALL_MS_MAX = 60_000;
const toBytes = (bytes) => bytes;

register();
const client = new Client(process.argv[2] ?? '', credentials.createInsecure());
const call = () =>
  new Promise((resolve) => {
    const options = { deadline: Date.now() + CALL_MS_MAX };
    client.makeUnaryRequest(
      '/helve.test.Who/Are',
      toBytes,
      toBytes,
      Buffer.from('x'),
      options,
      (error, answer) => resolve(error ? `error ${error.message}` : answer.toString()),
    );
  });

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'call') process.stdout.write(`${await call()}\n`);
}
