import { hasToken, redactTokens } from './tokens.ts';

/**
 * A name that stands where secrets stand, and may be one by mistake: in quotes as far as it looks
 * like the name of a field, whole where it is nearly one that exists (`isNear`).
 */
export function shownName(name: string, isNear: boolean): string {
  if (isNear) return JSON.stringify(name);
  if (!IDENTIFIER.test(name) || hasToken(name)) return '(a name that is not shown)';
  return JSON.stringify(name.length > SHOWN_MAX ? `${name.slice(0, SHOWN_MAX)}…` : name);
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
/** Enough to find it; too little of a token to be one. */
const SHOWN_MAX = 12;

/** A name as messages quote it: cut, and without what looks like a key. */
export function quotedName(name: string): string {
  const safe = redactTokens(name);
  return JSON.stringify(safe.length > QUOTED_MAX ? `${safe.slice(0, QUOTED_MAX)}…` : safe);
}

const QUOTED_MAX = 60;
