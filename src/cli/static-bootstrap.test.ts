import { expect, test } from 'vitest';
import type { Rendered } from '../ingest/index.ts';
import type { TypeId } from '../snapshot/index.ts';
import { staticBootstrap } from './static-bootstrap.ts';

const ADS = { ads: {}, resource_api_version: 'V3' };

function rendered(type: TypeId, name: string, json: object): Rendered {
  return { key: { type, name }, version: '', json: { name, ...json } };
}

test('the tables of a sharded listener are in its scopes', () => {
  const kept = { name: 'web', scope_key_builder: { fragments: [] }, rds_config_source: ADS };
  const scopedRoutes = { ...kept, scoped_rds: { scoped_rds_config_source: ADS } };
  const scope = (table: string, host: string): Rendered =>
    rendered('ScopedRouteConfiguration', `web#${host}`, {
      route_configuration_name: table,
      key: { fragments: [{ string_key: host }] },
    });
  const hcm = { typed_config: { scoped_routes: scopedRoutes } };
  const bootstrap = staticBootstrap([
    scope('web#shard-1', 'a.test'),
    scope('gone', 'b.test'),
    rendered('RouteConfiguration', 'web#shard-1', { virtual_hosts: [] }),
    rendered('Listener', 'web', { filter_chains: [{ filters: [hcm] }] }),
  ]);
  const inPlace = {
    name: 'web#a.test',
    key: { fragments: [{ string_key: 'a.test' }] },
    route_configuration: { name: 'web#shard-1', virtual_hosts: [] },
  };
  const list = { scoped_route_configurations: [inPlace] };
  const routes = { ...kept, scoped_route_configurations_list: list };
  expect(bootstrap['static_resources']).toMatchObject({
    listeners: [{ filter_chains: [{ filters: [{ typed_config: { scoped_routes: routes } }] }] }],
  });
  expect(JSON.stringify(bootstrap)).not.toContain('scoped_rds"');
});

test('references are resolved in place, secrets stay references', () => {
  const sds = { sds_config: ADS, name: 'cert/shop' };
  const hcm = {
    rds: { route_config_name: 'web', config_source: ADS },
    http_filters: [
      { name: 'jwt', config_discovery: { config_source: ADS, type_urls: ['x'] } },
      { name: 'router' },
    ],
  };
  const bootstrap = staticBootstrap([
    rendered('Cluster', 'app', { type: 'EDS', eds_cluster_config: { eds_config: ADS } }),
    rendered('Cluster', 'dns', { type: 'STRICT_DNS' }),
    rendered('ClusterLoadAssignment', 'app', { cluster_name: 'app', endpoints: [] }),
    rendered('RouteConfiguration', 'web', { virtual_hosts: [] }),
    rendered('TypedExtensionConfig', 'jwt', { typed_config: { '@type': 'x' } }),
    rendered('Listener', 'web', { filter_chains: [{ filters: [{ typed_config: hcm }], sds }] }),
  ]);
  const resources = bootstrap['static_resources'];
  expect(resources).toMatchObject({
    clusters: [
      { name: 'helve_xds' },
      { name: 'app', type: 'STATIC', load_assignment: { cluster_name: 'app' } },
      { name: 'dns', type: 'STRICT_DNS' },
    ],
    listeners: [
      {
        name: 'web',
        filter_chains: [
          {
            sds,
            filters: [
              {
                typed_config: {
                  route_config: { name: 'web' },
                  http_filters: [
                    { name: 'jwt', typed_config: { '@type': 'x' } },
                    { name: 'router' },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  });
  expect(JSON.stringify(resources)).not.toContain('config_discovery');
  expect(JSON.stringify(resources)).not.toContain('"rds"');
});

const tls = (context: object): object => ({
  transport_socket: { typed_config: { common_tls_context: context } },
});

interface TlsRow {
  readonly name: string;
  readonly context: object;
  readonly inCluster: object;
  readonly inListener: object;
}

const pair = (key: string): object => ({ tls_certificates: [{ private_key: { text: key } }] });
const SDS = { name: 'x', sds_config: ADS };
const sdsPair = { tls_certificate_sds_secret_configs: [SDS] };
const standIn = {
  tls_certificate_sds_secret_configs: [{ name: 'redacted', sds_config: ADS }],
};
const combined = {
  combined_validation_context: {
    default_validation_context: { a: 1 },
    validation_context_sds_secret_config: SDS,
  },
};

const knownTrust = {
  combined_validation_context: {
    default_validation_context: { a: 1 },
    validation_context_sds_secret_config: { ...SDS, name: 'trust/known' },
  },
};

test.each<TlsRow>([
  { name: 'a pair', context: pair('[redacted]'), inCluster: {}, inListener: standIn },
  { name: 'a file', context: pair('f'), inCluster: pair('f'), inListener: pair('f') },
  { name: 'a secret', context: sdsPair, inCluster: {}, inListener: sdsPair },
  {
    name: 'trust by a secret',
    context: combined,
    inCluster: { validation_context: { a: 1 } },
    inListener: combined,
  },
  {
    name: 'trust by a known secret',
    context: knownTrust,
    inCluster: { validation_context: { ca: 2, a: 1 } },
    inListener: knownTrust,
  },
])('$name is put so that Envoy can judge it', ({ context, inCluster, inListener }) => {
  const resources = [
    rendered('Cluster', 'c', tls(context)),
    rendered('Listener', 'l', { filter_chains: [tls(context)] }),
    rendered('Secret', 'trust/known', { validation_context: { ca: 2 } }),
  ];
  expect(staticBootstrap(resources)['static_resources']).toEqual({
    clusters: [expect.objectContaining({ name: 'helve_xds' }), { name: 'c', ...tls(inCluster) }],
    listeners: [{ name: 'l', filter_chains: [tls(inListener)] }],
  });
});

test('what is for gRPC alone is nothing to ask an Envoy about', () => {
  const ofProvider = { transport_socket: { ca_certificate_provider_instance: {} } };
  const resources = [
    { ...rendered('Cluster', 'asked', { type: 'STATIC' }), isOnDemand: true as const },
    { ...rendered('Cluster', 'called', ofProvider), isOnDemand: true as const },
    { ...rendered('Listener', 'served', {}), isOnDemand: true as const },
    rendered('Listener', 'web', {}),
  ];
  expect(staticBootstrap(resources)['static_resources']).toMatchObject({
    clusters: [{ name: 'helve_xds' }, { name: 'asked' }],
    listeners: [{ name: 'web' }],
  });
});
