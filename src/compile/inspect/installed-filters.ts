import type { Json } from '../../schema/index.ts';
import { fieldOf, isObject, listOf, messageOf, textOf, typeUrlOf } from './json.ts';

/** One entry of a chain of HTTP filters. */
export interface InstalledFilter {
  /** Full names of the messages that configure it; of one that carries others, theirs too. */
  readonly types: readonly string[];
  /** Its config comes by ECDS, under its name: `types` are those that it may have. */
  readonly isDiscovered: boolean;
}

export type InstalledFilters = ReadonlyMap<string, InstalledFilter>;

/** The chain, by the names that per-route configs use. */
export const installedFilters = (chain: Json | undefined): InstalledFilters =>
  new Map(
    listOf(chain).map((filter): [string, InstalledFilter] => {
      const config = fieldOf(filter, 'typed_config');
      const isDiscovered = config === undefined;
      const types = isDiscovered ? discoveredTypes(filter) : filterTypes(config);
      return [textOf(fieldOf(filter, 'name')), { types, isDiscovered }];
    }),
  );

const discoveredTypes = (filter: Json): readonly string[] =>
  typeUrls(fieldOf(filter, 'config_discovery'));

const typeUrls = (discovery: Json | undefined): readonly string[] =>
  listOf(fieldOf(discovery, 'type_urls')).map((url) => messageOf(textOf(url)));

/** Filters that others hide in: what those take, they take under the name of the outer one. */
const CARRIERS: ReadonlySet<string> = new Set([
  'envoy.extensions.common.matching.v3.ExtensionWithMatcher',
  'envoy.extensions.filters.http.composite.v3.Composite',
  'envoy.extensions.filters.http.filter_chain.v3.FilterChainConfig',
]);

/** What the config of a filter is: its message, and all inside of one that carries others. */
export function filterTypes(config: Json | undefined): readonly string[] {
  const type = configType(config);
  if (type === '') return [];
  return CARRIERS.has(type) ? [type, ...typesInside(config)] : [type];
}

/** The message of an Any; of a TypedStruct the one that Envoy reads it as. */
export function configType(config: Json | undefined): string {
  const type = messageOf(typeUrlOf(config));
  const isStruct = type === 'xds.type.v3.TypedStruct' || type === 'udpa.type.v1.TypedStruct';
  return isStruct ? messageOf(textOf(fieldOf(config, 'type_url'))) : type;
}

function typesInside(value: Json | undefined): readonly string[] {
  if (!isObject(value)) return listOf(value).flatMap(typesInside);
  const own = [configType(value), ...typeUrls(value)].filter((type) => type !== '');
  return [...own, ...Object.values(value).flatMap(typesInside)];
}

/**
 * Whether a filter heeds a per-route config: its own message or its per-route one, both of which
 * stand in the one package of the filter. Envoy drops what it does not heed, in silence.
 */
export const heeds = (types: readonly string[], config: string): boolean =>
  config === '' || types.some((type) => packageOf(type) === packageOf(config));

const packageOf = (message: string): string => message.replace(/\.[A-Z].*$/, '');
