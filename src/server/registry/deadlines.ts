import { mono, type ClientId, type Mono } from '../../base/index.ts';

/** When to wake for whom: one heap and one timer for all clients. */
export interface Deadlines {
  /** Replaces the deadline of a client; null removes it. */
  set(id: ClientId, at: Mono | null): void;
  close(): void;
}

/** Longest sleep, ms: `setTimeout` overflows beyond 24 days, and clocks are not perfect. */
const SLEEP_MS_MAX = 60_000;

/** Calls `onDue` for each client whose deadline has come, in order. */
export function createDeadlines(now: () => Mono, onDue: (id: ClientId) => void): Deadlines {
  const current = new Map<ClientId, Mono>();
  const heap: Due[] = [];
  let timer: NodeJS.Timeout | null = null;
  let wakesAt: Mono | null = null;

  const arm = (): void => {
    // Entries that were replaced stay in the heap until they come up.
    while (heap[0] !== undefined && current.get(heap[0].id) !== heap[0].at) pop(heap);
    const next = heap[0];
    if (next === undefined || (wakesAt !== null && wakesAt <= next.at)) return;
    if (timer !== null) clearTimeout(timer);
    wakesAt = next.at;
    timer = setTimeout(wake, Math.min(SLEEP_MS_MAX, Math.max(0, Math.ceil(next.at - now()))));
  };
  const wake = (): void => {
    timer = null;
    wakesAt = null;
    const time = now();
    for (let due = heap[0]; due !== undefined && due.at <= time; due = heap[0]) {
      pop(heap);
      if (current.get(due.id) !== due.at) continue;
      current.delete(due.id);
      onDue(due.id);
    }
    arm();
  };
  return {
    set: (id, at) => {
      if (at === null) {
        current.delete(id);
        return;
      }
      if (current.get(id) === at) return;
      current.set(id, at);
      push(heap, { id, at: mono(at) });
      arm();
    },
    close: () => {
      if (timer !== null) clearTimeout(timer);
      current.clear();
      heap.length = 0;
    },
  };
}

interface Due {
  readonly id: ClientId;
  readonly at: Mono;
}

function push(heap: Due[], due: Due): void {
  let index = heap.length;
  heap.push(due);
  for (;;) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (index === 0 || parent === undefined || parent.at <= due.at) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = due;
}

/** Removes the earliest. */
function pop(heap: Due[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const child = smallerChild(heap, index);
    const below = heap[child];
    if (below === undefined || below.at >= last.at) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
}

function smallerChild(heap: readonly Due[], index: number): number {
  const left = heap[2 * index + 1];
  const right = heap[2 * index + 2];
  const isRight = left !== undefined && right !== undefined && right.at < left.at;
  return 2 * index + (isRight ? 2 : 1);
}
