/**
 * What clients say in `client_features`, by the names that Envoy's documentation and gRPC give
 * (NAME-07). Others are kept as they are: groups may choose by them.
 */
export const CLIENT_FEATURES = {
  /** Every Any of its configuration must hold a Struct. Of old clients; helve sends typed ones. */
  structsOnly: 'envoy.config.require-any-fields-contain-struct',
  /** gRPC: it spreads over a priority as it is, without Envoy's overprovisioning. */
  noOverprovisioning: 'envoy.lb.does_not_support_overprovisioning',
  /** It can report the load of all its clusters. */
  allClusterLoads: 'envoy.lrs.supports_send_all_clusters',
  /** A resource may have a lifetime. */
  resourceTtl: 'xds.config.supports-resource-ttl',
  /** Over SotW a resource may come in its envelope. */
  resourceInSotw: 'xds.config.resource-in-sotw',
} as const;

/** The prose of the protocol has a second name for one of them. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['xds.config.supports-resource-in-sotw', CLIENT_FEATURES.resourceInSotw],
]);

/** The one name of a feature. */
export const featureName = (said: string): string => OTHER_NAMES.get(said) ?? said;
