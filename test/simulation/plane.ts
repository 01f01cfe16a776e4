/* eslint-disable max-lines-per-function -- one closure holds the state of one model */
import {
  diagnostic,
  hashBytes,
  manifestId,
  materialId,
  mono,
  revisionId,
  seq,
} from '../../src/base/index.ts';
import type { Target } from '../../src/delivery/index.ts';
import {
  deadline,
  openEngine,
  step,
  type EngineEffect,
  type EngineEvent,
} from '../../src/engine/index.ts';
import type { CompileRequest, Entry, Resource } from '../../src/snapshot/index.ts';
import { snapshotOf } from '../protocol/support/world.ts';
import { DRAIN_MS } from './envoy.ts';
import type { Random } from './random.ts';

/** A control plane without its sockets: the real engine, a disk, an ingest process and a store. */
export interface Plane {
  /** What is on disk from now on; nobody has looked at it yet. */
  save(resources: readonly Resource[]): void;
  /** The next save is one that does not compile; its certificates are good all the same. */
  mistype(): void;
  /** One thing happens, late or not: a look, a compile's answer, a commit, a death, a refusal. */
  act(now: number): void;
  /** Deadlines that have come. */
  wake(now: number): void;
  /** The process is killed, and begins again with what the store has. */
  crash(now: number): void;
  /** No more accidents: all that is wanted is done, and what is good on disk is accepted. */
  settle(now: number): void;
}

export interface PlaneOptions {
  readonly random: Random;
  readonly note: (text: string) => void;
  readonly publish: (target: Target) => void;
}

interface Disk {
  readonly documents: string;
  readonly material: string;
}

const PROBLEM = diagnostic('SOURCE_MISSING', 'gone; restore it');
const REFUSED = diagnostic('REF_NOT_FOUND', 'no such cluster; name another');
/** A third one in a row would hold the input. */
const DEATHS_MAX = 2;

