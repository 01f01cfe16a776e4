/* eslint-disable max-lines-per-function -- one closure holds the state of one model */
import { expect } from 'vitest';
import { typeByUrl, type Extensions, type Snapshot } from '../../../src/snapshot/index.ts';
import type { Wire } from '../../../src/xds/index.ts';
import type { Answering, Rejection } from '../../../src/delivery/index.ts';
import type { Heard } from './messages.ts';
import { openSession, type Session, type Words } from './session.ts';
import { SHORT, targetOf, versionOf, type Short } from './world.ts';

/**
 * Runs one row: a script of lines `command => what the server says`. Where the wires differ,
 * `=> SotW // delta`. A response is written `cds a=1 b=2 -gone`, several are parted by ` | `, and
 * nothing at all is silence. An entry without a body is `?name`; aliases follow: `a=1~b~c`. What
 * has a lifetime is `a=1@9s`, and `a@9s` where it is refreshed without a body. `!a:5` is an error.
 *
 * Commands: `world …` (resources), `say TYPE +name -name * held a=1` (a request of its own), `ack
 * TYPE …`, `nack TYPE … "text"` (with changes of names, too), `nackLast TYPE …` (one answer for
 * all), `lie TYPE` (SotW: accepts another version), `late TYPE …` (a nonce that is not the last),
 * `stray TYPE` (a refusal under a nonce that was never sent), `again TYPE`, `wait 15s`,
 * `reconnect`, `blocked`, `writable`, `facts …`, `phase …`, `closed …`; `envoy` before the world:
 * the client is one; `features …` before it: what it says of itself; `errors`: the server says
 * what it cannot serve; `resend`: and sends again what is named; `builtin a b`: it has these
 * extensions; `running …`: whether it runs its target `alone`, `with leftovers` or `no`.
 */
export function runScript(wire: Wire, script: string): void {
  const actor = createActor(wire);
  // A line that begins with the arrow belongs to the one before.
  for (const line of script.replaceAll(/\s*\n\s*=>/g, ' =>').split('\n')) {
    if (line.trim() === '') continue;
    const [command = '', wanted = ''] = line
      .trim()
      .split('=>')
      .map((text) => text.trim());
    const said = actor.perform(command);
    if (said === null) continue;
    const [first = '', second] = wanted.split(/(?:^|\s)\/\/(?:\s|$)/).map((text) => text.trim());
    const want = wire === 'sotw' || second === undefined ? first : second;
    expect(said, `after "${command}" over ${wire}`).toBe(want);
  }
}

interface Side {
  names: readonly string[];
  lastNonce: string;
  ackedVersion: string;
  readonly pending: Heard[];
  readonly seen: string[];
}

interface Actor {
  /** What the server said, as text; null where the line is a check of its own. */
  perform(command: string): string | null;
}

