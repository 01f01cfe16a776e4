/* eslint-disable max-lines-per-function -- one closure holds the state of one model */
import { clientId, mono } from '../../src/base/index.ts';
import {
  deadline,
  openClient,
  parkedOf,
  reportClient,
  stepClient,
  type ClientEvent,
  type ClientState,
  type Rejection,
  type Target,
} from '../../src/delivery/index.ts';
import {
  diffSets,
  emptySet,
  NOBODY,
  setOf,
  typeByUrl,
  TYPES,
  type Resource,
  type Snapshot,
} from '../../src/snapshot/index.ts';
import { decodeRequest, withNonce, type Wire } from '../../src/xds/index.ts';
import {
  readResponse,
  writeRequest,
  type Heard,
  type Spoken,
} from '../protocol/support/messages.ts';
import { createDocuments } from './documents.ts';
import { createEnvoy } from './envoy.ts';
import { createPlane } from './plane.ts';
import { seeded } from './random.ts';

export interface Profile {
  readonly wire: Wire;
  /** Some content is refused. */
  readonly isSpoiling: boolean;
  /** Requests may be late by up to 40 s, readers slow. */
  readonly isLate: boolean;
  /** Streams are cut; helve is killed and comes back with what was committed. */
  readonly isReconnecting: boolean;
  /** Requests come twice, and those of one type before earlier ones of another. */
  readonly isUnruly: boolean;
}

const SHORT_PAUSES = [1, 50, 300];
const PAUSES = [...SHORT_PAUSES, 2_000, 9_000];

const NODE = { ...NOBODY, id: 'n1', userAgent: 'envoy', envoyVersion: '1.40.0' };

/**
 * One seeded run of engine, delivery and an Envoy: edits, looks, compiles, commits, deliveries,
 * delays, cuts and crashes in any order. Gives what went wrong.
 */