export function createPlane({ random, note, publish }: PlaneOptions): Plane {
  /** What documents and material of a name hold. */
  const contents = new Map<string, readonly Resource[]>();
  const log: Entry[] = [];
  let engine = openEngine();
  let time = 0;
  let disk: Disk = { documents: '', material: '' };
  let isTyping = false;
  let isSeen = true;
  let compiling: CompileRequest | null = null;
  let compiled: Disk | null = null;
  let proposing: Extract<EngineEffect, { kind: 'propose' }> | null = null;
  let deaths = 0;
  /** What clients are given; null from a crash until it is said again. */
  let served: string | null = null;

  const feed = (event: EngineEvent, now: number): void => {
    time = Math.max(time, now);
    const [next, effects] = step(engine, event, mono(time), time);
    engine = next;
    for (const effect of effects) perform(effect);
  };
  const perform = (effect: EngineEffect): void => {
    if (effect.kind === 'compile') {
      if (compiling !== null || proposing !== null) throw new Error('two compiles in flight');
      compiling = effect.request;
    } else if (effect.kind === 'propose') {
      if (effect.after !== log.length) throw new Error(`proposed after ${effect.after}`);
      proposing = effect;
    } else if (effect.kind === 'publish') {
      const { entry, rollout } = effect;
      if (entry !== log.at(-1)) throw new Error('published what is not the head of the log');
      announce(rollout.next);
    }
  };
  const announce = (revision: string): void => {
    note(`publish ${revision.slice(0, 6)}`);
    served = revision;
    const [documents = '', material = ''] = revision.split('+');
    publish({
      revision: revisionId(revision),
      snapshot: snapshotOf([...contentOf(documents), ...contentOf(material)]),
      drainTimeMs: DRAIN_MS,
    });
  };
  const contentOf = (name: string): readonly Resource[] => {
    const found = contents.get(name);
    if (found === undefined) throw new Error(`${name} was never saved`);
    return found;
  };
  const keep = (resources: readonly Resource[]): string => {
    const name = hashBytes(resources.map((r) => `${r.type} ${r.name} ${r.version}`).join());
    contents.set(name, resources);
    return name;
  };
  const look = (now: number, isLost = false): void => {
    isSeen = !isLost;
    deaths = 0;
    const scan = {
      documents: isLost ? null : manifestId(disk.documents),
      material: materialId(disk.material),
      problems: isLost ? [PROBLEM] : [],
      noticedAt: now,
      settledAt: now,
      files: 1,
    };
    feed({ kind: 'scanned', scan }, now);
  };
  const answer = (request: CompileRequest, now: number): void => {
    const { id, documents, material } = request;
    compiling = null;
    if (documents.startsWith('typo')) {
      note('held');
      feed({ kind: 'compiled', id, result: { ok: false, diagnostics: [REFUSED] } }, now);
      return;
    }
    compiled = { documents, material };
    const revision = revisionId(`${documents}+${material}`);
    const value = { revision, documents, material, warnings: [], heldMaterial: [] };
    feed({ kind: 'compiled', id, result: { ok: true, value, diagnostics: [] } }, now);
  };
  const written = (): Entry => {
    if (compiled === null || proposing === null) throw new Error('nothing was proposed');
    const entry: Entry = {
      seq: seq(log.length + 1),
      prev: log.at(-1)?.hash ?? '',
      kind: 'accept',
      at: '',
      revision: proposing.revision,
      documents: manifestId(compiled.documents),
      material: materialId(compiled.material),
      compiler: 'test',
      filterProfile: 1,
      language: 1,
      hash: `${log.length + 1}`,
    };
    log.push(entry);
    proposing = null;
    return entry;
  };
  const die = (now: number): void => {
    note('ingest died');
    compiling = null;
    isSeen = false;
    deaths += 1;
    feed({ kind: 'ingestDied', deaths }, now);
  };
  const happen = (now: number, isFaulty: boolean): boolean => {
    const fails = isFaulty && random.chance(0.1);
    if (compiling !== null) {
      if (fails && deaths < DEATHS_MAX) die(now);
      else answer(compiling, now);
    } else if (proposing !== null) {
      if (fails) {
        proposing = null;
        note('commit refused');
        feed({ kind: 'refused', why: 'unavailable' }, now);
      } else feed({ kind: 'committed', entry: written() }, now);
    } else if (!isSeen) look(now, fails);
    else return false;
    return true;
  };

  /** At rest: what can be accepted is, and is served. Certificates wait for no held documents. */
  const judge = (): void => {
    const { documents, material } = disk;
    const head = log.at(-1);
    if (head?.material !== material) throw new Error('a held folder holds its certificates');
    if (served !== head.revision) throw new Error('what was accepted is not served');
    if (documents.startsWith('typo') || head.documents === documents) return;
    throw new Error('what is on disk was not accepted');
  };

  feed({ kind: 'restored', entry: null, isServed: false }, 0);
  return {
    save: (resources) => {
      const material = keep(resources.filter(({ type }) => type === 'Secret'));
      const documents = keep(resources.filter(({ type }) => type !== 'Secret'));
      disk = { documents: isTyping ? `typo-${documents}` : documents, material };
      isTyping = false;
      isSeen = false;
    },
    mistype: () => {
      isTyping = true;
    },
    act: (now) => {
      // An edit is seen while an older one compiles or is written.
      if (!isSeen && random.chance(0.3)) look(now);
      else happen(now, true);
    },
    wake: (now) => {
      const at = deadline(engine);
      if (at !== null && at <= now) feed({ kind: 'tick' }, now);
    },
    crash: (now) => {
      note('crash');
      // What was on its way to the store may be there.
      if (proposing !== null && random.chance(0.5)) written();
      compiling = null;
      proposing = null;
      isSeen = false;
      served = null;
      engine = openEngine();
      const entry = log.at(-1) ?? null;
      const isServed = entry !== null && random.chance(0.5);
      if (isServed) announce(entry.revision);
      feed({ kind: 'restored', entry, isServed }, now);
    },
    settle: (now) => {
      for (let round = 0; round < 100; round += 1) {
        if (happen(now, false)) continue;
        const at = deadline(engine);
        // What is held is judged again from time to time: that is rest, too.
        if (at === null || engine.retry === null) {
          judge();
          return;
        }
        feed({ kind: 'tick' }, Math.max(now, at));
      }
      throw new Error('the engine does not come to rest');
    },
  };
}
