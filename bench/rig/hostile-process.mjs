// A process of clients that mean harm, or are broken. Argument: what it is to be, as JSON; it says
// 'begun' when all stand, 'done' when it has come back as often as it was told, and ends when its
// parent lets it go.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:http2';
import { constants, setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { REQUEST_HEADERS, TYPE, encodeRequest, framed } from './wire.mjs';
import { connectRaw, data, opening } from './raw-peer.mjs';

const BYTE_MS = 1_000;
/** Comebacks that are under way at once. */
const COMING_MAX = 20;
/** Requests that one write of a flood holds. */
const FLOOD_REQUESTS = 100;
/** A peer that is cut comes again after this, and garbage is thrown so often. */
const AGAIN_MS = 100;
const GARBAGE_BYTES = 4_096;
/** What HTTP/2 says before the first answer has fewer bytes. */
const GREETING_BYTES_MAX = 512;
const LOOK_MS = 10;

const { address, tables, readers, floods, garbage, reconnects } = JSON.parse(process.argv[2]);
const counts = { floodRequests: 0, floodsCut: 0, garbageThrown: 0, reconnects: 0 };

// It shall not win by taking the processor from what it attacks: only helve's own work counts.
setPriority(constants.priority.PRIORITY_LOW);
process.on('disconnect', () => process.exit());

for (let index = 0; index < readers; index += 1) beReader(index);
for (let index = 0; index < floods; index += 1) flood(index);
for (let index = 0; index < garbage; index += 1) throwGarbage(index);
process.send({ kind: 'begun' });
await Promise.all(Array.from({ length: COMING_MAX }, comeAgainAndAgain));
// On a busy machine the others may not have begun yet: without them nothing is measured.
while (floods > 0 && counts.floodRequests === 0) await pause(LOOK_MS);
process.send({ kind: 'done', counts });

/** Everything is asked for; every other reads nothing, the rest a byte a second. */
function beReader(index) {
  const socket = connectRaw(address);
  socket.write(opening());
  const types = [TYPE.cluster, TYPE.endpoints, TYPE.listener];
  const node = `reader-${index}`;
  types.forEach((type, at) => {
    socket.write(data(encodeRequest({ type, node: at === 0 ? node : null })));
  });
  socket.write(data(encodeRequest({ type: TYPE.route, subscribe: tables })));
  socket.pause();
  if (index % 2 === 1) setInterval(() => socket.resume(), BYTE_MS);
}

/** Ever new requests that answer nothing, as fast as they are taken. */
function flood(index) {
  const session = connect(`http://${address}`);
  const stream = session.request(REQUEST_HEADERS);
  for (const one of [session, stream]) one.on('error', () => undefined);
  let names = 0;
  const pour = () => {
    if (stream.destroyed) return;
    const requests = Array.from({ length: FLOOD_REQUESTS }, () => {
      names += 1;
      return encodeRequest({ type: TYPE.endpoints, subscribe: [`none-${names}`] });
    });
    stream.write(Buffer.concat(requests), () => {
      counts.floodRequests += FLOOD_REQUESTS;
      setImmediate(pour);
    });
  };
  stream.resume().write(encodeRequest({ type: TYPE.endpoints, node: `flood-${index}` }));
  pour();
  stream.once('close', () => {
    counts.floodsCut += 1;
    session.destroy();
    setTimeout(() => flood(index), AGAIN_MS);
  });
}

/** What is no HTTP/2, then no gRPC, then no protobuf. */
function throwGarbage(index) {
  let turn = index;
  const throwOne = () => {
    const noise = randomBytes(GARBAGE_BYTES);
    const forms = [
      [noise],
      [opening(), noise],
      [opening(), data(noise)],
      [opening(), data(framed(noise))],
    ];
    const socket = connectRaw(address, { isQuick: true });
    socket.end(Buffer.concat(forms[turn % forms.length]));
    turn += 1;
    counts.garbageThrown += 1;
  };
  throwOne();
  setInterval(throwOne, AGAIN_MS);
}

async function comeAgainAndAgain() {
  while (counts.reconnects < reconnects) {
    counts.reconnects += 1;
    await comeAndGo(counts.reconnects % COMING_MAX);
  }
}

/** Comes, asks, and is gone in the middle of the answer. */
function comeAndGo(index) {
  return new Promise((resolve) => {
    let bytes = 0;
    const onBytes = (count) => {
      bytes += count;
      if (bytes > GREETING_BYTES_MAX) socket.destroy();
    };
    const socket = connectRaw(address, { isQuick: true, onBytes });
    socket.write(opening());
    socket.write(data(encodeRequest({ type: TYPE.cluster, node: `again-${index}` })));
    socket.once('close', resolve);
  });
}
