import { expect, test } from 'vitest';
import { typeRow } from '../../src/snapshot/index.ts';
import type { Wire } from '../../src/xds/index.ts';
import type { Heard } from './support/messages.ts';
import { openSession, type Session } from './support/session.ts';
import { SHORT, targetOf, type Short } from './support/world.ts';

const SHORTS = Object.keys(SHORT) as readonly Short[];

const world = (content: number): string =>
  SHORTS.flatMap((short) => [`${short} a=${content}`, `${short} b=1`]).join(', ');

const NAMES = ['a', 'b', 'none'];

/** What a client hears that asks for every type, accepts all, and sees two edits. */
function hearAll(wire: Wire): readonly Heard[] {
  const session = openSession({ wire, target: targetOf(world(1)) });
  const heard: Heard[] = [];
  const take = (fresh: readonly Heard[]): void => {
    heard.push(...fresh);
    for (const one of fresh) take(accept(session, wire, one));
  };
  for (const short of SHORTS) take(session.say(short, { names: NAMES }));
  const first = heard.length;
  for (const content of [2, 3]) take(session.retarget(targetOf(world(content))));
  expect(heard.length).toBeGreaterThan(first + SHORTS.length);
  return [...heard, ...session.say('cds', { typeUrl: 'type.googleapis.com/x', names: ['a'] })];
}

function accept(session: Session, wire: Wire, { typeUrl, nonce, version }: Heard) {
  const short = SHORTS.find((one) => typeRow(SHORT[one]).url === typeUrl);
  if (short === undefined) throw new Error(`${typeUrl} was not asked for`);
  return session.say(short, { nonce, ...(wire === 'sotw' ? { version, names: NAMES } : {}) });
}

// That no name is there twice, and that each resource is of the response's type, is what
// `readResponse` throws on, here and in all tables beside.
test.each(['sotw', 'delta'] as const)(
  'TRN-09 TRN-10 TRN-11 SOTW-19 DELTA-19 DELTA-20 what every response says (%s)',
  (wire) => {
    const heard = hearAll(wire);
    const nonces = heard.map(({ nonce }) => nonce);
    expect(new Set(nonces).size).toBe(nonces.length);
    expect(nonces).not.toContain('');
    expect(new Set(heard.map(({ identifier }) => identifier))).toEqual(new Set(['helve']));
    expect(heard.map(({ version }) => version)).not.toContain('');
    const served = SHORTS.filter((short) => wire === 'delta' || typeRow(SHORT[short]).hasSotw);
    const unknown = wire === 'delta' ? ['type.googleapis.com/x'] : [];
    expect(new Set(heard.map(({ typeUrl }) => typeUrl))).toEqual(
      new Set([...served.map((short) => typeRow(SHORT[short]).url), ...unknown]),
    );
  },
);
