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

/** Its script does not parse, which only an Envoy can tell. */
const BROKEN_SCRIPT = 'function envoy_on_request(handle';

/** A listener that answers 200 by itself. */
export const luaListener = (port: number, script = BROKEN_SCRIPT): string => `resources:
- "@type": type.googleapis.com/envoy.config.listener.v3.Listener
  name: lua
  address: {socket_address: {address: 127.0.0.1, port_value: ${port}}}
  filter_chains:
  - filters:
    - name: envoy.filters.network.http_connection_manager
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
        stat_prefix: lua
        route_config: {name: lua, virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, direct_response: {status: 200}}]}]}
        http_filters:
        - name: envoy.filters.http.lua
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
            default_source_code: {inline_string: ${JSON.stringify(script)}}
        - name: envoy.filters.http.router
          typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
`;
