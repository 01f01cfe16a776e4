/* eslint-disable max-lines-per-function -- one closure holds the state of one model */
import type { Resource, TypeId } from '../../src/snapshot/index.ts';
import { typeByUrl, typeRow } from '../../src/snapshot/index.ts';
import type { Wire } from '../../src/xds/index.ts';
import type { Heard, Spoken } from '../protocol/support/messages.ts';

/** A model of an Envoy as it was observed: what it applies, what it holds back, what it refuses. */
export interface Envoy {
  /** Opens a stream: what it says first. State is kept from one stream to the next. */
  connect(): void;
  disconnect(): void;
  hear(heard: Heard, now: number): void;
  /** Ends what warms slowly, and what has waited for 15 s. */
  elapse(now: number, endsSlow: boolean): void;
  /** Requests to send, in order; taken by the caller. */
  readonly outbox: Spoken[];
  /** Clusters that running routes lead to and that are missing, or never got active. */
  faults(now: number): readonly string[];
  running(type: TypeId): ReadonlyMap<string, Resource>;
  /** How often something waited for 15 s in vain. */
  readonly timeouts: () => number;
}

export type Lookup = (type: TypeId, name: string, content: string) => Resource;

interface Cluster {
  active: Resource | null;
  warming: Resource | null;
  waitsForEndpoints: boolean;
  since: number;
}

interface Listener {
  active: Resource | null;
  warming: Resource | null;
}

/** One type on one stream. */
interface Mux {
  isAsked: boolean;
  nonce: string;
  names: readonly string[];
}

const NAMED = ['ClusterLoadAssignment', 'RouteConfiguration', 'Secret'] as const;
type Named = (typeof NAMED)[number];

const FETCH_TIMEOUT_MS = 15_000;
/** The first health check ends by its time limit. */
const SLOW_MS_MAX = 40_000;
export const DRAIN_MS = 60_000;

