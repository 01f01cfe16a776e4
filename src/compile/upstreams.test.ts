import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../schema/index.ts';
import { formatDiagnostic } from '../base/index.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { assignment, cluster, judge, socketAt, typed } from '../../test/support/raw-resources.ts';
import { createCompiler } from './index.ts';

const dns = (host: string, port: Json): JsonObject =>
  cluster({ type: 'STRICT_DNS', load_assignment: assignment(socketAt(host, port)) });
const eds = (address: JsonObject, endpoint: JsonObject = {}): JsonObject =>
  typed('config.endpoint.v3.ClusterLoadAssignment', assignment(address, endpoint));
const grpc = (target: string): JsonObject =>
  cluster({
    health_checks: [
      {
        timeout: '1s',
        interval: '1s',
        unhealthy_threshold: 1,
        healthy_threshold: 1,
        http_health_check: { path: '/' },
        event_logger: [
          {
            name: 'log',
            typed_config: typed('extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig', {
              common_config: {
                log_name: 'x',
                transport_api_version: 'V3',
                grpc_service: { google_grpc: { target_uri: target, stat_prefix: 'x' } },
              },
            }),
          },
        ],
      },
    ],
  });
const checked = (address: string, check: JsonObject): JsonObject =>
  eds(socketAt(address, 9), { health_check_config: check });

/** The admin of the proxy is at 127.0.0.1:9901. */
const FORBIDDEN: readonly (readonly [string, JsonObject])[] = [
  ['the metadata service', dns('169.254.169.254', 80)],
  ['its name with a dot at the end', dns('metadata.google.internal.', 80)],
  ['its name in another case', dns('METADATA.Google.internal', 80)],
  ['its address as one number', dns('2852039166', 80)],
  ['its address in hex', dns('0xa9fea9fe', 80)],
  ['its address in octal', dns('0251.0376.0251.0376', 80)],
  ['its address with leading zeros, which c-ares reads as decimal', dns('0169.254.169.254', 80)],
  ['its address as IPv6', dns('::ffff:169.254.169.254', 80)],
  ['its address by NAT64', dns('64:ff9b::a9fe:a9fe', 80)],
  ['a link-local address with its zone', dns('fe80::1%eth0', 80)],
  ['the admin', dns('127.0.0.1', 9901)],
  ['the admin, the port as a text', dns('127.0.0.1', '9901')],
  ['localhost', dns('localhost', 9901)],
  ['localhost with a dot', dns('localhost.', 9901)],
  ['a name below localhost', dns('foo.localhost', 9901)],
  ['a name of /etc/hosts', dns('ip6-localhost', 9901)],
  ['loopback in short', dns('127.1', 9901)],
  ['loopback in hex', dns('0x7f000001', 9901)],
  ['loopback with leading zeros', dns('0127.0.0.1', 9901)],
  ['all addresses, as one number', dns('0', 9901)],
  ['loopback, in an assignment', eds(socketAt('127.0.0.2', 9901))],
  ['loopback, by the port of health checks', checked('127.0.0.1', { port_value: 9901 })],
  [
    'metadata, by the address of health checks',
    checked('10.0.0.1', { address: socketAt('169.254.169.254', 80) }),
  ],
  [
    'metadata, by the address of health checks beside a port',
    checked('10.0.0.1', { port_value: 81, address: socketAt('169.254.169.254', 80) }),
  ],
  ['a target of gRPC', grpc('169.254.169.254:80')],
  ['a target of gRPC, as a URI', grpc('dns:///localhost:9901')],
  ['a target of gRPC with an authority', grpc('dns://10.0.0.1/metadata.goog')],
  ['one of two targets of gRPC', grpc('ipv4:10.0.0.1:80,127.0.0.1:9901')],
  ['a target of gRPC over IPv6', grpc('ipv6:[::1]:9901')],
];

test.each(FORBIDDEN)('an upstream nobody may have: %s', (_, resource) => {
  const found = judge(resource).filter((one) => !one.startsWith('SCHEMA_IP'));
  expect(found.map((one) => one.split(':')[0])).toEqual(['UPSTREAM_FORBIDDEN']);
});

const ALLOWED: readonly (readonly [string, JsonObject])[] = [
  ['another port', dns('localhost', 9902)],
  ['a name that only looks like one', dns('localhost.example.com', 9901)],
  ['a name of hex digits', dns('0xcafe.example.com', 9901)],
  ['a number too large for an address', dns('4294967296', 9901)],
  ['another address', dns('10.0.0.1', 9901)],
  ['health checks elsewhere', checked('10.0.0.1', { port_value: 9901 })],
  ['a target of gRPC', grpc('dns:///logs.example.com')],
];

test.each(ALLOWED)('an upstream that anybody may have: %s', (_, resource) => {
  expect(judge(resource)).toEqual([]);
});

test('a native address is read as resolvers read it', () => {
  const compiler = createCompiler({
    schema: openGenerated(),
    version: 'test',
    forbiddenUpstreams: ['127.0.0.1:9901'],
  });
  const text = 'kind: Cluster\nname: a\nendpoints: ["0x7f000001:9901"]\n';
  const { diagnostics } = compiler.compile(
    {
      texts: new Map([['c.yaml', text]]),
      material: new Map(),
      lastGood: new Map(),
      filterProfile: null,
      now: 0,
    },
    null,
  );
  expect(diagnostics.map(formatDiagnostic)).toEqual([
    'c.yaml:3:13  error  UPSTREAM_FORBIDDEN  cluster "a": 0x7f000001:9901 is an address of helve ' +
      'or of the proxy itself; use another address',
  ]);
});
