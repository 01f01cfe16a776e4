import { hashFields, type Hash, LIMITS } from '../base/index.ts';
import type { NodeHeld, Resource } from '../snapshot/index.ts';

/** Keeps what nodes hold for the next start: a killed process has no time to write it. */
export interface HeldSaver {
  /** What nodes hold may have changed: it is looked at soon. */
  changed(): void;
  /** Looks now. */
  save(): Promise<void>;
  /** Keeps what is held now: nodes whose streams are ended by us are not gone. */
  close(): Promise<void>;
}

export interface HeldSaverOptions {
  readonly held: () => readonly NodeHeld[];
  /** Resolves with why it could not, or null. */
  readonly write: (nodes: readonly NodeHeld[]) => Promise<string | null>;
  readonly onTrouble: (why: string) => void;
  /** Default `LIMITS.heldBytesMax`. */
  readonly bytesMax?: number;
  /** How often what nodes without a stream hold is looked at, ms. Default a minute. */
  readonly sweepMs?: number;
}

/** One write for all that changes within this time, ms: no more than four in a second. */
const DELAY_MS = 250;
/** What could not be written is tried again after this, ms, or with the next change. */
const RETRY_MS = 10_000;
/** What nodes that have gone hold ends with time alone: nothing tells of it. */
const SWEEP_MS = 60_000;

/** Writes only what differs from what it wrote last, one at a time. */
export function createHeldSaver(options: HeldSaverOptions): HeldSaver {
  const { held, write, onTrouble } = options;
  const { bytesMax = LIMITS.heldBytesMax, sweepMs = SWEEP_MS } = options;
  let written: Hash | null = null;
  let told: string | null = null;
  let timer: NodeJS.Timeout | null = null;
  let dueAt = Number.POSITIVE_INFINITY;
  let isClosed = false;
  let running: Promise<void> = Promise.resolve();

  /** Once, however often it is tried. */
  const tell = (why: string | null): void => {
    if (why !== null && why !== told) onTrouble(why);
    told = why;
  };
  const look = async (all = held()): Promise<void> => {
    const kept = withinBytes(all, bytesMax);
    if (kept.some(({ goneAt }) => goneAt !== null)) arm(sweepMs);
    const hash = hashOf(kept);
    if (hash === written) return;
    const why = await write(kept);
    written = why === null ? hash : null;
    const isCut = kept.length < all.length;
    tell(why ?? (isCut ? `some nodes hold more than ${bytesMax} bytes in all` : null));
    if (why !== null) arm(RETRY_MS);
  };
  const save = (last?: readonly NodeHeld[]): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    dueAt = Number.POSITIVE_INFINITY;
    running = running.then(() => look(last)).catch((cause: unknown) => tell(String(cause)));
    return running;
  };
  const arm = (ms: number): void => {
    const at = performance.now() + ms;
    if (isClosed || at >= dueAt) return;
    if (timer !== null) clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => void save(), ms);
  };
  return {
    changed: () => arm(DELAY_MS),
    save: () => (isClosed ? running : save()),
    close: () => {
      isClosed = true;
      return save(held());
    },
  };
}

/** The nodes that fit; what several hold counts once. */
function withinBytes(nodes: readonly NodeHeld[], bytesMax: number): readonly NodeHeld[] {
  const known = new Set<readonly Resource[] | Resource>();
  let sum = 0;
  return nodes.filter((node) => {
    const { id, envoyVersion, resources } = node;
    let more = id.length + envoyVersion.length;
    const fresh = known.has(resources) ? [] : resources.filter((resource) => !known.has(resource));
    for (const { name, bytes } of fresh) more += name.length + bytes.length;
    if (sum + more > bytesMax) return false;
    sum += more;
    known.add(resources);
    for (const resource of fresh) known.add(resource);
    return true;
  });
}

function hashOf(nodes: readonly NodeHeld[]): Hash {
  const lists = new Map<readonly Resource[], Hash>();
  const fields: string[] = [];
  for (const { id, envoyVersion, goneAt, resources } of nodes) {
    const list = lists.get(resources) ?? listHash(resources);
    lists.set(resources, list);
    fields.push(id, envoyVersion, String(goneAt), list);
  }
  return hashFields(fields);
}

const listHash = (resources: readonly Resource[]): Hash =>
  hashFields(resources.flatMap(({ type, name, version }) => [type, name, version]));
