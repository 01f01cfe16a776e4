import type { GuardedField } from '../schema/index.ts';

const ROUTE = 'envoy.config.route.v3';
const TLS = 'envoy.extensions.transport_sockets.tls.v3';
const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

const NAMES = 'a patch cannot set names; they are those of documents';
const PATHS =
  'the order of rules comes from their paths, so a patch cannot change them; write it in the Route';
const TABLE = 'a patch cannot change where routes come from; write Routes';
const VERIFICATION = 'a patch cannot turn verification off';

/** Fields that no patch may touch, by message. */
const FORBIDDEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'envoy.config.cluster.v3.Cluster.EdsClusterConfig': { service_name: NAMES },
  [`${ROUTE}.RouteMatch`]: Object.fromEntries(
    [
      'prefix',
      'path',
      'safe_regex',
      'path_separated_prefix',
      'path_match_policy',
      'connect_matcher',
      'case_sensitive',
    ].map((field) => [field, PATHS]),
  ),
  [MANAGER]: { rds: TABLE, route_config: TABLE, scoped_routes: TABLE },
  [`${TLS}.CertificateValidationContext`]: { trust_chain_verification: VERIFICATION },
};

/** Why a patch may not set a field, or null: what keeps policies closed is not its to change. */
export function guardPatch({ message, field, key, value, at }: GuardedField): string | null {
  const isRoot = at === `/${field}`;
  if (isRoot && (field === 'name' || field === 'cluster_name') && key === null) return NAMES;
  const words = FORBIDDEN[message]?.[field];
  if (words !== undefined) return words;
  if (field === 'require_client_certificate' && value === false) return VERIFICATION;
  if (key === null) return null;
  const isFilter = field === 'http_filters' || field === 'typed_per_filter_config';
  if (isFilter && key.startsWith('helve.')) {
    return `the filter "${key}" is that of a policy, which a patch cannot change; write the policy`;
  }
  if (field === 'filter_metadata' && key === 'helve') {
    return 'this metadata is that of helve, which a patch cannot change';
  }
  return null;
}
