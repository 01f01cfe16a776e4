import { expect, test } from 'vitest';
import { hasToken, maskTokens, redactTokens } from './tokens.ts';

/** Put together here, so that nobody takes this file for one that has keys in it. */
const joined = (...parts: readonly string[]): string => parts.join('');

test.each([
  joined('sk-', 'live-4eC39HqLyjWDarjt'),
  joined('sk_', 'live_abcdefghijklmnop'),
  joined('sk-', 'ant-api03-aaaaaaaaaaaa'),
  joined('ghp_', 'aaaaaaaaaaaaaaaaaaaaaaaa'),
  joined('github_pat_', '11AAAAAAA0aaaaaaaaaa'),
  joined('glpat-', 'aaaaaaaaaaaaaaaaaaaa'),
  joined('xoxb-', '123456789012-abcdef'),
  joined('AKIA', 'IOSFODNN7EXAMPLE'),
  joined('eyJhbGciOiJI', 'UzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'),
  joined('hvs.', 'CAESIJaaaaaaaaaaaaaa'),
  joined('5f4dcc3b5aa765d6', '1d8327deb882cf99'),
  joined('aB3kZ9qLm2XyT7wR', 'p4Vc8NdFqh'),
  joined('k9f2m4x8q1z7c3v5b6n0', 'w2e4r6t8'),
])('%s', (token) => {
  expect(hasToken(token)).toBe(true);
  expect(redactTokens(`the key "${token}" stands twice`)).toBe('the key "[redacted]" stands twice');
  expect(maskTokens(`a: {${token}: 1}`)).toBe(`a: {${'*'.repeat(token.length)}: 1}`);
});

test.each([
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
  'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
  'typed_extension_protocol_options_2024',
  'Http3ProtocolOptionsForUpstreams2AndMore',
  'max_direct_response_body_size_bytes',
  'sk-ip-the-rest-of-this',
  'risk-live-dashboard-of-the-shop',
  'checkout-eu-west-1-production-2024-11-28',
  'spiffe://cluster.local/ns/default/sa/checkout-service-account',
  'THE_MAXIMUM_OF_REQUESTS_PER_SECOND',
  '12345678901234567890123456789012',
  'internationalisation-localization',
  '/api/v1/users/[0-9a-f]{8}-[0-9a-f]{4}',
])('%s is a name', (name) => {
  expect(redactTokens(name)).toBe(name);
  expect(maskTokens(name)).toBe(name);
});
