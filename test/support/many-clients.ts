import { mono } from '../../src/base/index.ts';
import { DELTA, nonceOf, open, request, revisionOf, SOTW } from './registry-rig.ts';

// Run as a process with `--expose-gc`: clients that come and go, and what is left of them.

const ROUND = 1_000;
const ROUNDS = 10;
/** Nodes that have gone are remembered for an hour. */
const LATER_MS = 2 * 3_600_000;

let now = 0;
let count = 0;
const { registry, connect } = open({
  now: () => mono(now),
  wall: () => now,
  onFacts: () => undefined,
  onJoined: () => undefined,
});
registry.publish(revisionOf('r0', '0'));

/** Some answer, some do not, and an update is under way as they go. */
function round(id: string): void {
  now += LATER_MS;
  const streams = Array.from({ length: ROUND }, (_, at) => {
    count += 1;
    const method = at % 2 === 0 ? SOTW : DELTA;
    const stream = connect(method);
    const names = [`a`, `own-${count}`];
    stream.onMessage(request(method, { id: `node-${count}`, names }));
    const nonce = nonceOf(stream.sent[0]);
    if (at % 3 > 0) stream.onMessage(request(method, { nonce, names }));
    return stream;
  });
  registry.publish(revisionOf(id, id));
  for (const stream of streams) stream.onClosed();
  now += LATER_MS;
  // The next one that comes makes that what is old is forgotten.
  const last = connect(DELTA);
  last.onMessage(request(DELTA, { id: 'last' }));
  last.onClosed();
}

/** Bytes in use once all that can go has gone, what waits for a finalizer too. */
async function settled(): Promise<number> {
  for (let turn = 0; turn < 5; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

round('warm-1');
round('warm-2');
const before = await settled();
for (let at = 0; at < ROUNDS; at += 1) round(`r-${at}`);
const after = await settled();
registry.close();
process.send?.({ clients: ROUND * ROUNDS, grown: after - before, nodes: registry.nodes().length });
