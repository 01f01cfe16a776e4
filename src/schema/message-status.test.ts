import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { openDescriptorSet } from './descriptor-set.ts';
import { ALPHA_PACKAGES } from './message-status.ts';
import type { Json } from './types.ts';

const schema = openGenerated();
const TYPE = 'type.googleapis.com/envoy.extensions.filters.http';
const ANY = 'google.protobuf.Any';
const filter = (name: string, fields: Readonly<Record<string, Json>> = {}): Json => ({
  '@type': `${TYPE}.${name}`,
  ...fields,
});

const CLUSTER = 'envoy.config.cluster.v3.Cluster';

test.each([
  ['a file that is unfinished', ANY, filter('api_key_auth.v3.ApiKeyAuth'), ['/@type']],
  [
    'what is inside is said once',
    ANY,
    filter('api_key_auth.v3.ApiKeyAuth', { key_sources: [{ header: 'a' }, { query: 'b' }] }),
    ['/@type'],
  ],
  ['its per-route message', ANY, filter('api_key_auth.v3.ApiKeyAuthPerRoute'), ['/@type']],
  ['a package that is alpha', ANY, filter('gcp_authn.v3.GcpAuthnFilterConfig'), ['/@type']],
  ['a stable one', ANY, filter('cors.v3.Cors'), []],
  [
    'a message of a stable file',
    'envoy.extensions.key_value.file_based.v3.FileBasedKeyValueStoreConfig',
    { filename: '/a', flush_interval: '1s' },
    [''],
  ],
  [
    'a field of a stable message',
    CLUSTER,
    { name: 'a', http2_protocol_options: { use_oghttp2_codec: true } },
    ['/http2_protocol_options/use_oghttp2_codec'],
  ],
  ['what all of xDS shares', 'xds.core.v3.TypedExtensionConfig', { name: 'a' }, []],
])('%s', (_name, message, value, want) => {
  const { problems } = schema.encode(message, value);
  const found = problems.filter(({ code }) => code === 'ENVOY_UNSTABLE');
  expect(found.map(({ pointer }) => pointer)).toEqual(want);
});

test('every package that is called alpha exists', () => {
  const set = openDescriptorSet(gunzipSync(readFileSync('generated/envoy-1.40.0.pb.gz')));
  const known = new Set([...set.messageNames()].map((name) => name.replace(/\.[^.]*$/, '')));
  expect([...ALPHA_PACKAGES].filter((name) => !known.has(name))).toEqual([]);
});
