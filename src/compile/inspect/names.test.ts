import { expect, test } from 'vitest';
import {
  ADS,
  byRds,
  cluster,
  compiledFor,
  judge,
  listener,
  socketAt,
  table,
  typed,
} from '../../../test/support/raw-resources.ts';
import type { Json, JsonObject } from '../../schema/index.ts';

const EDS = 'xdstp://a/envoy.config.endpoint.v3.ClusterLoadAssignment';
const LEDS = 'xdstp://a/envoy.config.endpoint.v3.LbEndpoint';
const RDS = 'xdstp://a/envoy.config.route.v3.RouteConfiguration';
const CDS = 'xdstp://a/envoy.config.cluster.v3.Cluster';

const enveloped = (fields: JsonObject): JsonObject =>
  typed('service.discovery.v3.Resource', fields);
const endpoint = (name: string): JsonObject =>
  enveloped({
    name,
    resource: typed('config.endpoint.v3.LbEndpoint', {
      endpoint: { address: socketAt('10.0.0.1', 80) },
    }),
  });
const byEds = (service: string): JsonObject =>
  typed('config.cluster.v3.Cluster', {
    name: 'a',
    type: 'EDS',
    eds_cluster_config: { service_name: service, eds_config: ADS },
  });
const localities = (name: string, ...endpoints: readonly JsonObject[]): JsonObject =>
  typed('config.endpoint.v3.ClusterLoadAssignment', { cluster_name: name, endpoints });
const byLeds = (collection: string, more: JsonObject = {}): JsonObject => ({
  leds_cluster_locality_config: { leds_config: ADS, leds_collection_name: collection },
  ...more,
});
const inline: JsonObject = {
  lb_endpoints: [{ endpoint: { address: socketAt('10.0.0.1', 80) } }],
};

test.each<[string, readonly Json[]]>([
  ['a table', [listener(byRds(`${RDS}/x`)), table({}, `${RDS}/x`), cluster()]],
  ['a cluster', [listener(byRds('main')), table(), cluster({}, `${CDS}/g/x`), cluster()]],
  ['endpoints', [byEds(`${EDS}/x?a=1&b=2`), localities(`${EDS}/x?a=1&b=2`, inline)]],
  ['a locality', [byEds('x'), localities('x', byLeds(`${LEDS}/x/*`)), endpoint(`${LEDS}/x/1`)]],
  ['an empty locality', [byEds('x'), localities('x', byLeds(`${LEDS}/x/*`))]],
])('NAME-01 LEDS-01 %s by a name that says its parts is found', (_what, resources) => {
  const { diagnostics } = compiledFor('1.39', resources);
  expect(diagnostics.filter(({ code }) => code !== 'UNUSED')).toEqual([]);
});

test.each<[string, readonly Json[], string]>([
  [
    'a spelling that is not asked for',
    [table({}, `${RDS}/x?b=2&a=1`), cluster()],
    `RESOURCE_NAME: "${RDS}/x?b=2&a=1" is asked for as "${RDS}/x?a=1&b=2"; write that`,
  ],
  [
    'one in a reference',
    [byEds(`${EDS}/%78`), localities(`${EDS}/x`, inline)],
    `RESOURCE_NAME: "${EDS}/%78" is asked for as "${EDS}/x"; write that`,
  ],
  [
    'the name of another type',
    [table({}, `${CDS}/x`), cluster()],
    `RESOURCE_NAME: "${CDS}/x" is of the type envoy.config.cluster.v3.Cluster; write "${RDS}/x"`,
  ],
  [
    'a name without its parts',
    [table({}, 'xdstp:x'), cluster()],
    'RESOURCE_NAME: "xdstp:x" has no authority, type or id; write ' +
      '"xdstp://authority/envoy.config.route.v3.RouteConfiguration/id"',
  ],
  [
    'a collection',
    [table({}, `${RDS}/g/*`), cluster()],
    `RESOURCE_NAME: "${RDS}/g/*" is all of a collection; name one resource of it`,
  ],
  [
    'an endpoint without an envelope',
    [typed('config.endpoint.v3.LbEndpoint', { endpoint: { address: socketAt('10.0.0.1', 80) } })],
    'RESOURCE_NAME: an endpoint has no name of its own; name the ' +
      'envoy.service.discovery.v3.Resource around it',
  ],
  [
    'an endpoint in no collection',
    [endpoint('one')],
    'RESOURCE_NAME: "one" is in no collection; write ' +
      '"xdstp://authority/envoy.config.endpoint.v3.LbEndpoint/collection/one"',
  ],
  [
    'a locality by one endpoint',
    [byEds('x'), localities('x', byLeds(`${LEDS}/x/1`)), endpoint(`${LEDS}/x/1`)],
    `RESOURCE_NAME: "${LEDS}/x/1" is no collection; write ` +
      '"xdstp://authority/envoy.config.endpoint.v3.LbEndpoint/collection/*"',
  ],
  [
    'a locality with both',
    [byEds('x'), localities('x', byLeds(`${LEDS}/x/*`, inline))],
    `PROTO_INVALID: a locality has endpoints and the collection "${LEDS}/x/*"; remove one`,
  ],
])('NAME-02 NAME-03 LEDS-01 %s is refused', (_what, resources, want) => {
  expect(judge(...resources)).toContain(want);
});

test('LEDS-01 an assignment refers to its collections, also to one that has nothing', () => {
  const resources = [byEds('x'), localities('x', byLeds(`${LEDS}/x/*`))];
  const outcome = compiledFor('1.39', resources);
  const found = outcome.ok ? outcome.value.resources('') : [];
  const assigned = found.find(({ type }) => type === 'ClusterLoadAssignment');
  expect(assigned?.refs).toEqual([{ type: 'LbEndpoint', name: `${LEDS}/x/*` }]);
});

test('LEDS-01 Envoys that crash on a collection of endpoints are never sent one', () => {
  const said = judge(byEds('x'), localities('x', byLeds(`${LEDS}/x/*`)));
  expect(said).toContainEqual(expect.stringMatching(/^NODE_VERSION: .*before 1\.39 crash/));
});
