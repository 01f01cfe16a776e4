import { hashFields } from '../../base/index.ts';
import type { StickyKey, ValueCondition, WeightedTarget } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { cookieMatcher, headerMatcher } from './route-match.ts';
import { sideFields } from './weighted-sides.ts';

type Cookie = Extract<StickyKey, { readonly kind: 'cookie' }>;

/** The cookie among the keys, or null. */
export const cookieOf = (keys: readonly StickyKey[]): Cookie | null =>
  keys.find((one) => one.kind === 'cookie') ?? null;

/**
 * What chooses the side where no cookie has: the first that the request has. Envoy's own hash by
 * cookie does not agree with the side that it took at first, so cookies are routes of their own.
 */
export function hashPolicies(keys: readonly StickyKey[]): readonly envoy.RouteAction_HashPolicy[] {
  return keys.flatMap((key): readonly envoy.RouteAction_HashPolicy[] => {
    switch (key.kind) {
      case 'header':
        return [{ header: { header_name: key.header }, terminal: true }];
      case 'address':
        return [{ connection_properties: { source_ip: true }, terminal: true }];
      case 'cookie':
        return [];
    }
  });
}

/** The sides of a rule, and what chooses among them. */
export interface Sides {
  readonly keys: readonly StickyKey[];
  readonly cookie: Cookie;
  readonly sides: readonly WeightedTarget[];
}

/** Requests that come back to a side: the cookie, and none of the keys before it. */
export function sideMatchers(
  { keys, cookie, sides }: Sides,
  side: WeightedTarget,
): readonly envoy.HeaderMatcher[] {
  const wider = keys.slice(0, keys.indexOf(cookie));
  const absent = wider.flatMap((key) =>
    key.kind === 'header' ? [headerMatcher(condition(key.header, { kind: 'present' }, true))] : [],
  );
  const value = { kind: 'exact', text: sideOf(side, sides) } as const;
  return [...absent, cookieMatcher(condition(cookie.name, value, false))];
}

/** The answer that first takes a side says which. */
export const setCookie = (
  { name, ttlMs }: Cookie,
  side: WeightedTarget,
  sides: readonly WeightedTarget[],
): envoy.HeaderValueOption => {
  const age = ttlMs === null ? '' : `; Max-Age=${Math.ceil(ttlMs / 1000)}`;
  const value = `${name}=${sideOf(side, sides)}${age}; Path=/; HttpOnly; SameSite=Lax`;
  return { header: { key: 'set-cookie', value }, append_action: 'APPEND_IF_EXISTS_OR_ADD' };
};

/** Tells sides apart without telling clients what they are called. */
export const sideOf = (side: WeightedTarget, sides: readonly WeightedTarget[]): string =>
  hashFields(sideFields(side, sides)).slice(0, SIDE_CHARS);

const SIDE_CHARS = 8;

const condition = (
  name: string,
  test: ValueCondition['test'],
  isNegated: boolean,
): ValueCondition => ({ name, test, isNegated, pointer: '' });