function createActor(wire: Wire): Actor {
  let session: Session | null = null;
  let world = '';
  let sides = new Map<Short, Side>();
  let factsSeen = 0;
  let userAgent = 'test';
  let features: readonly string[] = [];
  let extensions: Extensions | null = null;
  let answering: Answering = {};
  const target = () => targetOf(world, undefined, { extensions, isSotw: wire === 'sotw' });
  const earlier: Snapshot[] = [];
  const sideOf = (short: Short): Side => {
    const known = sides.get(short);
    if (known !== undefined) return known;
    const fresh = { names: [], lastNonce: '', ackedVersion: '', pending: [], seen: [] };
    sides.set(short, fresh);
    return fresh;
  };
  const begin = (parked: readonly Rejection[] = []): void => {
    const before = session;
    const left = before === null ? [] : [before.state().target.snapshot];
    session = openSession(
      { wire, target: target(), parked, earlier, userAgent, features, answering, left },
      before?.now(),
    );
    sides = new Map();
    factsSeen = 0;
  };
  const here = (): Session => {
    if (session === null) throw new Error('the script begins with a world');
    return session;
  };
  const note = (heard: readonly Heard[]): string => {
    for (const h of heard) {
      const short = shortOf(h);
      if (short === null) continue;
      const side = sideOf(short);
      side.pending.push(h);
      side.lastNonce = h.nonce;
      side.seen.push(h.nonce);
    }
    return heard.map(textOf).join(' | ');
  };
  const speak = (short: Short, words: Words, change: Change): readonly Heard[] => {
    const side = sideOf(short);
    if (wire === 'delta') {
      // A version means nothing over delta, and is not written.
      const { added: names, removed: unsubscribe, held } = change;
      return here().say(short, { ...words, names, unsubscribe, held });
    }
    side.names = [
      ...side.names.filter((name) => !change.removed.includes(name)),
      ...change.added.filter((name) => !side.names.includes(name)),
    ];
    return here().say(short, { version: side.ackedVersion, ...words, names: side.names });
  };

  const verbs: Record<string, (rest: string) => string | null> = {
    world: (rest) => {
      if (session !== null) earlier.unshift(targetOf(world).snapshot);
      world = rest;
      if (session !== null) return note(session.retarget(target()));
      begin();
      return '';
    },
    builtin: (rest) => {
      extensions = { names: new Set(), types: new Set(rest.split(' ')) };
      return null;
    },
    envoy: () => {
      userAgent = 'envoy';
      return null;
    },
    resend: () => {
      answering = { ...answering, resendsNamed: true };
      return null;
    },
    errors: () => {
      answering = { ...answering, hasErrors: true };
      return null;
    },
    features: (rest) => {
      features = rest.split(' ');
      return null;
    },
    say: (rest) => {
      const { short, change, version } = parse(rest);
      const nonce = wire === 'sotw' ? sideOf(short).lastNonce : '';
      return note(speak(short, { nonce, ...(version === null ? {} : { version }) }, change));
    },
    unknown: (rest) => {
      const typeUrl = 'type.googleapis.com/no.such.Type';
      const { change } = parse(`cds ${rest}`);
      return note(here().say('cds', { typeUrl, names: change.added }));
    },
    ack: (rest) => {
      const { short, change } = parse(rest);
      const side = sideOf(short);
      const open = side.pending.splice(0);
      if (open.length === 0) throw new Error(`nothing to acknowledge: ${rest}`);
      return open
        .map((h, index) => {
          side.ackedVersion = h.version;
          const isLast = index === open.length - 1;
          const words = { nonce: h.nonce, version: h.version };
          return note(speak(short, words, isLast ? change : NO_CHANGE));
        })
        .filter((text) => text !== '')
        .join(' | ');
    },
    ack1: (rest) => {
      const { short, change } = parse(rest);
      const side = sideOf(short);
      const h = side.pending.shift();
      if (h === undefined) throw new Error(`nothing to acknowledge: ${rest}`);
      side.ackedVersion = h.version;
      return note(speak(short, { nonce: h.nonce, version: h.version }, change));
    },
    nack: (rest) => {
      const { short, change, error } = parse(rest);
      const h = sideOf(short).pending.shift();
      if (h === undefined) throw new Error(`nothing to refuse: ${rest}`);
      return note(speak(short, { nonce: h.nonce, error }, change));
    },
    nackLast: (rest) => {
      const { short, change, error } = parse(rest);
      const h = sideOf(short).pending.splice(0).at(-1);
      return note(speak(short, { nonce: h?.nonce ?? '', error }, change));
    },
    confuse: (rest) => {
      const { short, change, error } = parse(rest);
      const h = sideOf(short).pending.shift();
      if (h === undefined) throw new Error(`nothing to refuse: ${rest}`);
      return note(speak(short, { nonce: h.nonce, version: h.version, error }, change));
    },
    lie: (rest) => {
      const { short, change } = parse(rest);
      const h = sideOf(short).pending.shift();
      return note(speak(short, { nonce: h?.nonce ?? '', version: 'another' }, change));
    },
    late: (rest) => {
      const { short, change } = parse(rest);
      const nonce = sideOf(short).seen.at(-2) ?? '';
      return note(speak(short, { nonce }, change));
    },
    stray: (rest) => {
      const { short, change, error } = parse(rest);
      return note(speak(short, { nonce: 'never-sent', error }, change));
    },
    again: (rest) => {
      const { short } = parse(rest);
      return note(speak(short, { nonce: sideOf(short).lastNonce }, NO_CHANGE));
    },
    wait: (rest) => note(here().wait(milliseconds(rest))),
    blocked: () => note(here().event({ kind: 'blocked' })),
    writable: () => note(here().event({ kind: 'writable' })),
    reconnect: () => {
      begin(here().parked());
      return '';
    },
    facts: (rest) => {
      const fresh = here().facts.slice(factsSeen);
      factsSeen = here().facts.length;
      expect(fresh.map(factText).join(' ')).toBe(rest);
      return null;
    },
    phase: (rest) => {
      expect(here().report().phase).toBe(rest);
      return null;
    },
    running: (rest) => {
      const { isRunning, isInStep } = here().report();
      expect(isInStep ? 'alone' : isRunning ? 'with leftovers' : 'no').toBe(rest);
      return null;
    },
    closed: (rest) => {
      expect(String(here().closed())).toBe(rest);
      return null;
    },
  };
  return {
    perform: (command) => {
      const [verb = '', ...rest] = command.split(' ');
      const perform = verbs[verb];
      if (perform === undefined) throw new Error(`no such command: ${command}`);
      return perform(rest.join(' '));
    },
  };
}

