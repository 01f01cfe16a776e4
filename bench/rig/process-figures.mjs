// What the kernel says of a process: CPU time and memory. Linux only: elsewhere there are none.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** CPU time of all threads so far, ms; null where the kernel does not tell it. */
export function cpuMs(pids) {
  let ns = 0;
  for (const pid of pids) {
    const threads = listing(`/proc/${pid}/task`);
    if (threads === null) return null;
    for (const thread of threads) {
      const text = reading(`/proc/${pid}/task/${thread}/schedstat`);
      ns += text === null ? 0 : Number(text.split(' ')[0]);
    }
  }
  return ns / 1e6;
}

/** Memory of these processes together, MB: now, and at its highest since `resetPeak`. */
export function memoryMb(pids) {
  const sum = (field) => {
    const all = pids.map((pid) => statusField(pid, field));
    return all.includes(null) ? null : all.reduce((total, kb) => total + kb, 0) / 1024;
  };
  return { now: sum('VmRSS'), peak: sum('VmHWM') };
}

/** From here on the peak is counted anew. */
export function resetPeak(pids) {
  for (const pid of pids) {
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, '5');
    } catch {
      // Not this kernel: the peak is that since the start.
    }
  }
}

/** Pids of the child processes of `pid`. */
export function childrenOf(pid) {
  const text = reading(`/proc/${pid}/task/${pid}/children`);
  return text === null ? [] : text.split(' ').filter(Boolean).map(Number);
}

function statusField(pid, field) {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(
    reading(`/proc/${pid}/status`) ?? '',
  );
  return line === null ? null : Number(line[1]);
}

function listing(path) {
  try {
    return readdirSync(path);
  } catch {
    return null;
  }
}

function reading(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