export function createEnvoy(wire: Wire, lookup: Lookup): Envoy {
  const clusters = new Map<string, Cluster>();
  const listeners = new Map<string, Listener>();
  const held: Record<Named | 'Cluster' | 'Listener', Map<string, Resource>> = {
    Cluster: new Map(),
    Listener: new Map(),
    ClusterLoadAssignment: new Map(),
    RouteConfiguration: new Map(),
    Secret: new Map(),
  };
  /** SotW: version of the last accepted response of each type; kept over streams. */
  const versions = new Map<TypeId, string>();
  const outbox: Spoken[] = [];
  let muxes = new Map<TypeId, Mux>();
  /** Clusters that an accident touched: a refusal took them along. */
  const accidents = new Set<string>();
  let draining: { readonly table: Resource; readonly until: number }[] = [];
  /** Answers to CDS, withheld while clusters warm. */
  let withheld: Spoken[] = [];
  let isStarted = false;
  let timeouts = 0;

  const muxOf = (type: TypeId): Mux => {
    const known = muxes.get(type);
    if (known !== undefined) return known;
    const fresh: Mux = { isAsked: false, nonce: '', names: [] };
    muxes.set(type, fresh);
    return fresh;
  };
  const isWarming = (): boolean => [...clusters.values()].some((c) => c.warming !== null);
  const wanted = (type: Named): readonly string[] => {
    if (type === 'ClusterLoadAssignment') return [...clusters.keys()];
    const live = [...listeners.values()].flatMap((l) => [l.active, l.warming]);
    const refs = live.flatMap((l) => l?.refs ?? []).filter((ref) => ref.type === type);
    const own = refs.map((ref) => ref.name);
    const drained = type === 'RouteConfiguration' ? draining.map(({ table }) => table.name) : [];
    return [...new Set([...own, ...drained])];
  };
  const answer = (type: TypeId, nonce: string, error?: string): void => {
    const mux = muxOf(type);
    mux.nonce = nonce;
    const words: Spoken = {
      type_url: typeRow(type).url,
      nonce,
      ...(error === undefined ? {} : { error }),
      ...(wire === 'sotw' ? { version: versions.get(type) ?? '', names: mux.names } : {}),
    };
    if (type === 'Cluster' && isStarted && isWarming()) withhold(words);
    else outbox.push(words);
  };
  /** SotW keeps one request for a paused type, with the text of an error that came before. */
  const withhold = (words: Spoken): void => {
    const before = withheld[0]?.error;
    if (wire === 'delta') withheld.push(words);
    else withheld = [before === undefined ? words : { error: before, ...words }];
  };
  const release = (): void => {
    if (isWarming()) return;
    isStarted = isStarted || muxOf('Cluster').nonce !== '';
    outbox.push(...withheld);
    withheld = [];
    if (!muxOf('Cluster').isAsked) ask('Cluster');
    if (isStarted && !muxOf('Listener').isAsked) ask('Listener');
  };
  /** The first request of a type on this stream. */
  const ask = (type: TypeId, names: readonly string[] = []): void => {
    const mux = muxOf(type);
    mux.isAsked = true;
    mux.names = names;
    const known = Object.entries(held).find(([id]) => id === type)?.[1] ?? new Map();
    const versionsHeld = Object.fromEntries(
      [...known.values()].map((r: Resource) => [r.name, r.version]),
    );
    outbox.push({
      type_url: typeRow(type).url,
      names,
      ...(wire === 'sotw' ? { version: versions.get(type) ?? '' } : { held: versionsHeld }),
    });
  };
  const subscribe = (): void => {
    for (const type of NAMED) {
      const mux = muxOf(type);
      const names = wanted(type);
      const added = names.filter((name) => !mux.names.includes(name));
      const removed = mux.names.filter((name) => !names.includes(name));
      for (const name of removed) held[type].delete(name);
      if (added.length === 0 && removed.length === 0) continue;
      if (!mux.isAsked) {
        ask(type, names);
        continue;
      }
      mux.names = names;
      const url = { type_url: typeRow(type).url };
      if (wire === 'delta') outbox.push({ ...url, names: added, unsubscribe: removed });
      else outbox.push({ ...url, nonce: mux.nonce, version: versions.get(type) ?? '', names });
    }
  };
  const settleClusters = (): void => {
    for (const cluster of clusters.values()) {
      if (cluster.warming === null || cluster.waitsForEndpoints) continue;
      if (!cluster.warming.traits.warmsSlowly) activate(cluster);
    }
  };
  const activate = (cluster: Cluster): void => {
    cluster.active = cluster.warming;
    accidents.delete(cluster.active?.name ?? '');
    cluster.warming = null;
  };
  const settleListeners = (now: number): void => {
    for (const listener of listeners.values()) {
      const next = listener.warming;
      if (next === null) continue;
      const isComplete = next.refs.every((ref) =>
        ref.type === 'Secret' || ref.type === 'RouteConfiguration'
          ? held[ref.type].has(ref.name)
          : true,
      );
      if (!isComplete) continue;
      if (listener.active !== null) drain(listener.active, now);
      listener.active = next;
      listener.warming = null;
    }
  };
  const drain = (listener: Resource, now: number): void => {
    for (const ref of listener.refs) {
      const table = ref.type === 'RouteConfiguration' ? held[ref.type].get(ref.name) : undefined;
      if (table !== undefined) draining.push({ table, until: now + DRAIN_MS });
    }
  };
  const put: Record<string, (r: Resource, now: number) => void> = {
    Cluster: (r, now) => {
      held.Cluster.set(r.name, r);
      const known = clusters.get(r.name);
      if (known?.warming?.version === r.version) return;
      if (known?.active?.version === r.version && known.warming === null) return;
      const active = known?.active ?? null;
      clusters.set(r.name, { active, warming: r, waitsForEndpoints: true, since: now });
    },
    ClusterLoadAssignment: (r) => {
      const cluster = clusters.get(r.name);
      if (cluster === undefined) return;
      held.ClusterLoadAssignment.set(r.name, r);
      cluster.waitsForEndpoints = false;
    },
    Listener: (r) => {
      held.Listener.set(r.name, r);
      const known = listeners.get(r.name) ?? { active: null, warming: null };
      if (known.active?.version === r.version) listeners.set(r.name, { ...known, warming: null });
      else listeners.set(r.name, { ...known, warming: r });
    },
    RouteConfiguration: (r) => {
      if (!wanted('RouteConfiguration').includes(r.name)) return;
      held.RouteConfiguration.set(r.name, r);
      // A table is shared: a draining listener that uses it sees the change.
      draining = draining.map((d) => (d.table.name === r.name ? { ...d, table: r } : d));
    },
    Secret: (r) => {
      if (wanted('Secret').includes(r.name)) held.Secret.set(r.name, r);
    },
  };
  const remove = (type: TypeId, name: string, now: number): void => {
    if (type === 'Cluster') {
      clusters.delete(name);
      held.Cluster.delete(name);
    }
    if (type !== 'Listener') return;
    const active = listeners.get(name)?.active ?? null;
    if (active !== null) drain(active, now);
    listeners.delete(name);
    held.Listener.delete(name);
  };
  const endWarming = (type: TypeId): void => {
    if (type === 'ClusterLoadAssignment' || type === 'Secret') {
      for (const [name, cluster] of clusters) {
        if (cluster.warming === null || type === 'Secret') continue;
        accidents.add(name);
        cluster.waitsForEndpoints = false;
      }
    }
    if (type === 'ClusterLoadAssignment') return;
    for (const listener of listeners.values()) {
      if (listener.warming === null) continue;
      listener.active = listener.warming;
      listener.warming = null;
    }
  };

  return {
    outbox,
    connect: () => {
      muxes = new Map();
      withheld = [];
      // What drained before is forgotten: nobody could tell the new stream.
      draining = [];
      for (const type of NAMED) {
        for (const name of held[type].keys()) {
          if (!wanted(type).includes(name)) held[type].delete(name);
        }
      }
      if (!isStarted || !isWarming()) ask('Cluster');
      if (clusters.size > 0) ask('ClusterLoadAssignment', wanted('ClusterLoadAssignment'));
      if (!isStarted) return;
      ask('Listener');
      for (const type of ['RouteConfiguration', 'Secret'] as const) {
        if (wanted(type).length > 0) ask(type, wanted(type));
      }
    },
    disconnect: () => {
      outbox.splice(0);
      withheld = [];
    },
    hear: (heard, now) => {
      const type = typeByUrl(heard.typeUrl)?.id;
      if (type === undefined || !muxOf(type).isAsked) return;
      const all = [...heard.resources].map(([name, content]) => lookup(type, name, content));
      const contents = [...heard.resources];
      const bad = contents.filter(([, content]) => content.startsWith('bad'));
      const isWhole = bad.some(([, content]) => content.startsWith('badp'));
      const isBad = (r: Resource): boolean => bad.some(([name]) => name === r.name);
      if (bad.length > 0 && type === 'Cluster') for (const r of all) accidents.add(r.name);
      if (!isWhole) {
        const gone =
          wire === 'sotw' && typeRow(type).isComplete
            ? [...held[type === 'Listener' ? 'Listener' : 'Cluster'].keys()].filter(
                (name) => !heard.resources.has(name),
              )
            : heard.removed;
        for (const name of gone) remove(type, name, now);
        for (const r of all) if (!isBad(r)) put[type]?.(r, now);
      }
      if (bad.length > 0) endWarming(type);
      settleClusters();
      settleListeners(now);
      if (bad.length === 0) versions.set(type, heard.version);
      const text = bad.length === 0 ? undefined : `Error in ${bad.map(([n]) => n).join(', ')}`;
      answer(type, heard.nonce, text);
      if (type === 'Cluster' && bad.length > 0) isStarted = true;
      subscribe();
      release();
    },
    elapse: (now, endsSlow) => {
      draining = draining.filter(({ until }) => until > now);
      for (const cluster of clusters.values()) {
        if (cluster.warming === null) continue;
        if (cluster.waitsForEndpoints && now >= cluster.since + FETCH_TIMEOUT_MS) {
          timeouts += 1;
          cluster.waitsForEndpoints = false;
        }
        const isOver = endsSlow || now >= cluster.since + SLOW_MS_MAX;
        if (!cluster.waitsForEndpoints && isOver) activate(cluster);
      }
      settleClusters();
      subscribe();
      release();
    },
    faults: (now) => {
      const live = [...listeners.values()].flatMap(({ active }) => active?.refs ?? []);
      const tables = live.flatMap((ref) =>
        ref.type === 'RouteConfiguration' ? (held[ref.type].get(ref.name) ?? []) : [],
      );
      const drained = draining.filter(({ until }) => until > now).map(({ table }) => table);
      return [...tables, ...drained].flatMap((table) =>
        table.refs
          .filter((ref) => ref.type === 'Cluster' && !accidents.has(ref.name))
          .filter((ref) => (clusters.get(ref.name)?.active ?? null) === null)
          .map((ref) => {
            const is = clusters.has(ref.name) ? 'not active' : 'missing';
            return `route table ${table.name} leads to ${ref.name}, which is ${is}`;
          }),
      );
    },
    running: (type) => Object.entries(held).find(([id]) => id === type)?.[1] ?? new Map(),
    timeouts: () => timeouts,
  };
}
