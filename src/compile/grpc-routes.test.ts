import { expect, test } from 'vitest';
import {
  MAIN,
  type Row,
  called,
  SERVED,
  cluster,
  endpoints,
  ignoredBy,
  refusedBy,
  routes,
  server,
  to,
} from '../../test/support/grpc-resources.ts';
import { byRds, judge, table } from '../../test/support/raw-resources.ts';

const ROWS: readonly Row[] = [
  [
    'GRPC-06 a server that forwards',
    [server({ ...byRds('main'), route_config: null }), table(), cluster(), endpoints()],
    [refusedBy(MAIN, 'gRPC servers answer themselves; write non_forwarding_action, not route')],
  ],
  [
    'GRPC-06 a client that is answered',
    called(routes({ ...SERVED, match: { path: '/a.B/C' } }, to())),
    [refusedBy(MAIN, 'gRPC clients only follow route, not non_forwarding_action; write route')],
  ],
  [
    'GRPC-06 a client that is redirected',
    called(routes({ match: { path: '/a.B/C' }, redirect: { host_redirect: 'b.test' } }, to())),
    [refusedBy(MAIN, 'gRPC clients only follow route, not redirect; write route')],
  ],
  [
    'GRPC-06 conditions that gRPC does not ask',
    called(
      routes(
        to({}, { match: { prefix: '', query_parameters: [{ name: 'a', present_match: true }] } }),
        to({}, { match: { prefix: '', tls_context: { presented: true } } }),
      ),
    ),
    [
      refusedBy(MAIN, 'gRPC passes over a route that asks for query_parameters; remove them'),
      refusedBy(MAIN, 'gRPC ignores tls_context, and the route would take all requests; remove it'),
    ],
  ],
  [
    'GRPC-06 what gRPC ignores of an action',
    called(
      routes(
        to({
          prefix_rewrite: '/',
          timeout: '3s',
          request_mirror_policies: [{ cluster: 'a' }],
          retry_policy: { retry_on: '5xx,unavailable', num_retries: 1 },
        }),
      ),
    ),
    [
      ignoredBy(MAIN, 'prefix_rewrite'),
      `GRPC_IGNORED: ${MAIN}: gRPC ignores timeout; write max_stream_duration`,
      ignoredBy(MAIN, 'request_mirror_policies'),
      `GRPC_IGNORED: ${MAIN}: gRPC never tries again after 5xx; it knows cancelled, ` +
        `deadline-exceeded, internal, resource-exhausted, unavailable`,
    ],
  ],
  [
    'GRPC-06 TLS that is asked of callers',
    called(
      table({
        virtual_hosts: [{ name: 'all', domains: ['*'], require_tls: 'ALL', routes: [to()] }],
      }),
    ),
    [
      `POLICY_FAILS_OPEN: ${MAIN}: gRPC ignores require_tls and answers without it; have ` +
        `transport sockets ask for it`,
    ],
  ],
];

test.each(ROWS)('%s', (_name, resources, want) => {
  expect(judge(...resources)).toEqual(want);
});
