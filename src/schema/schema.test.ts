import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../base/index.ts';
import { openSchema } from './schema.ts';
import type { Json, JsonObject, Problem } from './types.ts';

const schema = openSchema('1.40.0', gunzipSync(readFileSync('generated/envoy-1.40.0.pb.gz')));
const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const SECRET = 'envoy.extensions.transport_sockets.tls.v3.Secret';
const url = (name: string): string => `type.googleapis.com/${name}`;
const ROUTER = 'envoy.extensions.filters.http.router.v3.Router';

const found = (message: string, value: Json): readonly string[] =>
  schema.encode(message, value).problems.map(({ code, pointer }) => `${code} ${pointer}`);

interface Row {
  readonly fields: JsonObject;
  readonly want: readonly string[];
}

/** Each on top of a cluster that is otherwise good. */
const ROWS: readonly Row[] = [
  { fields: {}, want: [] },
  { fields: { naem: 1 }, want: ['SCHEMA_UNKNOWN_FIELD /naem'] },
  { fields: { toString: 1 }, want: ['SCHEMA_UNKNOWN_FIELD /toString'] },
  { fields: { constructor: 1 }, want: ['YAML_RESERVED_KEY /constructor'] },
  { fields: entries({ ['__proto__']: 1 }), want: ['YAML_RESERVED_KEY /__proto__'] },
  { fields: { '@type': 'x' }, want: ['SCHEMA_UNKNOWN_FIELD /@type'] },
  { fields: { '@type': url(CLUSTER) }, want: [] },
  { fields: { lbPolicy: 0, lb_policy: 0 }, want: ['SCHEMA_ONE_OF /lbPolicy'] },
  { fields: { lb_policy: 'ROUND' }, want: ['SCHEMA_ENUM /lb_policy'] },
  { fields: { lb_policy: 99 }, want: ['SCHEMA_ENUM /lb_policy'] },
  { fields: { lb_policy: [] }, want: ['SCHEMA_TYPE /lb_policy'] },
  // ProtoJSON: null is absent, but as an item of a list it is none.
  { fields: { alt_stat_name: null, health_checks: null, metadata: null }, want: [] },
  { fields: { type: 'EDS', cluster_type: null }, want: [] },
  { fields: { name: null }, want: ['SCHEMA_REQUIRED '] },
  { fields: { health_checks: [null] }, want: ['SCHEMA_TYPE /health_checks/0'] },
  { fields: { lb_policy: '1' }, want: ['SCHEMA_ENUM /lb_policy'] },
  { fields: { lb_policy: 'random' }, want: ['SCHEMA_ENUM /lb_policy'] },
  { fields: { alt_stat_name: '\ud800' }, want: ['SCHEMA_TYPE /alt_stat_name'] },
  { fields: { type: 'EDS', cluster_type: { name: 'x' } }, want: ['SCHEMA_ONE_OF /cluster_type'] },
  { fields: { connect_timeout: '5' }, want: ['SCHEMA_DURATION /connect_timeout'] },
  { fields: { connect_timeout: 5 }, want: ['SCHEMA_DURATION /connect_timeout'] },
  { fields: { connect_timeout: '0s' }, want: ['PROTO_INVALID /connect_timeout'] },
  { fields: { connect_timeout: { seconds: 1, nanos: 5 } }, want: [] },
  {
    fields: { connect_timeout: { secs: 1 } },
    want: ['SCHEMA_UNKNOWN_FIELD /connect_timeout/secs'],
  },
  {
    fields: { connect_timeout: { seconds: 1, nanos: -1 } },
    want: ['SCHEMA_DURATION /connect_timeout'],
  },
  {
    fields: { per_connection_buffer_limit_bytes: -1 },
    want: ['PROTO_RANGE /per_connection_buffer_limit_bytes'],
  },
  {
    fields: { per_connection_buffer_limit_bytes: 1e300 },
    want: ['NUMBER_RANGE /per_connection_buffer_limit_bytes'],
  },
  {
    fields: { per_connection_buffer_limit_bytes: '9'.repeat(1_000_000) },
    want: ['PROTO_RANGE /per_connection_buffer_limit_bytes'],
  },
  {
    fields: { per_connection_buffer_limit_bytes: { value: 5 } },
    want: ['SCHEMA_TYPE /per_connection_buffer_limit_bytes'],
  },
  { fields: { health_checks: {} }, want: ['SCHEMA_TYPE /health_checks'] },
  { fields: { load_assignment: [] }, want: ['SCHEMA_TYPE /load_assignment'] },
  {
    fields: { metadata: { filter_metadata: [] } },
    want: ['SCHEMA_TYPE /metadata/filter_metadata'],
  },
  {
    fields: { metadata: { filter_metadata: { 'a/~': 1 } } },
    want: ['SCHEMA_TYPE /metadata/filter_metadata/a~1~0'],
  },
  {
    fields: { metadata: { filter_metadata: { a: null } } },
    want: ['SCHEMA_NULL /metadata/filter_metadata/a'],
  },
  {
    fields: { transport_socket: { name: 't', typed_config: {} } },
    want: ['SCHEMA_REQUIRED /transport_socket/typed_config'],
  },
  {
    fields: { transport_socket: { name: 't', typed_config: { '@type': ROUTER } } },
    want: [],
  },
  {
    fields: { transport_socket: { name: 't', typed_config: { '@type': `x.y/${ROUTER}` } } },
    want: [],
  },
  {
    fields: { transport_socket: { name: 't', typed_config: { '@type': `x.y/${ROUTER}s` } } },
    want: ['PROTO_TYPE /transport_socket/typed_config/@type'],
  },
  {
    fields: { transport_socket: { name: 't', typed_config: { '@type': url(ROUTER), nope: 1 } } },
    want: ['SCHEMA_UNKNOWN_FIELD /transport_socket/typed_config/nope'],
  },
  {
    fields: {
      transport_socket: {
        name: 't',
        typed_config: { '@type': url('google.protobuf.Duration'), value: '1h' },
      },
    },
    want: ['SCHEMA_DURATION /transport_socket/typed_config/value'],
  },
  {
    fields: {
      transport_socket: {
        name: 't',
        typed_config: {
          '@type': url('xds.type.v3.TypedStruct'),
          type_url: url(ROUTER),
          value: { nope: 1 },
        },
      },
    },
    want: ['SCHEMA_UNKNOWN_FIELD /transport_socket/typed_config/value/nope'],
  },
];

