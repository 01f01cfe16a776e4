// The floor: raw `node:http2` that serves recorded resources and knows nothing of xDS but how a
// response looks. Every stream gets the same bytes; nothing is compared, ordered or remembered.
// Arguments: the index of a recording. A line on stdin names the table that changed, and its file.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http2';
import { createInterface } from 'node:readline';
import { TYPE, decodeRequest, encodeResponse, newFrameReader } from './wire.mjs';

const STREAM_WINDOW = 16 * 1024 * 1024;
const SESSION_MEMORY_MB = 1_000;

const resources = JSON.parse(readFileSync(process.argv[2], 'utf8')).map((one) => ({
  ...one,
  bytes: readFileSync(one.file),
}));
const streams = new Set();
const frames = new Map();

const server = createServer({
  settings: { initialWindowSize: STREAM_WINDOW, maxConcurrentStreams: 100 },
  maxSessionMemory: SESSION_MEMORY_MB,
});
server.on('session', (session) => session.on('error', () => undefined));
server.on('stream', (stream) => {
  streams.add(stream);
  stream.on('error', () => undefined).once('close', () => streams.delete(stream));
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
  stream.on(
    'data',
    newFrameReader((bytes) => answer(stream, decodeRequest(bytes))),
  );
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`127.0.0.1:${server.address().port}\n`);
});

createInterface({ input: process.stdin }).on('line', (line) => {
  const [name, file] = line.split(' ');
  const changed = resources.findIndex((one) => one.type === TYPE.route && one.name === name);
  const resource = {
    ...resources[changed],
    bytes: readFileSync(file),
    version: String(Date.now()),
  };
  resources[changed] = resource;
  frames.clear();
  const frame = encodeResponse({ type: TYPE.route, resources: [resource], nonce: 'n' });
  for (const stream of streams) stream.write(frame);
});
process.stdin.on('end', () => process.exit());

/** The first request for a type is one for all, further ones are for the names in them. */
function answer(stream, { type, subscribe, nonce }) {
  if (nonce !== '' && subscribe.length === 0) return;
  const key = `${type} ${subscribe.join(' ')}`;
  let frame = frames.get(key);
  if (frame === undefined) {
    const names = new Set(subscribe);
    const isIn = (one) => one.type === type && (names.size === 0 || names.has(one.name));
    frame = encodeResponse({ type, resources: resources.filter(isIn), nonce: 'n' });
    frames.set(key, frame);
  }
  stream.write(frame);
}
