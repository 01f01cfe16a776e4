import { configType } from './installed-filters.ts';
import type { InspectionRule } from './notes.ts';
import { refuse } from './refuse.ts';

/** Carries a message of any kind. Structs that stand in for one are none of Envoy's own types. */
const WITH_MATCHER = 'envoy.extensions.common.matching.v3.ExtensionWithMatcher';

/** Envoy finds an extension by the type of its config alone, never by its name. */
const extension =
  (what: string, folders: readonly string[]): InspectionRule =>
  (visit, notes) => {
    if (visit.get('config_discovery') !== undefined) return;
    const config = visit.get('typed_config');
    if (config === undefined) {
      refuse(notes, visit.pointer, `the ${what} has no typed_config; add it`);
      return;
    }
    const type = configType(config);
    // What is none of Envoy's own may be of an Envoy with more built in.
    if (type === WITH_MATCHER || !/^(?:envoy|google)\./.test(type)) return;
    if (folders.some((folder) => type.startsWith(`envoy.extensions.${folder}.`))) return;
    refuse(notes, visit.at('typed_config'), `${type} is the config of no ${what}; use another`);
  };

const NETWORK = 'envoy.extensions.filters.network.http_connection_manager.v3';

/** Filters and sockets, each of its own kind. */
export const EXTENSIONS: Readonly<Record<string, InspectionRule>> = {
  [`${NETWORK}.HttpFilter`]: extension('HTTP filter', ['filters.http']),
  'envoy.config.listener.v3.Filter': extension('network filter', ['filters.network']),
  'envoy.config.listener.v3.ListenerFilter': extension('listener filter', [
    'filters.listener',
    'filters.udp',
  ]),
  'envoy.config.core.v3.TransportSocket': extension('transport socket', ['transport_sockets']),
};