interface Change {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly held: Readonly<Record<string, string>>;
}

const NO_CHANGE: Change = { added: [], removed: [], held: {} };

interface Parsed {
  readonly short: Short;
  readonly change: Change;
  readonly error: string;
  readonly version: string | null;
}

function parse(text: string): Parsed {
  const error = /"([^"]*)"/.exec(text)?.[1] ?? 'refused';
  const version = /\bversion (\S+)/.exec(text)?.[1] ?? null;
  const [short = '', ...words] = text
    .replace(/"[^"]*"/, '')
    .replace(/\bversion \S+/, '')
    .split(' ');
  if (!isShort(short)) throw new Error(`no such type: ${text}`);
  const held: Record<string, string> = {};
  for (const word of words) {
    const at = word.lastIndexOf('=');
    if (at === -1 || word.startsWith('+') || word.startsWith('-')) continue;
    const name = word.slice(0, at);
    held[name] = versionOf(short, name, word.slice(at + 1));
  }
  const added = words.flatMap((w) => (w.startsWith('+') ? [w.slice(1)] : w === '*' ? ['*'] : []));
  const removed = words.flatMap((w) => (w.startsWith('-') ? [w.slice(1)] : []));
  return { short, change: { added, removed, held }, error, version };
}

const isShort = (text: string): text is Short => Object.hasOwn(SHORT, text);

function shortOf(heard: Heard): Short | null {
  const id = typeByUrl(heard.typeUrl)?.id;
  const found = Object.entries(SHORT).find(([, type]) => type === id)?.[0] ?? '';
  return isShort(found) ? found : null;
}

function textOf(heard: Heard): string {
  const lifetimeOf = (name: string): string => {
    const ms = heard.ttls.get(name);
    return ms === undefined ? '' : `@${ms / 1000}s`;
  };
  const put = [...heard.resources].map(([name, content]) => {
    const also = [...(heard.aliases.get(name) ?? [])].sort();
    return [`${name}=${content}${lifetimeOf(name)}`, ...also].join('~');
  });
  const living = heard.refreshed.map((name) => `${name}${lifetimeOf(name)}`).sort();
  const gone = heard.removed.map((name) => `-${name}`).sort();
  const absent = heard.absent.map((name) => `?${name}`).sort();
  const errors = [...heard.errors].map(([name, code]) => `!${name}:${code}`).sort();
  const all = [...put.sort(), ...living, ...gone, ...absent, ...errors];
  return [shortOf(heard) ?? heard.typeUrl, ...all].join(' ');
}

function factText(fact: Session['facts'][number]): string {
  switch (fact.kind) {
    case 'reached':
    case 'switched':
      return fact.kind;
    case 'rejected':
      return fact.rejections.map((r) => `rejected:${r.key.name}${r.isProven ? '' : '?'}`).join(' ');
    case 'stalled':
      return `stalled:${fact.what}`;
  }
}

function milliseconds(text: string): number {
  const [, number = '', unit = ''] = /^(\d+)(ms|s)$/.exec(text) ?? [];
  return Number(number) * (unit === 's' ? 1000 : 1);
}
