import { expect, test } from 'vitest';
import type { Rendered } from '../ingest/index.ts';
import type { TypeId } from '../snapshot/index.ts';
import { staticBootstrap } from './static-bootstrap.ts';

const ADS = { ads: {}, resource_api_version: 'V3' };

function rendered(type: TypeId, name: string, json: object): Rendered {
  return { key: { type, name }, version: '', json: { name, ...json } };
}

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

test('a pair inside a raw resource becomes a reference, since its key is redacted', () => {
  const context = (key: string): object => ({
    common_tls_context: { tls_certificates: [{ private_key: { inline_bytes: key } }] },
  });
  const [, redacted, file] = clustersOf(
    staticBootstrap([
      rendered('Cluster', 'redacted', context('[redacted]')),
      rendered('Cluster', 'file', context('a2V5')),
    ]),
  );
  expect(redacted).toMatchObject({
    common_tls_context: {
      tls_certificate_sds_secret_configs: [{ name: 'redacted', sds_config: ADS }],
    },
  });
  expect(JSON.stringify(redacted)).not.toContain('tls_certificates');
  expect(file).toMatchObject(context('a2V5'));
});

function clustersOf(bootstrap: ReturnType<typeof staticBootstrap>): readonly unknown[] {
  const resources = bootstrap['static_resources'];
  const isThere = typeof resources === 'object' && resources !== null && 'clusters' in resources;
  return isThere && Array.isArray(resources.clusters) ? resources.clusters : [];
}
