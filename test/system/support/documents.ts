import type { Upstream } from '../../support/upstream.mjs';

/** `helve.yaml` of Envoys that take `shards`. */
export const SHARDS_FLOOR = 'envoy: "1.39"\n';

/** Text of a Listener document that tests write; loopback only. */
export const listenerText = (name: string, port: number, certificates: readonly string[] = []) =>
  [
    'kind: Listener',
    `name: ${name}`,
    'address: 127.0.0.1',
    `port: ${port}`,
    ...(certificates.length === 0 ? [] : [`tls: {certificates: [${certificates.join(', ')}]}`]),
    '',
  ].join('\n');

export const clusterText = (name: string, endpoints: readonly Pick<Upstream, 'address'>[]) =>
  [
    'kind: Cluster',
    `name: ${name}`,
    `endpoints: [${endpoints.map((e) => `"${e.address}"`).join(', ')}]`,
    '',
  ].join('\n');

export const routeText = (name: string, listeners: readonly string[], to: string) =>
  [
    'kind: Route',
    `name: ${name}`,
    `listeners: [${listeners.join(', ')}]`,
    'rules:',
    '- name: all',
    '  match: {prefix: /}',
    `  to: ${to}`,
    '',
  ].join('\n');
