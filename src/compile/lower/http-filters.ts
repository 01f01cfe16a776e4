import type { envoy } from '../../schema/index.ts';
import type { PolicyFilter } from '../policies/policy.ts';
import { POLICY_FILTERS } from '../policy-filters.ts';
import { filterName } from '../slots.ts';
import { ADS_SOURCE } from './ads-source.ts';
import { typeUrl } from './type-url.ts';

/**
 * The HTTP filters of every listener, by profile. Those of policies are there from the start, but
 * disabled until a route switches them on.
 */
export const httpFilters = (profile: number, listener: string): readonly envoy.HttpFilter[] => [
  ...POLICY_FILTERS.filter((filter) => filter.profile <= profile).map((filter) =>
    disabled(filter, listener),
  ),
  ROUTER,
];

/** A fresh listener waits for what it fetches, rather than answer with the closed default. */
function disabled({ slot, base, shared }: PolicyFilter, listener: string): envoy.HttpFilter {
  if (shared === null) return { name: filterName(slot, null), disabled: true, typed_config: base };
  return {
    name: filterName(slot, listener),
    disabled: true,
    config_discovery: {
      config_source: ADS_SOURCE,
      default_config: base,
      type_urls: [...new Set([base['@type'], shared.type])],
    },
  };
}

const ROUTER: envoy.HttpFilter = Object.freeze({
  name: 'envoy.filters.http.router',
  typed_config: Object.freeze({
    '@type': typeUrl('envoy.extensions.filters.http.router.v3.Router'),
  } as const),
});
