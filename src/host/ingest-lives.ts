import type { Scan } from '../base/index.ts';
import type { Ingest, IngestListener, Seed, SeedIds } from '../ingest/index.ts';

export interface LivesOptions {
  readonly open: (listener: IngestListener) => Ingest;
  /** What is accepted now: the memory of a new ingest. */
  readonly seed: () => Promise<Seed | null>;
  /** The first one has its seed, or died over it (null). Once, before any scan. */
  readonly onSeeded: (ids: SeedIds | null) => void;
  readonly onReady: (life: Life) => void;
  readonly onScan: (scan: Scan) => void;
  /** `deaths`: in a row, without a scan in between. A new one is being started. */
  readonly onDeath: (deaths: number, why: string) => void;
  readonly onLog: IngestListener['onLog'];
}

/** One ingest and its number; what comes from an earlier one is ignored. */
export interface Life {
  readonly ingest: Ingest;
  readonly number: number;
}

/** One ingest after the other: whenever one dies, another is started, with back-off. */
export interface IngestLives {
  begin(): void;
  /** The one that has its seed and works; waits for it. */
  alive(): Promise<Life>;
  /** The same, null while there is none. */
  ready(): Life | null;
  /** Gives up on one, as if it had died; nothing where it has gone already. */
  died(number: number, why: string): void;
  close(): Promise<void>;
}

const BACKOFF_MS = [0, 0, 100, 500, 2_000, 10_000] as const;
/** One that has lived so long begins a new row. */
const ALIVE_MS = 30_000;

interface State {
  life: (Life & { readonly bornAt: number }) | null;
  ready: Life | null;
  /** The number of the newest; older ones are gone. */
  number: number;
  /** In a row, without a scan in between. */
  deaths: number;
  /** In a row, of those that did not live long. */
  failures: number;
  isSeeded: boolean;
  isClosed: boolean;
  timer: NodeJS.Timeout | null;
  waiting: ((ready: Life) => void)[];
}

export function createIngestLives(options: LivesOptions): IngestLives {
  const state: State = {
    life: null,
    ready: null,
    number: 0,
    deaths: 0,
    failures: 0,
    isSeeded: false,
    isClosed: false,
    timer: null,
    waiting: [],
  };
  return {
    begin: () => void begin(state, options),
    alive: () =>
      state.ready === null
        ? new Promise((resolve) => state.waiting.push(resolve))
        : Promise.resolve(state.ready),
    ready: () => state.ready,
    died: (number, why) => died(state, options, { number, why }),
    close: async () => {
      state.isClosed = true;
      state.waiting = [];
      if (state.timer !== null) clearTimeout(state.timer);
      await state.life?.ingest.close();
    },
  };
}

async function begin(state: State, options: LivesOptions): Promise<void> {
  state.number += 1;
  const { number } = state;
  const isOurs = (): boolean => state.number === number && !state.isClosed;
  try {
    const seed = await options.seed();
    if (!isOurs()) return;
    const ingest = options.open({
      onScan: (scan) => {
        if (!isOurs()) return;
        state.deaths = 0;
        options.onScan(scan);
      },
      onDeath: (why) => died(state, options, { number, why }),
      onLog: options.onLog,
    });
    const life = { ingest, number, bornAt: performance.now() };
    state.life = life;
    const ids = await ingest.start(seed);
    if (!isOurs()) return;
    seeded(state, options, ids);
    state.ready = life;
    options.onReady(life);
    for (const resolve of state.waiting.splice(0)) resolve(life);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    died(state, options, { number, why });
  }
}

function died(
  state: State,
  options: LivesOptions,
  { number, why }: { readonly number: number; readonly why: string },
): void {
  if (state.isClosed || number !== state.number) return;
  const { life } = state;
  // From now on nothing of it counts.
  state.number += 1;
  state.life = null;
  state.ready = null;
  state.deaths += 1;
  const livedMs = life === null ? 0 : performance.now() - life.bornAt;
  state.failures = livedMs > ALIVE_MS ? 0 : state.failures + 1;
  void life?.ingest.close().catch(() => undefined);
  seeded(state, options, null);
  options.onDeath(state.deaths, why);
  const waitMs = BACKOFF_MS[Math.min(state.failures, BACKOFF_MS.length - 1)] ?? 0;
  state.timer = setTimeout(() => void begin(state, options), waitMs);
}

function seeded(state: State, options: LivesOptions, ids: SeedIds | null): void {
  if (state.isSeeded) return;
  state.isSeeded = true;
  options.onSeeded(ids);
}
