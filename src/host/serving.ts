import type { Mono } from '../base/index.ts';
import type { Answering } from '../delivery/index.ts';
import type { Ingest, IngestListener } from '../ingest/index.ts';
import {
  type AdminPort,
  type ListenAddress,
  type Metrics,
  RECENT_MS,
  type Registry,
} from '../server/index.ts';
import type { Entry, RevisionDelta } from '../snapshot/index.ts';
import type { Store } from '../store/index.ts';
import { type Acceptance, createAcceptance } from './acceptance.ts';
import { createAdminPort } from './admin.ts';
import { type Applies, createApplies } from './applies.ts';
import { createClients } from './clients.ts';
import { createEngineLoop, type EngineLoop, type EngineLoopOptions } from './engine-loop.ts';
import type { LivesOptions } from './ingest-lives.ts';
import { type IngestSupervisor, superviseIngest } from './ingest-supervisor.ts';
import { createHeldSaver, type HeldSaver } from './held-saver.ts';
import { createLastGoodSaver } from './last-good-saver.ts';
import type { Log } from './log.ts';
import { cacheOf, distinct, goneOf, viewedOf } from './recent.ts';
import { createRevisions, type Revisions } from './revisions.ts';
import { createSeeds, type Seeds } from './seeds.ts';
import { createServices } from './services.ts';
import { createXdsPort, type XdsPort } from './xds-port.ts';

export interface ServingOptions {
  readonly source: string;
  readonly version: string;
  /** How its user calls helve. */
  readonly command: string;
  readonly xds: ListenAddress;
  /** What clients are told that the server is. */
  readonly identifier: string;
  readonly answering: Answering;
  readonly loadIntervalMs: number;
  /** How old a connection may become; null: as old as it will. */
  readonly connectionAgeMs: number | null;
  readonly descriptors: (() => Uint8Array) | null;
  readonly store: Store;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly openIngest: (listener: IngestListener) => Ingest;
  readonly now: () => Mono;
  /** Wall clock, ms. */
  readonly wall: () => number;
}

/** Everything between the store and the xDS port, wired. */
export interface Serving {
  readonly admin: AdminPort;
  readonly xds: XdsPort;
  readonly fetch: Registry['fetch'];
  /** Serves what was accepted before, then begins to look at the source. */
  start(): Promise<void>;
  look(): void;
  /** Nothing is accepted any more. */
  stop(): void;
  closeIngest(): Promise<void>;
  /** Waits for proposals, and writes the compiled cache. */
  flush(): Promise<void>;
}

/** The parts that know each other; made one after the other, used only after all are. */
interface Wired {
  readonly loop: EngineLoop;
  readonly acceptance: Acceptance;
  readonly applies: Applies;
  readonly revisions: Revisions;
  readonly registry: Registry;
  readonly seeds: Seeds;
  readonly ingest: IngestSupervisor;
  readonly heldSaver: HeldSaver;
  head: Entry | null;
  /** A cache that is older than the head. */
  older: { readonly delta: RevisionDelta; readonly entry: Entry } | null;
}

export function createServing(options: ServingOptions): Serving {
  const { store, log, now, wall } = options;
  const revisions = createRevisions(wall);
  const ingest: IngestSupervisor = superviseIngest(supervision(options, () => wired));
  const clients = createClients({
    ...options,
    locate: (origins) => ingest.locate(origins),
    onHeld: () => heldSaver.changed(),
  });
  const heldSaver = heldSaverOf(options, clients.registry);
  const services = createServices({ ...options, ...clients, revisions });
  const xds = createXdsPort({ ...options, ...clients, address: options.xds, services });
  const saver = createLastGoodSaver({
    encode: (revision, entry) => cacheOf(revision, entry, revisions.earlier()),
    write: async (delta) => {
      // Whoever reads this cache as that of the head finds there what nodes hold beside it.
      await heldSaver.save();
      return store.saveLastGood(delta);
    },
    onTrouble: (why) => log.warn(`the compiled cache cannot be written (${why})`),
  });
  const applies = createApplies({
    command: options.command,
    look: () => ingest.look(),
    dispatch: (command) => wired.loop.dispatch({ kind: 'command', command }),
  });
  const seeds = createSeeds(store);
  const own = { loads: services.loads, ingest, revisions, seeds, xds, saver, applies, ...clients };
  const acceptance = createAcceptance({ ...options, ...own, loop: () => wired.loop });
  const loop = createEngineLoop({
    now,
    wall,
    perform: (effect) => acceptance.perform(effect),
    onFault: faultHandler(options, () => wired),
    onTurn: () => {
      fallBack(wired);
    },
  });
  const wired: Wired = {
    ...{ ...own, loop, acceptance, heldSaver },
    head: null,
    older: null,
  };
  return {
    xds,
    fetch: clients.registry.fetch,
    admin: createAdminPort({
      ...options,
      ...own,
      engine: () => loop.report(),
      head: () => wired.head,
      served: () => revisions.served(),
      isOpen: () => xds.address() !== null,
      xdsTrouble: () => xds.trouble(),
      render: (view) => ingest.render(view, null),
    }),
    start: () => restore(options, wired).then(() => ingest.start()),
    look: () => void ingest.look(),
    stop: () => loop.close(),
    closeIngest: () => ingest.close(),
    flush: async () => {
      const heldNow = heldSaver.close();
      await acceptance.settled();
      await saver.flush();
      await heldNow;
    },
  };
}

