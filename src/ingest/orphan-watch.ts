// The program of a thread beside the ingest process: it kills that process once its parent is gone.
// The end of the channel says the same, but a main thread that is stuck never hears of it.
const [, , parent] = process.argv;
/** How often it looks, ms. */
const POLL_MS = 1_000;

setInterval(() => {
  // The orphan of a process is given to another one at once.
  if (process.ppid !== Number(parent)) process.kill(process.pid, 'SIGKILL');
}, POLL_MS);
