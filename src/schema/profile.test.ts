import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { parseFacts } from './facts.ts';
import { openSchema } from './schema.ts';
import type { Json } from './types.ts';

const set = gunzipSync(readFileSync('generated/envoy-1.40.0.pb.gz'));
const schema = openSchema('1.40.0', set, parseFacts(readFileSync('envoy/facts.json', 'utf8')));

const MATCH = 'envoy.config.route.v3.RouteMatch';
const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const FILE_SERVER = 'envoy.extensions.filters.http.file_server.v3.FileServerConfig';
const FILTER = MANAGER.replace(/\w+$/, 'HttpFilter');
const LOG_FILTER = 'envoy.config.accesslog.v3.ComparisonFilter';
const BUCKET = 'envoy.type.v3.TokenBucket';
const JWT = 'envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader';
const TAGGING = 'envoy.extensions.filters.http.ip_tagging.v3.IPTagging';
const url = (name: string): string => `type.googleapis.com/${name}`;

interface Row {
  readonly message: string;
  readonly value: Json;
  readonly want: readonly string[];
}

const cookies = [{ name: 'a', string_match: { exact: 'b' } }];
const cookie = '"cookies" of RouteMatch exists since Envoy 1.39';

const ROWS: readonly Row[] = [
  { message: MATCH, value: { prefix: '/' }, want: [] },
  { message: MATCH, value: { prefix: '/', cookies }, want: [`1.39 /cookies ${cookie}`] },
  // What is not written is not missed.
  { message: MATCH, value: { prefix: '/', cookies: [] }, want: [] },
  {
    message: FILTER,
    value: { name: 'x', typed_config: { '@type': url(FILE_SERVER) } },
    want: [`1.39 /typed_config/@type ${FILE_SERVER} exists since Envoy 1.39`],
  },
  {
    message: FILTER,
    value: {
      name: 'x',
      typed_config: {
        '@type': url('xds.type.v3.TypedStruct'),
        type_url: url(FILE_SERVER),
        value: {},
      },
    },
    want: [`1.39 /typed_config ${FILE_SERVER} exists since Envoy 1.39`],
  },
  {
    message: LOG_FILTER,
    value: { op: 'NE', value: { runtime_key: 'a' } },
    want: ['1.39 /op "op" is NE, which exists since Envoy 1.39'],
  },
  { message: LOG_FILTER, value: { op: 'EQ', value: { runtime_key: 'a' } }, want: [] },
  {
    message: BUCKET,
    value: { maxTokens: 0, fill_interval: '1s' },
    want: ['1.39 /maxTokens "max_tokens" of TokenBucket is 0, which Envoy takes since 1.39'],
  },
  { message: BUCKET, value: { max_tokens: 1, fill_interval: '1s' }, want: [] },
  {
    message: BUCKET,
    value: { fill_interval: '1s' },
    want: ['1.39  "max_tokens" of TokenBucket is not given, which Envoy takes since 1.39'],
  },
  {
    message: JWT,
    value: { header_name: 'a', claim_name: '' },
    want: [
      '1.40 /claim_name "claim_name" of JwtClaimToHeader is empty, which Envoy takes since 1.40',
    ],
  },
  {
    message: TAGGING,
    value: { ip_tags: [] },
    want: ['1.39 /ip_tags "ip_tags" of IPTagging is empty, which Envoy takes since 1.39'],
  },
];

test.each(ROWS)('what $value of $message needs', ({ message, value, want }) => {
  const { needs } = schema.encode(message, value);
  expect(needs.map((need) => `${need.since} ${need.pointer} ${need.message}`)).toEqual(want);
});

test('each thing that is needed is told, and few of its places', () => {
  const routes = Array.from({ length: 500 }, () => ({
    match: { prefix: '/', cookies },
    direct_response: { status: 200 },
  }));
  const vhost = { name: 'a', domains: ['*'], routes };
  expect(schema.encode('envoy.config.route.v3.VirtualHost', vhost).needs).toHaveLength(10);
});

test.each([
  ['1.36', false],
  ['1.38', false],
  ['1.39', true],
  ['1.41', true],
])('the profile of %s', (release, isThere) => {
  const profile = schema.profileOf(release);
  expect(profile.hasField(MATCH, 'cookies')).toBe(isThere);
  expect(profile.hasMessage(FILE_SERVER)).toBe(isThere);
  expect(profile.hasField(FILE_SERVER, 'path_mappings')).toBe(isThere);
  expect(profile.hasValue(`${LOG_FILTER}.Op`, 'NE')).toBe(isThere);
  expect(profile.hasField(MATCH, 'prefix')).toBe(true);
  expect(profile.hasField(MATCH, 'nowhere')).toBe(false);
  expect(profile.hasMessage('nowhere')).toBe(false);
});

test('since when something exists', () => {
  expect(schema.since(MATCH, 'cookies')).toBe('1.39');
  expect(schema.since(FILE_SERVER, 'path_mappings')).toBe('1.39');
  expect(schema.since(MATCH)).toBeNull();
});

test('without facts, every Envoy has everything', () => {
  const bare = openSchema('1.40.0', set);
  expect(bare.encode(MATCH, { prefix: '/', cookies }).needs).toEqual([]);
  expect(bare.profileOf('1.36').hasField(MATCH, 'cookies')).toBe(true);
});
