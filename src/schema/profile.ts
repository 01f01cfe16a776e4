import type { Since } from './facts.ts';
import type { Planner } from './plan.ts';
import { compareReleases } from './release.ts';
import type { Profile } from './types.ts';

/** The release that brought a message or its field; a field of a new message is as new as that. */
export function sinceOf(known: Since, message: string, field: string | null): string | null {
  const own = field === null ? null : known.field(message, field);
  return own ?? known.message(message);
}

/** What the pinned Envoys from `release` on have in common. */
export function newProfile(release: string, planner: Planner, known: Since): Profile {
  const isThere = (since: string | null): boolean =>
    since === null || compareReleases(since, release) <= 0;
  return {
    release,
    hasMessage: (name) => planner.message(name) !== null && isThere(known.message(name)),
    hasField: (message, field) =>
      planner.message(message)?.byKey.get(field)?.name === field &&
      isThere(sinceOf(known, message, field)),
    hasValue: (enumeration, value) => isThere(known.value(enumeration, value)),
  };
}
