import { globOf, setVersion, type ResourceSet } from '../snapshot/index.ts';
import type { Channel } from './channel.ts';
import { frameOf, type Frame } from './frames.ts';
import type { ResourceError } from './response.ts';
import { isThere } from './visible.ts';

/** There is none: a client may drop what it has under that name (ERR-02). */
const NOT_FOUND = 5;
/** There is one, and it cannot be sent: what the client has, it keeps. */
const INTERNAL = 13;

/** What a client should have now. */
export interface Servable {
  readonly want: ResourceSet;
  /** False: only answers are given, out of what was sent before. */
  readonly advances: boolean;
  /** What there is, and this client cannot be sent: why. Of use for errors alone. */
  readonly withheld: ReadonlyMap<string, string>;
}

interface Said {
  readonly frames: readonly Frame[];
  readonly errors: Channel['errors'];
}

/**
 * The frames with what was asked for by name and cannot be served: once, and again where it is
 * asked for again or the reason is another one (ERR-01). Everything else in them stays as it is for
 * clients that read no errors (ERR-03); of "all" nothing can be missing (ERR-04).
 */
export function withErrors(
  channel: Channel,
  push: Servable,
  { frames, removed }: { readonly frames: readonly Frame[]; readonly removed: readonly string[] },
): Said {
  const { errors: told, wire, row } = channel;
  // An unknown alias is answered with an entry of its own (VHDS-02).
  if (told === null || row.isAliased) return { frames, errors: told };
  // A complete set without its resources would take them from the client.
  if (wire === 'sotw' && row.isComplete && frames.length === 0) return { frames, errors: told };
  const errors = new Map<string, number>();
  const due: ResourceError[] = [];
  for (const name of candidates(channel, told, removed)) {
    if (!isUnserved(channel, push, name)) continue;
    const error = errorOf(channel, push, name);
    errors.set(name, error.code);
    // Not by `owesAll`: that lasts while something else waits to be sent.
    if (channel.owed.has(name) || told.get(name) !== error.code) due.push(error);
  }
  return { frames: due.length === 0 ? frames : carrying(channel, frames, due), errors };
}

function candidates(
  { wire, row, owed, owesAll, subscription }: Channel,
  told: ReadonlyMap<string, number>,
  removed: readonly string[],
): readonly string[] {
  const isQuiet = wire === 'delta' && row.removals === 'answered';
  const gone = isQuiet ? [] : removed.flatMap((name) => [name, globOf(name) ?? name]);
  const asked = owesAll ? subscription.names : owed;
  return [...new Set([...told.keys(), ...asked, ...owed, ...gone])].sort();
}

/** What may not be sent yet is waited for; what may not be taken away yet is still there. */
const isUnserved = (
  { subscription, sent }: Channel,
  { want, advances }: Servable,
  name: string,
): boolean =>
  subscription.names.has(name) && !isThere(want, name) && (advances || !isThere(sent, name));

function errorOf({ row }: Channel, { withheld }: Servable, name: string): ResourceError {
  const why = withheld.get(name);
  return why === undefined
    ? { name, code: NOT_FOUND, message: `there is no ${row.id} ${name} for this node` }
    : { name, code: INTERNAL, message: `${row.id} ${name} is not sent: ${why}` };
}

/** On the first response, which is then of this client alone, or on one that has nothing else. */
function carrying(
  { wire, row, subscription: { spellings } }: Channel,
  [first, ...rest]: readonly Frame[],
  errors: readonly ResourceError[],
): readonly Frame[] {
  const content = first ?? { version: setVersion([]), resources: [], removed: [] };
  return [frameOf(wire, row, { ...content, spellings, errors }), ...rest];
}
