import type { TypeId } from '../snapshot/index.ts';
import { refusedOf } from './relevant.ts';
import type { ClientState } from './state.ts';

export const NO_WORDS: ReadonlyMap<string, string> = new Map<string, string>();

/** By name: why what the client refused, or cannot take, is not sent to it. */
export function unsendable(state: ClientState, type: TypeId): ReadonlyMap<string, string> {
  const refused = refusedOf(state, type);
  if (refused.length === 0) return NO_WORDS;
  return new Map(
    refused.map(({ key, lack, error }) => [key.name, lack === undefined ? REFUSED : error.message]),
  );
}

/** Not in its own words: those may repeat what was refused. */
const REFUSED = 'this node refused it, and gets it once it has changed';
