import { keyText, type Lack, type TypeId } from '../snapshot/index.ts';
import type { ClientState, Parked } from './state.ts';
import type { Rejection, Target } from './types.ts';

/**
 * What its build cannot take is parked before it is sent, like what it refused: what it had before
 * stays, with all that this needs, and what it never had is left out.
 */
export function foreseen(
  parked: ClientState['parked'],
  { lacking = [], revision }: Target,
): ClientState['parked'] {
  if (parked.size === 0 && lacking.length === 0) return parked;
  const next = new Map<TypeId, Map<string, Parked>>();
  for (const [type, ofType] of parked) {
    // A table waits for as long as its listener does.
    const kept = [...ofType].filter(([, { rejection }]) => rejection.lack?.through === undefined);
    if (kept.length > 0) next.set(type, new Map(kept));
  }
  for (const lack of lacking) {
    const { type, name, version } = lack.resource;
    const ofType = next.get(type) ?? new Map<string, Parked>();
    next.set(type, ofType);
    const known = ofType.get(name)?.rejection;
    if (known?.version === version) continue;
    const rejection: Rejection = {
      key: { type, name },
      version,
      error: { code: INVALID_ARGUMENT, message: lackWords(lack) },
      revision,
      isProven: true,
      before: parked.get(type)?.get(name)?.rejection.before ?? null,
      lack,
    };
    ofType.set(name, { rejection, mode: 'omit', isDue: false });
  }
  return next;
}

const lackWords = ({ extension, needsDelta }: Lack): string =>
  needsDelta === true
    ? `${extension} is for delta streams only`
    : `it has not built in ${extension}`;

/** Of what an earlier stream left: it may have come back with another build. */
export function stillForeseen(
  left: readonly Rejection[],
  { lacking = [] }: Target,
): readonly Rejection[] {
  if (left.every(({ lack }) => lack === undefined)) return left;
  const now = new Set(
    lacking.map(({ resource }) => contentKey(keyText(resource), resource.version)),
  );
  return left.filter(
    ({ lack, key, version }) => lack === undefined || now.has(contentKey(keyText(key), version)),
  );
}

const contentKey = (key: string, version: string): string => `${key} ${version}`;

const INVALID_ARGUMENT = 3;
