// A process of many delta clients, told by its parent what to do. A client is a connection.
import { now } from './clock.mjs';
import { openDeltaClient } from './delta-client.mjs';

/** Handshakes that are under way at once. */
const OPENING_MAX = 50;

let clients = [];
let recorded = new Map();
let watch = null;
let totals = { responses: 0, bytes: 0 };

let found = null;

const calls = { boot, watchFor, seen: () => found, counts, record, stall, close };

process.on('message', ({ id, call, args }) => {
  calls[call](args).then(
    (value) => process.send({ id, value }),
    (error) => process.send({ id, error: error.message }),
  );
});
process.on('disconnect', () => process.exit());

/** Opens `count` clients, and waits until each has all that it asked for. */
async function boot({ address, count, records }) {
  const waiting = Array.from({ length: count }, (_, index) => index);
  const startedAt = now();
  const open = async () => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
      await openOne(address, index, records && index === 0);
    }
  };
  await Promise.all(Array.from({ length: Math.min(OPENING_MAX, count) }, open));
  return { ms: now() - startedAt, at: now() };
}

function openOne(address, index, isRecorded) {
  return new Promise((resolve, reject) => {
    const client = openDeltaClient({
      address,
      node: `client-${index}`,
      onResponse: (bytes, response) => {
        if (isRecorded) keep(response);
        totals.responses += 1;
        totals.bytes += bytes.length;
        watch?.(index, bytes);
      },
      onBooted: resolve,
      onError: (error) => {
        reject(error);
        watch?.(index, null, error);
      },
    });
    clients.push(client);
  });
}

function keep({ type, resources }) {
  for (const { name, version, bytes } of resources) {
    if (bytes !== null) recorded.set(`${type} ${name}`, { type, name, version, bytes });
  }
}

/** From here on looks for `marker`; `seen` resolves to when each client had acknowledged it. */
async function watchFor({ marker }) {
  const needle = Buffer.from(marker);
  const times = new Map();
  found = new Promise((resolve, reject) => {
    watch = (index, bytes, error) => {
      if (bytes === null) {
        reject(error);
      } else if (!times.has(index) && bytes.includes(needle)) {
        times.set(index, now());
        if (times.size < clients.length) return;
        watch = null;
        resolve([...times.values()]);
      }
    };
  });
  // It is awaited by `seen`.
  found.catch(() => undefined);
}

/** Responses and bytes of all clients since the last call; bytes as they are on the sockets too. */
async function counts() {
  const { responses, bytes } = totals;
  totals = { responses: 0, bytes: 0 };
  const read = clients.reduce((sum, client) => sum + client.bytesRead(), 0);
  const socketBytes = read - socketBytesBefore;
  socketBytesBefore = read;
  return { responses, bytes, socketBytes };
}

let socketBytesBefore = 0;

/** What the first client got while it booted. */
async function record() {
  return [...recorded.values()];
}

let stalls = null;

/** Starts (or ends, with what it found) to ask every `everyMs` how long a ping takes. */
async function stall({ everyMs }) {
  if (everyMs !== undefined) {
    const found = [];
    const timer = setInterval(() => {
      clients[0].ping().then(
        (ms) => found.push(ms),
        () => undefined,
      );
    }, everyMs);
    stalls = { found, timer };
    return null;
  }
  clearInterval(stalls.timer);
  return stalls.found;
}

async function close() {
  for (const client of clients) client.close();
  clients = [];
  recorded = new Map();
  socketBytesBefore = 0;
  totals = { responses: 0, bytes: 0 };
}
