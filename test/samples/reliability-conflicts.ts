import { LISTENER, cluster, listener, route, type Case } from './reliability-case.ts';

/** What is wrong only together. */
export const CONFLICTS_CASES: readonly Case[] = [
  {
    id: 'C1',
    what: 'two listeners on one port',
    files: {
      'a.yaml': `${LISTENER}to: 10.0.0.1:80\n`,
      'b.yaml': `${LISTENER.replace('web', 'api')}to: 10.0.0.1:80\n`,
    },
    found: [
      'a.yaml:4:7 LISTENER_CONFLICT listener "web": 127.0.0.1:8080 (tcp) is taken by the listener ' +
        '"api"; change a port or an address',
    ],
  },
  {
    id: 'C4',
    what: 'a rule behind one that takes all of it',
    files: route('rules:\n- {name: all, priority: 1, to: cart}\n- {match: {path: /a}, to: cart}'),
    found: ['a.yaml:6:3 ROUTE_UNREACHABLE rule "=/a" of "shop" can never match, since rule "all"'],
  },
  {
    id: 'C5',
    what: 'weights of 0',
    files: route('to: {cart: 0}'),
    found: ['a.yaml:4:5 WEIGHT_SUM all weights are 0; give one a positive weight'],
  },
  {
    id: 'C5',
    what: 'weights beyond what Envoy holds',
    files: route('to: {cart: 4294967295, other: 1}'),
    found: ['a.yaml:4:5 WEIGHT_SUM the weights sum to 4294967296; at most 4294967295 are possible'],
  },
  {
    id: 'C11',
    what: 'the metadata address of clouds',
    files: listener('to: 169.254.169.254:80'),
    found: ['a.yaml:5:5 UPSTREAM_FORBIDDEN 169.254.169.254:80 is a link-local or metadata address'],
  },
  {
    id: 'C11',
    what: 'the admin port of the Envoys',
    files: listener('to: 127.0.0.1:9901'),
    found: ['a.yaml:5:5 UPSTREAM_FORBIDDEN 127.0.0.1:9901 is '],
  },
  {
    id: 'C12',
    what: 'a listener that sends to itself',
    files: listener('to: 127.0.0.1:8080'),
    found: ['a.yaml:5:5 UPSTREAM_LOOP the upstream 127.0.0.1:8080 is the listener "web"'],
  },
  {
    id: 'C13',
    what: 'a try longer than the timeout',
    files: route('to: cart\ntimeout: 2s\nretry: {perTry: 3s}'),
    found: [
      'a.yaml:6:17 RETRY_TIMEOUT one try of 3000ms may take longer than the timeout of 2000ms',
    ],
  },
  {
    id: 'C13',
    what: 'tries that are longer together, said at the Route',
    files: route('retry: {perTry: 6s}\nrules: [{to: cart}]'),
    found: [
      'a.yaml:4:17 RETRY_TIMEOUT 3 tries of 6000ms may take longer than the default timeout of ' +
        '15000ms',
    ],
  },
  {
    id: 'C13',
    what: 'a hedge longer than the timeout',
    files: route('to: cart\ntimeout: 2s\nhedge: {after: 3s}'),
    found: [
      'a.yaml:6:16 RETRY_TIMEOUT one try of 3000ms may take longer than the timeout of 2000ms',
    ],
  },
  {
    id: 'C15',
    what: 'a gRPC probe of an HTTP/1 upstream',
    files: cluster('endpoints: [10.0.0.1:80]\nhealthCheck: {grpc: {}}'),
    found: ['a.yaml:4:1 PROTOCOL_CONFLICT a health check by grpc needs protocol: http2; add it'],
  },
  {
    id: 'C16',
    what: 'https without a certificate',
    files: listener('to: 10.0.0.1:80\nprotocol: https'),
    found: ['a.yaml:6:11 TLS_NO_CERT a listener with protocol https needs a certificate'],
  },
  {
    id: 'C16',
    what: 'certificates of clients without a CA',
    files: listener('to: 10.0.0.1:80\ntls: {certificates: [shop], clients: {mode: require}}'),
    found: ['a.yaml:6:38 SCHEMA_REQUIRED the field "trust" is missing in "tls.clients"; add it'],
  },
  {
    id: 'C17',
    what: 'TLS that verifies nothing',
    files: cluster('endpoints: [10.0.0.1:443]\ntls: {verify: none}'),
    found: ['a.yaml:4:15 TLS_NO_VERIFY anybody can pose as the endpoints; verify them'],
  },
  {
    id: 'C19',
    what: 'no connections',
    files: cluster('endpoints: [10.0.0.1:80]\ncircuitBreaker: {connections: 0}'),
    found: ['a.yaml:4:31 BREAKER_ZERO no connections are allowed, so the cluster answers nothing'],
  },
  {
    id: 'C22',
    what: 'a key in a header',
    files: route('to: cart\nheaders: {request: {set: {authorization: Bearer abcdefgh}}}'),
    found: ['a.yaml:5:42 SECRET_IN_HEADER the header "authorization" has a credential in the text'],
  },
];
