import { expect, test } from 'vitest';
import {
  ADS,
  assignment,
  byRds,
  cluster,
  listener,
  socketAt,
  table,
  typed,
} from '../../test/support/raw-resources.ts';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import type { JsonObject } from '../schema/index.ts';
import { createCompiler } from './index.ts';

const schema = openGenerated();
const newCompiler = () => createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
const raw = (...resources: readonly JsonObject[]): string => JSON.stringify({ resources });

const NATIVE = 'kind: Cluster\nname: helve_xds\nendpoints: ["10.0.0.1:80"]\n';

test.each([
  ['a document', 'a.yaml', NATIVE, 2],
  ['a raw cluster', 'a.json', raw(cluster({}, 'helve_rest')), 1],
])('CDS-02 %s has no name of a cluster in bootstraps of helve', (_, path, text, line) => {
  const judged = (of: string) =>
    newCompiler()
      .compile(compileInput({ [path]: of }), null)
      .diagnostics.filter(({ code }) => code !== 'UNUSED')
      .map(({ code, span }) => [code, span?.line]);
  expect(judged(text)).toEqual([['RESOURCE_NAME', line]]);
  expect(judged(text.replaceAll('helve_', 'helve-'))).toEqual([]);
});

const EDS = typed('config.cluster.v3.Cluster', {
  name: 'a',
  type: 'EDS',
  eds_cluster_config: { eds_config: ADS, service_name: 'of-a' },
});
const HOSTS = typed('config.endpoint.v3.ClusterLoadAssignment', {
  ...assignment(socketAt('10.0.0.1', 80)),
  cluster_name: 'of-a',
});

test('EDS-02 EDS-03 a raw cluster has endpoints, be it none, as long as it is there', () => {
  const compiler = newCompiler();
  const lengthOf = (...resources: readonly JsonObject[]): number | undefined => {
    const outcome = compiler.compile(compileInput({ 'a.json': raw(...resources) }), null);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
    const name = { type: 'ClusterLoadAssignment', name: 'of-a' } as const;
    return outcome.value.resource('', name)?.bytes.length;
  };
  const empty = 2 + 'of-a'.length;
  expect(lengthOf(EDS)).toBe(empty);
  expect(lengthOf(EDS, HOSTS)).toBeGreaterThan(empty);
  // Gone, the name stays, with nobody in it: a removal would leave the hosts in the Envoy.
  expect(lengthOf(EDS)).toBe(empty);
  expect(lengthOf(cluster({}, 'b'))).toBe(undefined);
});

test('hosts over ADS need an Envoy that takes them', () => {
  const found = (envoy: string, source: JsonObject): readonly string[] => {
    const lazy = table({ virtual_hosts: [], vhds: { config_source: source } });
    const texts = {
      'helve.yaml': `envoy: "${envoy}"\n`,
      'a.json': raw(listener(byRds('main')), lazy),
    };
    return newCompiler()
      .compile(compileInput(texts), null)
      .diagnostics.map(({ code }) => code);
  };
  const own = {
    resource_api_version: 'V3',
    api_config_source: {
      api_type: 'DELTA_GRPC',
      transport_api_version: 'V3',
      grpc_services: [{ envoy_grpc: { cluster_name: 'xds' } }],
    },
  };
  expect(found('1.36', ADS)).toEqual(['NODE_VERSION']);
  expect(found('1.39', ADS)).toEqual([]);
  expect(found('1.36', own)).toEqual([]);
});