describe('encode', () => {
  for (const { fields, want } of ROWS) {
    it(JSON.stringify(fields).slice(0, 90), () => {
      expect(found(CLUSTER, entries({ name: 'a', ...fields }))).toEqual(want);
    });
  }

  it('reports everything at once, with what to do', () => {
    const bad = { naem: 'a', lb_policy: 'RNDOM', connect_timeout: '0s' };
    const texts = schema.encode(CLUSTER, bad).problems.map(({ message }) => message);
    expect(texts).toEqual([
      'unknown field "naem" in Cluster; did you mean "name"?',
      '"connect_timeout" is 0s; write a value greater than 0s',
      '"lb_policy" has no value "RNDOM"; did you mean "RANDOM"?',
      '"name" of Cluster is required; add it',
    ]);
  });

  const SK = 'sk-live-1';
  const KEY_PROVIDER = 'envoy.extensions.transport_sockets.tls.v3.PrivateKeyProvider';
  const HIDDEN = 'unknown field (a name that is not shown) in';
  it.each<readonly [JsonObject, string]>([
    [{ [SK]: 1 }, `${HIDDEN} Secret; it has name, `],
    [{ tls_certificate: { [SK]: 1 } }, `${HIDDEN} TlsCertificate; remove it`],
    [{ tls_certificate: { private_key: { [SK]: 1 } } }, `${HIDDEN} DataSource; it has `],
    [
      { tls_certificate: { private_keey: {} } },
      'unknown field "private_keey" in TlsCertificate; did ',
    ],
    [
      { generic_secret: { sk_live_12345: {} } },
      'unknown field "sk_live_1234…" in GenericSecret; it ',
    ],
    [
      {
        tls_certificate: {
          private_key_provider: { typed_config: { '@type': url(KEY_PROVIDER), [SK]: 1 } },
        },
      },
      `${HIDDEN} PrivateKeyProvider; it has `,
    ],
    [
      {
        tls_certificate: {
          private_key_provider: {
            typed_config: { '@type': url('google.protobuf.Duration'), value: { [SK]: 1 }, [SK]: 1 },
          },
        },
      },
      'unknown field (a name that is not shown) beside "@type" of Duration; write "value"',
    ],
  ])('shows no name that may be a secret: %j', (fields, want) => {
    const { problems } = schema.encode(SECRET, { name: 'a', ...fields });
    const unknown = problems.filter(({ code }) => code === 'SCHEMA_UNKNOWN_FIELD');
    expect(unknown[0]?.message).toContain(want);
    expect(unknown.some(({ message }) => message.includes(SK))).toBe(false);
  });

  it('shows names where no secrets are, after some too', () => {
    const TLS = 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';
    const common_tls_context = { tls_certificates: [{ private_key: { inline_string: 'x' } }] };
    const { problems } = schema.encode(CLUSTER, {
      name: 'a',
      transport_socket: { name: 'tls', typed_config: { '@type': url(TLS), common_tls_context } },
      round_robin_lb_config: { 'slow-boot': 1 },
    });
    expect(problems.map(({ message }) => message)).toEqual([
      'unknown field "slow-boot" in RoundRobinLbConfig; it has slow_start_config',
    ]);
  });

  it('takes an Any without a type only where that means something', () => {
    const FILTER = 'envoy.config.route.v3.FilterConfig';
    const { bytes } = schema.encode(FILTER, { config: {} });
    expect([...bytes]).toEqual([10, 0]);
    const EXTENSION = 'envoy.config.core.v3.TypedExtensionConfig';
    expect(found(EXTENSION, { name: 'x', typed_config: {} })).not.toEqual([]);
  });

  it('lets parts of a message be incomplete, but not wrong', () => {
    const fields = { connect_timeout: '0s' };
    expect(found(CLUSTER, fields)).not.toEqual([]);
    expect(schema.encode(CLUSTER, fields, { isPart: true }).problems).toEqual([]);
    const wrong = schema.encode(CLUSTER, { naem: 1 }, { isPart: true });
    expect(wrong.problems.map(({ code }) => code)).toEqual(['SCHEMA_UNKNOWN_FIELD']);
  });

  it('refuses nesting without end, and stays standing', () => {
    let deep: Json = 1;
    for (let level = 0; level < 20_000; level++) deep = [deep];
    const value = { name: 'a', metadata: { filter_metadata: { a: { deep } } } };
    const { problems, bytes } = schema.encode(CLUSTER, value);
    expect(problems.map(({ code }) => code)).toEqual(['COMPILE_LIMIT']);
    expect(bytes.length).toBe(0);
  });

  it('refuses a resource that no client would take, and names the limit', () => {
    const large = 'x'.repeat(LIMITS.resourceBytesMax);
    const value = { name: 'a', metadata: { filter_metadata: { a: { large } } } };
    const { problems, bytes } = schema.encode(CLUSTER, value, { isPart: true });
    expect(problems.map(({ code }) => code)).toEqual(['RESPONSE_TOO_LARGE']);
    expect(bytes.length).toBe(0);
  });

  it('keeps an error where warnings fill the list', () => {
    const value: Json = {
      connect_timeout: '0s',
      dns_lookup_family: 'AUTO',
      use_tcp_for_dns_lookups: true,
    };
    const { problems } = schema.encode(CLUSTER, value, { problemsMax: 1 });
    expect(problems.map(({ code }): Problem['code'] => code)).toEqual(['PROTO_INVALID']);
  });

  it('T-23 gives equal bytes for keys in any order', () => {
    const metadata = (keys: readonly string[]): Json => ({
      filter_metadata: Object.fromEntries(
        keys.map((key) => [key, { [key]: 1, x: { b: 1, a: 2 } }]),
      ),
    });
    const one = schema.encode(CLUSTER, { name: 'a', lb_policy: 1, metadata: metadata(['a', 'b']) });
    const other = schema.encode(CLUSTER, {
      metadata: metadata(['b', 'a']),
      lb_policy: 1,
      name: 'a',
    });
    expect(Buffer.from(one.bytes).equals(other.bytes)).toBe(true);
  });

  it('shows every message to the visitor, outermost first', () => {
    const seen: string[] = [];
    const value = {
      name: 'a',
      transportSocket: { name: 't', typedConfig: { '@type': url(ROUTER), startChildSpan: true } },
    };
    schema.encode(CLUSTER, value, {
      onMessage: (visit) => {
        seen.push(`${visit.message} ${visit.pointer} ${visit.at('typed_config')}`);
        if (visit.message === ROUTER) expect(visit.get('start_child_span')).toBe(true);
      },
    });
    expect(seen).toEqual([
      `${CLUSTER}  /typed_config`,
      'envoy.config.core.v3.TransportSocket /transportSocket /transportSocket/typedConfig',
      `${ROUTER} /transportSocket/typedConfig /transportSocket/typedConfig/typed_config`,
    ]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.string(), (value, key) => {
        const json = jsonOf(JSON.stringify(value));
        schema.encode(CLUSTER, json);
        schema.encode(CLUSTER, { name: json, [key]: json, load_assignment: json, metadata: json });
        schema.encode('google.protobuf.Any', { '@type': url(CLUSTER), name: 'a', [key]: json });
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

describe('decode', () => {
  const secret = {
    name: 's',
    tls_certificate: {
      certificate_chain: { inline_string: 'PUBLIC' },
      private_key: { inline_string: 'CANARY' },
      password: { filename: '/pw' },
    },
  };

  it('hides what is sensitive and says where it is', () => {
    const { bytes } = schema.encode(SECRET, secret);
    expect(schema.decode(SECRET, bytes, { reveal: true })).toEqual(secret);
    expect(schema.decode(SECRET, bytes)).toEqual({
      name: 's',
      tls_certificate: {
        certificate_chain: { inline_string: 'PUBLIC' },
        private_key: { inline_string: '[redacted]' },
        password: { filename: '/pw' },
      },
    });
  });

  it('hides it inside Anys and TypedStructs too', () => {
    const shells: readonly JsonObject[] = [
      { '@type': url(SECRET), ...secret },
      { '@type': url('xds.type.v3.TypedStruct'), type_url: url(SECRET), value: secret },
    ];
    for (const typed_config of shells) {
      const value = { name: 'a', transport_socket: { name: 't', typed_config } };
      const { bytes, problems } = schema.encode(CLUSTER, value);
      expect(problems).toEqual([]);
      const text = JSON.stringify(schema.decode(CLUSTER, bytes));
      expect(text).not.toContain('CANARY');
      expect(text).toContain('PUBLIC');
    }
  });

  it('takes malformed bytes without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        schema.decode(CLUSTER, bytes);
        schema.decode('google.protobuf.Any', bytes);
      }),
      { seed: 7, numRuns: 2000 },
    );
    expect(schema.decode(CLUSTER, Uint8Array.of(0x0a, 0xff))).toBe(null);
  });

  it('drops fields that it does not know', () => {
    expect(schema.decode(CLUSTER, Uint8Array.of(0x0a, 1, 97, 0xfa, 0xff, 1, 1, 0))).toEqual({
      name: 'a',
    });
  });

  it('reads back any Struct', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 4 })),
        (any) => {
          const json = jsonOf(JSON.stringify(any));
          const { bytes, problems } = schema.encode('google.protobuf.Struct', json);
          if (problems.length === 0) {
            expect(schema.decode('google.protobuf.Struct', bytes)).toEqual(json);
          }
        },
      ),
      { seed: 9, numRuns: 200 },
    );
  });
});

function jsonOf(text: string): Json {
  const value: unknown = JSON.parse(text);
  return isJson(value) ? value : null;
}

/** What JSON.parse gives is JSON. */
function isJson(value: unknown): value is Json {
  return value !== undefined;
}

/** Own keys only, `__proto__` as data. */
function entries(fields: JsonObject): JsonObject {
  const copy: Record<string, Json> = { __proto__: null };
  for (const [key, value] of Object.entries(fields)) copy[key] = value;
  return copy;
}
