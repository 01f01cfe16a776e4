/* eslint-disable max-lines-per-function -- one closure holds the state of one model */
import { clientId } from '../../src/base/index.ts';
import { answerOnce, type Target } from '../../src/delivery/index.ts';
import { NOBODY, setOf, typeByUrl, typeRow, TYPES } from '../../src/snapshot/index.ts';
import { decodeRequest, type Wire } from '../../src/xds/index.ts';
import { writeRequest, type Heard, type Spoken } from '../protocol/support/messages.ts';
import { openSession, type Session } from '../protocol/support/session.ts';
import { SHORT, targetOf, versionOf, type Short } from '../protocol/support/world.ts';
import type { Random } from './random.ts';
import { seeded } from './random.ts';

const COLLECTED = ['xdstp://a/T/g/a', 'xdstp://a/T/g/b', 'xdstp://a/T/h/c'] as const;
const GLOBS = ['xdstp://a/T/g/*', 'xdstp://a/T/h/*'] as const;
const NAMES = ['a', 'b', 'c', ...COLLECTED] as const;
const TTL_MS = 12_000;

/** One type of one client that does as the protocol says. */
interface Side {
  readonly short: Short;
  /** Asked for; globs are collections. */
  names: readonly string[];
  isAsked: boolean;
  nonce: string;
  version: string;
  /** What it has, and what of it ends when. */
  readonly has: Map<string, string>;
  readonly ends: Map<string, number>;
}

const globOf = (name: string): string => name.replace(/[^/]*$/, '*');
const covers = (names: readonly string[], name: string): boolean =>
  names.includes(name) || (name.startsWith('xdstp:') && names.includes(globOf(name)));

/**
 * One seeded run of delivery and a client of every type: names and collections come and go, content
 * has lifetimes, requests come twice, late and before those of other types, streams are cut, and
 * somebody polls beside. Gives what went wrong:
 *
 * - what is heard was asked for on this stream, and was some day's content;
 * - a refresh without a body is of what the client has, in the version that it has;
 * - nothing that is there expires at a client whose stream stands;
 * - a poll is answered with exactly what its names have now;
 * - in the end the client has what its names have, and nothing that it could be told is gone.
 */
