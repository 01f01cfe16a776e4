import { expect, test } from 'vitest';
import { hashBytes, version } from '../../src/base/index.ts';
import {
  compositeBytes,
  createInterner,
  type Composite,
  type Resource,
} from '../../src/snapshot/index.ts';
import type { Target } from '../../src/delivery/index.ts';
import type { Wire } from '../../src/xds/index.ts';
import { openSession, type Session } from './support/session.ts';
import { parseWorld, resource, revisionOf, type Short } from './support/world.ts';

const interner = createInterner();

/** A config of a filter with these entries. */
function config(keys: readonly string[]): Resource {
  const entries = keys.map((key) => ({ key, bytes: Buffer.from(key) }));
  const composite: Composite = { typeUrl: 't', shell: Buffer.from('shell'), entries };
  const bytes = compositeBytes('f', composite);
  return {
    ...resource('ecds', 'f', keys.join()),
    bytes,
    version: version(hashBytes(bytes)),
    composite,
  };
}

function targetOf(keys: readonly string[], rest: string): Target {
  const all = [config(keys), ...parseWorld(rest)];
  const types = [...new Set(all.map(({ type }) => type))];
  const sets = types.map((type) =>
    interner.set(
      type,
      all.filter((r) => r.type === type),
    ),
  );
  const snapshot = interner.snapshot(sets);
  return { revision: revisionOf(`${keys.join()} ${rest}`), snapshot, drainTimeMs: 0 };
}

const sentEntries = (session: Session): string => {
  const sent = session.state().channels.get('TypedExtensionConfig')?.sent.byName.get('f');
  return (sent?.composite?.entries ?? []).map(({ key }) => key).join(' ');
};

/** Answers whatever is open of a type. */
function answer(session: Session, wire: Wire, short: Short, error?: string): void {
  const types = { ecds: 'TypedExtensionConfig', rds: 'RouteConfiguration' } as const;
  const type = short === 'ecds' ? types.ecds : types.rds;
  const open = session.state().channels.get(type)?.open.last;
  if (open === undefined) return;
  const names = [short === 'ecds' ? 'f' : 'l'];
  const nonce = open.nonce;
  const words = error === undefined ? { nonce } : { nonce, error };
  session.say(
    short,
    wire === 'delta'
      ? words
      : { ...words, names, version: error === undefined ? open.frame.version : 'before' },
  );
}

function begin(wire: Wire): Session {
  const session = openSession({ wire, target: targetOf(['a', 'same'], 'rds l=1') });
  for (const [short, name] of [
    ['ecds', 'f'],
    ['rds', 'l'],
  ] as const) {
    session.say(short, { names: [name] });
    answer(session, wire, short);
  }
  return session;
}

const WIRES = ['sotw', 'delta'] as const;

test.each(WIRES)('entries of replaced routes stay until these are gone (%s)', (wire) => {
  const session = begin(wire);
  expect(sentEntries(session)).toBe('a same');
  session.retarget(targetOf(['b', 'same'], 'rds l=2'));
  expect(sentEntries(session)).toBe('a b same');
  session.retarget(targetOf(['c', 'same'], 'rds l=3'));
  answer(session, wire, 'ecds');
  expect(sentEntries(session)).toBe('a b c same');
  for (let round = 0; round < 3; round += 1) {
    for (const short of ['ecds', 'rds'] as const) answer(session, wire, short);
  }
  session.wait(10_000);
  expect(sentEntries(session)).toBe('a b c same');
  session.wait(15_000);
  expect(sentEntries(session)).toBe('c same');
});

test.each(WIRES)('a client that keeps its old routes keeps their entries (%s)', (wire) => {
  const session = begin(wire);
  session.retarget(targetOf(['b', 'same'], 'rds l=bad'));
  answer(session, wire, 'ecds');
  answer(session, wire, 'rds', 'l is bad');
  session.wait(900_000);
  expect(sentEntries(session)).toBe('a b same');
});

test.each(WIRES)('what only adds entries is sent as it is (%s)', (wire) => {
  const session = begin(wire);
  session.retarget(targetOf(['a', 'b', 'same'], 'rds l=2'));
  expect(sentEntries(session)).toBe('a b same');
  answer(session, wire, 'ecds');
  answer(session, wire, 'rds');
  expect(session.state().holds.size).toBe(0);
});
