// The parent's side of a process of clients.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endWithUs } from './children.mjs';

const PROGRAM = fileURLToPath(new URL('fleet-process.mjs', import.meta.url));
/** A thousand clients may each be in the middle of a megabyte. */
const HEAP_MB = 4_096;

/** A process that can be any number of clients, one set after the other. */
export function startFleet() {
  const child = fork(PROGRAM, [], {
    serialization: 'advanced',
    execArgv: [`--max-old-space-size=${HEAP_MB}`],
  });
  endWithUs(child);
  const waiting = new Map();
  let calls = 0;
  child.on('message', ({ id, value, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(value);
    else reject(new Error(`clients: ${error}`));
  });
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the clients have ended'));
  });
  const call = (name, args = {}) =>
    new Promise((resolve, reject) => {
      calls += 1;
      waiting.set(calls, { resolve, reject });
      child.send({ id: calls, call: name, args });
    });
  return {
    /** Resolves to `{ms, at}`: how long it took, and when all had everything. */
    boot: (options) => call('boot', { records: false, ...options }),
    /** Before an edit: what to look for. */
    watchFor: (marker) => call('watchFor', { marker }),
    /** After it: when each client had acknowledged a response with the marker. */
    seen: () => call('seen'),
    counts: () => call('counts'),
    record: () => call('record'),
    pingEvery: (everyMs) => call('stall', { everyMs }),
    pings: () => call('stall'),
    drop: () => call('close'),
    end: () => {
      child.disconnect();
    },
  };
}