export function simulateSubscriber(seed: number, steps: number, wire: Wire): string | null {
  const log: string[] = [];
  try {
    const world = createWorld(seeded(seed), wire, (text) => log.push(text));
    for (let step = 0; step < steps; step += 1) world.step();
    world.converge();
    return null;
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${text}\n${log.slice(-40).join('\n')}`;
  }
}

function createWorld(random: Random, wire: Wire, note: (text: string) => void) {
  const types = TYPES.filter(({ hasSotw }) => wire === 'delta' || hasSotw).map(({ id }) => {
    const found = Object.entries(SHORT).find(([, type]) => type === id);
    if (found === undefined) throw new Error(`${id} has no short name`);
    return found[0] as Short;
  });
  /** `cds a` → its content. */
  const content = new Map<string, number>();
  const sides = new Map<string, Side>();
  let target = targetOf('', 5_000);
  let session: Session | null = null;
  let toClient: Heard[] = [];
  let toServer: { readonly side: Side; readonly spoken: Spoken }[] = [];
  let asked = new Map<Short, readonly string[]>();
  let count = 0;

  const sideOf = (short: Short): Side => {
    const known = sides.get(short);
    if (known !== undefined) return known;
    const side: Side = {
      ...{ short, names: [], isAsked: false, nonce: '', version: '' },
      ...{ has: new Map(), ends: new Map() },
    };
    sides.set(short, side);
    return side;
  };
  const isMortal = (short: Short, name: string): boolean =>
    name === 'a' && typeRow(SHORT[short]).mayExpire[wire];
  const text = (): string =>
    [...content]
      .map(([key, value]) => {
        const [short = '', name = ''] = key.split(' ');
        const ttl = isMortal(short as Short, name) ? ` !ttl:${TTL_MS / 1_000}s` : '';
        return `${key}=${value}${ttl}`;
      })
      .join('\n');
  const here = (): Session => {
    session ??= openSession({ wire, target, userAgent: 'envoy' });
    return session;
  };
  const remember = (side: Side, names: readonly string[]): void => {
    asked.set(side.short, [...(asked.get(side.short) ?? []), ...names]);
  };
  /** What the client says of a type: all of it over SotW, the change over delta. */
  const say = (side: Side, words: Partial<Spoken> = {}): void => {
    remember(side, side.names);
    const { url } = typeRow(SHORT[side.short]);
    const sotw = { names: side.names, nonce: side.nonce, version: side.version };
    const spoken = { type_url: url, ...(wire === 'sotw' ? sotw : {}), ...words };
    toServer.push({ side, spoken });
    side.isAsked = true;
  };
  const begin = (side: Side): void => {
    side.nonce = '';
    const held = Object.fromEntries(
      [...side.has].map(([name, value]) => [name, versionOfHeld(side.short, name, value)]),
    );
    say(side, { names: side.names, ...(wire === 'delta' ? { held } : {}) });
  };
  const versionOfHeld = (short: Short, name: string, value: string): string =>
    isMortal(short, name) ? `${value}@` : versionOf(short, name, value);
  const change = (): void => {
    const side = sideOf(random.pick(types));
    const name = random.pick([...NAMES, ...GLOBS]);
    const isThere = side.names.includes(name);
    // A complete type whose names all go would mean nothing at all, and one without names all.
    if (isThere && side.names.length === 1) return;
    side.names = isThere ? side.names.filter((one) => one !== name) : [...side.names, name];
    for (const one of side.has.keys()) {
      if (covers(side.names, one)) continue;
      side.has.delete(one);
      side.ends.delete(one);
    }
    note(`${side.short} ${isThere ? '-' : '+'}${name}`);
    if (!side.isAsked) begin(side);
    else say(side, wire === 'delta' ? { [isThere ? 'unsubscribe' : 'names']: [name] } : {});
  };
  const edit = (): void => {
    const key = `${random.pick(types)} ${random.pick(NAMES)}`;
    count += 1;
    if (random.chance(0.25)) content.delete(key);
    else content.set(key, count);
    note(`edit ${key}=${content.get(key) ?? 'gone'}`);
    target = targetOf(text(), 5_000);
    if (session !== null) toClient.push(...here().retarget(target));
  };
  /** Requests of a type keep their order; those of others overtake them, and one comes twice. */
  const request = (isUnruly: boolean): void => {
    if (toServer.length === 0) return;
    const { short } = (isUnruly ? random.pick(toServer) : (toServer[0] ?? random.pick(toServer)))
      .side;
    const at = toServer.findIndex(({ side }) => side.short === short);
    const [next] = toServer.slice(at, at + 1);
    if (next === undefined) return;
    const isFirst = next.spoken.nonce === undefined || next.spoken.nonce === '';
    const isTwice = isUnruly && !isFirst && random.chance(0.1);
    if (!isTwice) toServer = toServer.filter((_, index) => index !== at);
    const { type_url: typeUrl, ...words } = next.spoken;
    toClient.push(...here().say(short, { typeUrl, ...words }));
  };
  const deliver = (): void => {
    const heard = toClient.shift();
    if (heard === undefined) return;
    const type = typeByUrl(heard.typeUrl);
    const side = [...sides.values()].find(({ short }) => SHORT[short] === type?.id);
    if (type === null || side === undefined) throw new Error(`nobody asked for ${heard.typeUrl}`);
    const { has, ends, names, short } = side;
    const said = asked.get(short) ?? [];
    for (const name of heard.refreshed) {
      if (!has.has(name) && covers(names, name))
        throw new Error(`${short} ${name}: no body, and not had`);
    }
    if (wire === 'sotw' && type.isComplete) {
      for (const name of has.keys()) if (!heard.resources.has(name)) has.delete(name);
    }
    for (const name of heard.removed) has.delete(name);
    for (const [name, value] of heard.resources) {
      // Endpoints come with their clusters (ADS-05), asked for or not.
      if (short !== 'eds' && !covers(said, name)) {
        throw new Error(`${short} ${name} was not asked for`);
      }
      if (Number(value) > count) throw new Error(`${short} ${name}=${value} never was`);
      if (covers(names, name)) has.set(name, value);
    }
    const now = here().now();
    for (const name of [...heard.resources.keys(), ...heard.refreshed]) {
      const ttl = heard.ttls.get(name);
      if (ttl === undefined) ends.delete(name);
      else ends.set(name, now + ttl);
    }
    note(
      `${short} heard ${[...heard.resources].join(' ')} ${heard.removed.map((n) => `-${n}`).join(' ')}`,
    );
    side.nonce = heard.nonce;
    side.version = heard.version;
    say(side, { nonce: heard.nonce });
  };
  const pass = (ms: number): void => {
    if (session === null) return;
    toClient.push(...here().wait(ms));
  };
  const checkLifetimes = (): void => {
    for (const { short, ends, has } of sides.values()) {
      for (const [name, at] of ends) {
        if (has.has(name) && at > here().now()) continue;
        ends.delete(name);
        // What is gone, and cannot be told to be, ends so.
        const isThere = content.has(`${short} ${name}`);
        if (has.delete(name) && isThere) throw new Error(`${short} ${name} has expired`);
      }
    }
  };
  const settle = (): void => {
    while (toClient.length > 0 || toServer.length > 0) {
      while (toClient.length > 0) deliver();
      request(false);
    }
  };
  const cut = (): void => {
    note('cut');
    toClient = [];
    toServer = [];
    asked = new Map();
    session = null;
    for (const side of sides.values()) {
      // What has a lifetime may end while nobody is there.
      for (const name of side.ends.keys()) side.has.delete(name);
      side.ends.clear();
      if (side.isAsked) begin(side);
    }
  };
  const poll = (): void => {
    const short = random.pick(types.filter((one) => typeRow(SHORT[one]).hasSotw));
    const names = NAMES.filter(() => random.chance(0.4));
    const spoken = { type_url: typeRow(SHORT[short]).url, names };
    const decoded = decodeRequest('sotw', writeRequest('sotw', spoken), { withNode: false });
    if (!decoded.ok) throw new Error(decoded.why);
    const options = { id: clientId('poll'), node: { ...NOBODY, id: 'p' }, target };
    const found = answerOnce(options, SHORT[short], decoded.request, here().now());
    if (!found.ok) throw new Error(found.message);
    const isAll = names.length === 0 && typeRow(SHORT[short]).isComplete;
    const want = present(target, short).filter((name) => isAll || names.some((n) => n === name));
    const got = found.answer.resources.map(({ name }) => name).sort();
    if (String(got) !== String(want)) throw new Error(`${short}: a poll has ${got.join()}`);
  };
  return {
    step: () => {
      const roll = random.int(100);
      if (roll < 12) change();
      else if (roll < 26) edit();
      else if (roll < 55) request(true);
      else if (roll < 84) deliver();
      else if (roll < 92) {
        settle();
        pass(random.pick([1, 500, 2_000]));
        settle();
        if (session !== null) checkLifetimes();
      } else if (roll < 99) poll();
      else cut();
    },
    converge: () => {
      settle();
      for (let round = 0; round < 60; round += 1) {
        pass(2_000);
        settle();
        if (session !== null) checkLifetimes();
      }
      for (const { short, names, has } of sides.values()) {
        const { isComplete, removals } = typeRow(SHORT[short]);
        // What is used stays: over SotW it cannot be taken, over delta not all of it is.
        const isSticky = wire === 'sotw' ? !isComplete : removals !== 'sent';
        for (const name of NAMES) {
          const want = covers(names, name) ? content.get(`${short} ${name}`) : undefined;
          const found = has.get(name);
          if (found === want?.toString() || (isSticky && want === undefined)) continue;
          throw new Error(`${short} ${name} is ${found ?? 'gone'}, not ${want ?? 'gone'}`);
        }
      }
    },
  };
}

const present = (target: Target, short: Short): readonly string[] =>
  [...setOf(target.snapshot, SHORT[short]).byName.keys()].sort();