export function simulate(seed: number, steps: number, profile: Profile): string | null {
  const world = createWorld(seed, profile);
  try {
    for (let step = 0; step < steps; step += 1) world.step();
    world.converge();
    return null;
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${text}\n${world.tail()}`;
  }
}

interface World {
  step(): void;
  /** Mends all, lets everything arrive and every deadline pass, and compares. */
  converge(): void;
  /** The last things that happened. */
  tail(): string;
}

function createWorld(seed: number, profile: Profile): World {
  const { wire, isSpoiling, isLate, isReconnecting, isUnruly } = profile;
  const isCalm = !isLate && !isSpoiling && !isReconnecting && !isUnruly;
  const isFaulty = isSpoiling || isReconnecting;
  const random = seeded(seed);
  // Envoy reads no errors, and has what is sent again.
  const answering = { hasErrors: seed % 2 === 1, resendsNamed: seed % 4 > 1 };
  const documents = createDocuments();
  const known = new Map<string, Resource>();
  const earlier: Snapshot[] = [];
  const log: string[] = [];
  let now = 1_000_000;
  let target: Target | null = null;
  let parked: readonly Rejection[] = [];
  /** Null while there is no helve, or none that serves. */
  let state: ClientState | null = null;
  let toEnvoy: Heard[] = [];
  let toServer: { readonly spoken: Spoken; readonly at: number }[] = [];
  let isBlocked = false;
  let blockedAt = 0;
  let hasTimedOut = false;
  /** Sent and not answered, as the server can know it. */
  let unanswered: { readonly heard: Heard; readonly at: number }[] = [];
  /** `type/name=content` refused alone, until the content changes. */
  const refusedAlone = new Set<string>();
  const envoy = createEnvoy(wire, (type, name, content) => {
    const found = known.get(`${type}/${name}=${content}`);
    if (found === undefined) throw new Error(`${type}/${name}=${content} was never made`);
    return found;
  });
  const plane = createPlane({ random, note, publish });
  save();
  plane.settle(now);

  function save(): void {
    const resources = documents.resources();
    for (const r of resources) {
      known.set(`${r.type}/${Buffer.from(r.bytes).toString('utf8')}`, r);
    }
    plane.save(resources);
  }
  function connect(to: Target): void {
    const left = state === null ? [] : [state.target.snapshot];
    const options = { id: clientId('c1'), wire, node: NODE, target: to, parked, left, answering };
    state = openClient({ ...options, earlier: earlier.slice(0, 30) }, mono(now));
    envoy.connect();
    take();
  }
  function note(text: string): void {
    log.push(`${now} ${text}`);
    if (log.length > 100) log.shift();
  }
  function serve(event: ClientEvent): void {
    if (state === null) return;
    const [next, effects] = stepClient(state, event, mono(now));
    state = next;
    for (const effect of effects) {
      if (effect.kind === 'close') throw new Error(`closed: ${effect.message}`);
      if (effect.kind === 'fact') {
        note(`fact ${effect.fact.kind}`);
        if (effect.fact.kind === 'stalled') hasTimedOut = true;
        continue;
      }
      const heard = readResponse(wire, withNonce(effect.body, effect.nonce));
      note(`send ${brief(heard)}`);
      checkSent(heard);
      unanswered.push({ heard, at: now });
      toEnvoy.push(heard);
    }
  }
  function checkSent(heard: Heard): void {
    if (isBlocked) throw new Error(`sent while blocked: ${brief(heard)}`);
    const type = typeByUrl(heard.typeUrl);
    const isNamed = wire === 'delta' || type?.isComplete !== true;
    for (const [name, content] of heard.resources) {
      if (isNamed && refusedAlone.has(`${type?.id ?? ''}/${name}=${content}`)) {
        throw new Error(`parked content was sent again: ${type?.id ?? ''}/${name}=${content}`);
      }
      for (const { heard: other, at } of unanswered) {
        const before = other.typeUrl === heard.typeUrl ? other.resources.get(name) : undefined;
        if (before !== undefined && before !== content && now < at + 5_000) {
          throw new Error(`two updates in flight: ${name}=${before}, then ${content}`);
        }
      }
    }
  }
  function take(): void {
    for (const spoken of envoy.outbox.splice(0)) {
      const delay = isLate && random.chance(0.03) ? random.int(40_000) : 0;
      toServer.push({ spoken, at: now + delay });
    }
  }
  function request(): void {
    const next = nextRequest();
    if (next === undefined || next.at > now) return;
    // A subscription may be said again, and an answer: what was heard before changes nothing.
    if (!isUnruly || !random.chance(0.1)) toServer = toServer.filter((one) => one !== next);
    const { spoken } = next;
    note(`hear ${spokenText(spoken)}`);
    close(spoken);
    const decoded = decodeRequest(wire, writeRequest(wire, spoken), { withNode: false });
    if (!decoded.ok) throw new Error(decoded.why);
    serve({ kind: 'request', request: decoded.request });
  }
  /** The order holds within a type; answers of other types may be late, first requests are not. */
  function nextRequest(): (typeof toServer)[number] | undefined {
    if (!isUnruly || toServer.length === 0) return toServer[0];
    const begin = toServer.findIndex(({ spoken }) => spoken.nonce === undefined);
    const open = begin < 0 ? toServer : toServer.slice(0, begin + 1);
    const type = random.pick(open).spoken.type_url;
    return open.find(({ spoken }) => spoken.type_url === type);
  }
  function close(spoken: Spoken): void {
    const index = unanswered.findIndex(
      ({ heard }) => heard.nonce === spoken.nonce && heard.typeUrl === spoken.type_url,
    );
    if (index === -1) return;
    const response = unanswered[index]?.heard;
    unanswered = unanswered.filter(
      ({ heard }, at) => heard.typeUrl !== spoken.type_url || at > index,
    );
    if (spoken.error === undefined || response?.resources.size !== 1) return;
    if (response.removed.length > 0) return;
    if (wire === 'sotw' && spoken.version === response.version) return;
    const type = typeByUrl(spoken.type_url)?.id ?? '';
    for (const [name, content] of response.resources) {
      const key = `${type}/${name}=${content}`;
      if (content.startsWith('bad') && !isReplaced(key)) refusedAlone.add(key);
    }
  }
  function deliver(): void {
    const [first] = toEnvoy;
    if (first === undefined) return;
    toEnvoy = toEnvoy.slice(1);
    note(`take ${brief(first)}`);
    envoy.hear(first, now);
    take();
    check();
  }
  function check(): void {
    // After a wait was given up, only what is missing altogether counts.
    const faults = envoy.faults(now).filter((text) => !hasTimedOut || text.includes('missing'));
    if (faults.length > 0) throw new Error(faults.join('; '));
    if (isCalm && envoy.timeouts() > 0) {
      throw new Error('a cluster waited 15 s for its endpoints');
    }
  }
  function edit(): void {
    documents.edit(random, isSpoiling);
    if (isFaulty && random.chance(0.1)) plane.mistype();
    save();
  }
  function publish(next: Target): void {
    if (target !== null) earlier.unshift(target.snapshot);
    note(changesOf(target?.snapshot ?? null, next.snapshot));
    target = next;
    forget(next.snapshot);
    if (state === null) connect(next);
    else serve({ kind: 'target', target: next });
  }
  /** Its content has changed before it was refused: it may come back. */
  function isReplaced(key: string): boolean {
    const refused = known.get(key);
    const set = refused === undefined ? undefined : target?.snapshot.sets.get(refused.type);
    const found = set?.byName.get(refused?.name ?? '');
    return found !== undefined && found.version !== refused?.version;
  }
  /** What was refused alone counts until its content changes. */
  function forget(snapshot: Snapshot): void {
    for (const key of refusedAlone) {
      const [type = '', rest = ''] = key.split('/');
      const [name = ''] = rest.split('=');
      const isStill = [...snapshot.sets.values()].some((set) => {
        const r = set.type === type ? set.byName.get(name) : undefined;
        return r !== undefined && `${type}/${Buffer.from(r.bytes).toString('utf8')}` === key;
      });
      if (!isStill) refusedAlone.delete(key);
    }
  }
  function pass(ms: number): void {
    const end = now + ms;
    // It reads again before its stream would end for that.
    if (isBlocked && end >= blockedAt + 120_000) toggle();
    for (let at = wakesAt(); at !== null && at <= end; at = wakesAt()) {
      now = at;
      serve({ kind: 'tick' });
    }
    now = end;
    plane.wake(now);
    envoy.elapse(now, random.chance(0.5));
    take();
    check();
  }
  function wakesAt(): number | null {
    return state === null ? null : deadline(state);
  }
  function reconnect(): void {
    if (state === null || target === null) return;
    note('reconnect');
    parked = parkedOf(state);
    cut();
    connect(target);
  }
  /** What nodes refused is not in the store. */
  function crash(): void {
    parked = [];
    refusedAlone.clear();
    cut();
    plane.crash(now);
  }
  function cut(): void {
    toEnvoy = [];
    toServer = [];
    unanswered = [];
    isBlocked = false;
    envoy.disconnect();
    state = null;
  }
  /** Nothing is on its way: only then does a calm world let seconds pass. */
  function isIdle(): boolean {
    return toEnvoy.length === 0 && toServer.length === 0;
  }
  function toggle(): void {
    if (state === null) return;
    isBlocked = !isBlocked;
    blockedAt = now;
    serve({ kind: isBlocked ? 'blocked' : 'writable' });
  }

  return {
    step: () => {
      const roll = random.int(100);
      if (roll < 32) request();
      else if (roll < 64) deliver();
      else if (roll < 71) edit();
      else if (roll < 89) plane.act(now);
      else if (roll < 98) pass(random.pick(isIdle() || isLate ? PAUSES : SHORT_PAUSES));
      else if (isReconnecting && roll === 98) (random.chance(0.5) ? crash : reconnect)();
      else if (isLate) toggle();
    },
    converge: () => {
      if (isFaulty) plane.mistype();
      save();
      plane.settle(now);
      // A restart on a broken folder serves what was accepted last.
      if (isReconnecting) crash();
      plane.settle(now);
      documents.mend();
      if (isBlocked) toggle();
      save();
      plane.settle(now);
      for (let round = 0; round < 400; round += 1) {
        while (toEnvoy.length > 0) deliver();
        while (toServer.length > 0 && (toServer[0]?.at ?? 0) <= now) request();
        if (toEnvoy.length === 0) pass(2_000);
      }
      if (state === null || target === null) throw new Error('nothing is served in the end');
      const report = reportClient(state);
      for (const type of ['Cluster', 'Listener', 'RouteConfiguration', 'Secret'] as const) {
        const want = setOf(target.snapshot, type).byName;
        const has = envoy.running(type);
        const isUsed = (name: string): boolean => type !== 'Secret' || name === 's0';
        const names = new Set([...want.keys(), ...has.keys()].filter(isUsed));
        for (const name of names) {
          if (want.get(name)?.version === has.get(name)?.version) continue;
          throw new Error(`${type}/${name} did not converge`);
        }
      }
      if (!report.isInStep) throw new Error(`not in step: ${report.phase}`);
    },
    tail: () => log.join('\n'),
  };
}

/** What an edit changed, `c1=7q` put and `-c1` gone; the tail of a failing run shows it. */
function changesOf(from: Snapshot | null, to: Snapshot): string {
  return TYPES.flatMap(({ id, short }) => {
    const before = from === null ? emptySet(id) : setOf(from, id);
    const { changed, removed } = diffSets(before, setOf(to, id));
    const put = changed.map(({ bytes }) => Buffer.from(bytes).toString('utf8'));
    const words = [...put, ...removed.map((name) => `-${name}`)];
    return words.length === 0 ? [] : [`${short.toLowerCase()} ${words.join(' ')}`];
  }).join(' ');
}

const brief = ({ typeUrl, nonce, resources, removed }: Heard): string =>
  `${typeUrl.split('.').at(-1) ?? ''} #${nonce} ${[...resources]
    .map(([name, content]) => `${name}=${content}`)
    .join(' ')}${removed.map((name) => ` -${name}`).join('')}`;

function spokenText({ type_url, ...rest }: Spoken): string {
  return `${type_url.split('.').at(-1) ?? ''} ${JSON.stringify(rest)}`;
}
