// What ends the demo early: Ctrl-C, a closed terminal, SIGTERM. Everything that waits knows it.
const stopping = new AbortController();

/** The demo was asked to end; nothing failed. */
export class Stopped extends Error {}

export const stopped = stopping.signal;

/** From now on these signals end the demo in good order; a second one ends it as usual. */
export function listenForStop() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => stopping.abort(new Stopped(signal)));
  }
  // A terminal that is closed must not end the demo before it has cleaned up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

/** Rejects with `Stopped` where the demo is ended meanwhile. */
export function pause(ms) {
  return new Promise((resolve, reject) => {
    if (stopped.aborted) {
      reject(stopped.reason);
      return;
    }
    const end = () => {
      clearTimeout(timer);
      reject(stopped.reason);
    };
    const timer = setTimeout(() => {
      stopped.removeEventListener('abort', end);
      resolve();
    }, ms);
    stopped.addEventListener('abort', end, { once: true });
  });
}

/** `work`, or `Stopped` where that comes first. */
export async function orStopped(work) {
  let end = () => undefined;
  const stop = new Promise((_, reject) => {
    end = () => reject(stopped.reason);
    if (stopped.aborted) end();
    else stopped.addEventListener('abort', end, { once: true });
  });
  try {
    return await Promise.race([work, stop]);
  } finally {
    stopped.removeEventListener('abort', end);
  }
}
