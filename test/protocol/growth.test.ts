import { expect, test } from 'vitest';
import { openSession } from './support/session.ts';
import { targetOf } from './support/world.ts';

const EDITS = 200;
/** The names come back: what a client was sent and may use is held. */
function worldOf(edit: number): string {
  const name = `c${edit % 5}`;
  return `cds ${name}=${edit} !slow, eds ${name}=1, lds l=${edit} -> rds/l, rds l=${edit} -> cds/${name}`;
}

/** What is kept of one client, in objects. */
function sizeOf({ state }: ReturnType<typeof openSession>): number {
  const { channels, earlier, gate, parked, spurned, holds, told } = state();
  const ofChannels = [...channels.values()].map(
    ({ open, accepted, owed, suspects }) =>
      open.length + accepted.length + owed.size + suspects.size,
  );
  const maps = [...parked.values(), ...holds.values()].map((of) => [...of].length);
  const sizes = [...ofChannels, ...maps, earlier.length, gate.waived.size, spurned.size];
  return [...sizes, told.stalled.size].reduce((sum, size) => sum + size, 0);
}

test.each(['sotw', 'delta'] as const)(
  'a client that answers nothing costs no more after many edits (%s)',
  (wire) => {
    const session = openSession({ wire, target: targetOf(worldOf(0)), userAgent: 'envoy' });
    for (const short of ['cds', 'lds'] as const) session.say(short, { names: [] });
    const sizes: number[] = [];
    for (let edit = 1; edit <= 2 * EDITS; edit += 1) {
      session.retarget(targetOf(worldOf(edit)));
      session.wait(25_000);
      if (edit % EDITS === 0) sizes.push(sizeOf(session));
    }
    const [half = 0, full = 0] = sizes;
    expect(full).toBeLessThanOrEqual(half);
  },
);