const heldSaverOf = ({ store, log }: ServingOptions, registry: Registry): HeldSaver =>
  createHeldSaver({
    held: () => registry.held(),
    write: (nodes) => store.saveHeld(nodes),
    onTrouble: (why) => log.warn(`what nodes hold cannot all be kept for a restart (${why})`),
  });

/** A compiled cache that is not that of the head is not served: the head is compiled instead. */
async function restore({ store, log, wall }: ServingOptions, wired: Wired): Promise<void> {
  const restored = await store.restore();
  const { head, lastGood, readOnly, held } = restored;
  const { registry, acceptance, heldSaver } = wired;
  wired.seeds.restored(restored);
  wired.head = head;
  if (readOnly !== null) log.error(readOnly, { event: 'read-only' });
  if (held === null) log.warn('what nodes held before cannot be read', { event: 'held-lost' });
  registry.recallHeld(held ?? []);
  heldSaver.changed();
  if (head === null || lastGood === null) return;
  const { delta, entry } = lastGood;
  recall(wired, delta, { head, ageMs: wall() - Date.parse(head.at) });
  if (delta.id === head.revision) acceptance.serveRestored(delta, head);
  else wired.older = { delta, entry: entry ?? head };
}

/** What clients may have that did not hear of the head, as long as that may be. */
function recall(
  { registry, revisions }: Wired,
  delta: RevisionDelta,
  { head, ageMs }: { readonly head: Entry; readonly ageMs: number },
): void {
  const isHead = delta.id === head.revision;
  const drainMs = Math.max(0, delta.settings.drainTimeMs - ageMs);
  const isRecent = drainMs > 0 || ageMs < RECENT_MS;
  // What nodes held was saved before the cache of the head: all that is not there has gone.
  if (isHead && !isRecent) return;
  const older = isRecent ? distinct(delta.put) : viewedOf(delta);
  const gone = isHead ? goneOf(delta) : older;
  registry.recall(revisions.recall(gone, drainMs), drainMs);
}

/** Neither the head nor the disk can be compiled: an older revision is better than nothing. */
function fallBack(wired: Wired): void {
  const { older, loop, revisions, acceptance } = wired;
  if (older === null || !loop.report().isSettled) return;
  wired.older = null;
  if (revisions.served() === null) acceptance.fallBackTo(older.delta, older.entry);
}

/** What was in flight would wait for its answer for ever: it is answered, or asked again. */
function faultHandler(
  { metrics, log }: ServingOptions,
  wired: () => Wired,
): EngineLoopOptions['onFault'] {
  return (cause, kind) => {
    metrics.stream.fault();
    log.fault(`the engine failed on "${kind}"`, cause);
    const { loop, ingest } = wired();
    if (kind === 'committed' || kind === 'propose') {
      loop.dispatch({ kind: 'refused', why: 'unavailable', text: 'a fault in helve; see its log' });
    } else if (kind === 'compiled' || kind === 'compile' || kind === 'scanned') {
      ingest.restart('the engine failed on its answer');
    }
  };
}

function supervision(
  { log, metrics, openIngest }: ServingOptions,
  wired: () => Wired,
): Omit<LivesOptions, 'onReady'> {
  return {
    open: openIngest,
    seed: async () => {
      // What is being proposed may be the head in a moment.
      await wired().acceptance.settled();
      return wired().seeds.next();
    },
    onSeeded: (seed) => {
      const { head: entry, loop, revisions, seeds } = wired();
      const isServed = revisions.served() !== null;
      loop.dispatch({ kind: 'restored', entry, isServed, seed, lost: seeds.lost() });
    },
    onScan: (scan) => {
      wired().loop.dispatch({ kind: 'scanned', scan });
      wired().applies.scanned(scan.look ?? 0);
    },
    onDeath: (deaths, why) => {
      metrics.ingestDied();
      log.error(`the compile process died (${why}); starting another`, { event: 'ingest-died' });
      wired().loop.dispatch({ kind: 'ingestDied', deaths, why });
    },
    onLog: (level, message) => log[level](message),
  };
}
