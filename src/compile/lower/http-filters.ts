import { invariant } from '../../base/index.ts';
import type { envoy } from '../../schema/index.ts';
import { typeUrl } from './type-url.ts';

/** The newest filter profile: what a listener is built with unless the committed revision says. */
export const FILTER_PROFILE = 1;

/**
 * The HTTP filters of every listener, by profile. A profile never changes once released: another
 * set or order of filters replaces every listener and drains its connections, so it gets a number
 * of its own (D5). Profile 1 is the router alone, since no policy of the language needs another
 * filter yet; filters that no route can switch on would only be bytes.
 */
export function httpFilters(profile: number): readonly envoy.HttpFilter[] {
  const filters = PROFILES.get(profile);
  invariant(filters !== undefined, `filter profile ${profile} does not exist`);
  return filters;
}

const ROUTER: envoy.HttpFilter = Object.freeze({
  name: 'envoy.filters.http.router',
  typed_config: Object.freeze({
    '@type': typeUrl('envoy.extensions.filters.http.router.v3.Router'),
  } as const),
});

const PROFILES: ReadonlyMap<number, readonly envoy.HttpFilter[]> = new Map([[1, [ROUTER]]]);
