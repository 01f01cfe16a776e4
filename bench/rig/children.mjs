// Processes that a benchmark starts, and that must not outlive it.
const running = new Set();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** However this process ends, short of being killed, `child` ends as well. */
export function endWithUs(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
}

/** Ends a child, by force after `graceMs`. */
export async function stopChild(child, graceMs = 10_000) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

/** The first line that a child writes; an error with its last words where it ends before. */
export function firstLine(child) {
  return new Promise((resolve, reject) => {
    let out = '';
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      words = (words + text).slice(-2_000);
    });
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
      if (out.includes('\n')) resolve(out.slice(0, out.indexOf('\n')));
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${words}`)));
    child.once('error', reject);
  });
}
