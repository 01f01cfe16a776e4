import type { Json, Visit } from '../../schema/index.ts';
import { configType } from './installed-filters.ts';
import { fieldOf, isObject, listOf, messageOf, pointerTo, textOf } from './json.ts';
import type { InspectionRule, Notes } from './notes.ts';

/**
 * Where Envoy looks an extension up by the type of its config, and says in its node what it would
 * find. Others are not judged: of the actions and inputs of matchers, for one, it lists a few.
 */
const typed: InspectionRule = (visit, notes) => {
  if (visit.get('is_optional') === true) return;
  noteConfig(notes, visit.get('typed_config'), () => visit.at('typed_config'));
  const discovery = visit.get('config_discovery');
  for (const [index, url] of listOf(fieldOf(discovery, 'type_urls')).entries()) {
    noteType(notes, messageOf(textOf(url)), () =>
      pointerTo(visit.at('config_discovery'), 'type_urls', index),
    );
  }
};

/** An extension config that comes by itself, by ECDS. */
const discovered: InspectionRule = (visit, notes) => {
  if (visit.pointer === '') typed(visit, notes);
};

const policy: InspectionRule = (visit, notes) => {
  const config = fieldOf(visit.get('typed_extension_config'), 'typed_config');
  noteConfig(notes, config, () => visit.at('typed_extension_config'));
};

const perFilter: InspectionRule = (visit, notes) => {
  noteEach(visit, notes, 'typed_per_filter_config');
};

const options: InspectionRule = (visit, notes) => {
  noteEach(visit, notes, 'typed_extension_protocol_options');
};

function noteEach(visit: Visit, notes: Notes, field: string): void {
  const configs = visit.get(field);
  if (!isObject(configs)) return;
  for (const [key, config] of Object.entries(configs)) {
    const isWrapped = configType(config) === 'envoy.config.route.v3.FilterConfig';
    if (isWrapped && fieldOf(config, 'is_optional') === true) continue;
    const inner = isWrapped ? fieldOf(config, 'config') : config;
    noteConfig(notes, inner, () => pointerTo(visit.at(field), key));
  }
}

const noteConfig = (notes: Notes, config: Json | undefined, at: () => string): void =>
  noteType(notes, configType(config), at);

/** Once for each type; what is none of a package of extensions carries data. */
function noteType(notes: Notes, type: string, at: () => string): void {
  if (type === '' || /^(?:google|xds|udpa)\./.test(type) || notes.extensions.has(type)) return;
  notes.extensions.set(type, at());
}

const NETWORK = 'envoy.extensions.filters.network.http_connection_manager.v3';

/** What an Envoy must have built in. */
export const EXTENSION_USES: Readonly<Record<string, InspectionRule>> = {
  [`${NETWORK}.HttpFilter`]: typed,
  'envoy.config.listener.v3.Filter': typed,
  'envoy.config.listener.v3.ListenerFilter': typed,
  'envoy.config.core.v3.TransportSocket': typed,
  'envoy.config.accesslog.v3.AccessLog': typed,
  'envoy.config.cluster.v3.Cluster.CustomClusterType': typed,
  'envoy.config.core.v3.HealthCheck.CustomHealthCheck': typed,
  'envoy.config.route.v3.RetryPolicy.RetryPriority': typed,
  'envoy.config.route.v3.RetryPolicy.RetryHostPredicate': typed,
  'envoy.config.core.v3.TypedExtensionConfig': discovered,
  'envoy.config.cluster.v3.LoadBalancingPolicy.Policy': policy,
  'envoy.config.route.v3.RouteConfiguration': perFilter,
  'envoy.config.route.v3.VirtualHost': perFilter,
  'envoy.config.route.v3.Route': perFilter,
  'envoy.config.route.v3.WeightedCluster.ClusterWeight': perFilter,
  'envoy.config.cluster.v3.Cluster': options,
};
