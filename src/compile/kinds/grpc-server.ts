import type { Origin } from '../../base/index.ts';
import type { NativeDocument } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { ownerMetadata } from '../lower/owner-metadata.ts';
import type { LoweredPart } from '../lowered.ts';
import { typeUrl } from '../lower/type-url.ts';
import { headerFindings, rulesOf } from '../policies/authorize.ts';
import { groupFindings } from './listener.ts';
import { emitLowered, tell, type KindCompiler } from './kind.ts';

/** The listener that the application asks for by its address. */
export const grpcServer: KindCompiler<'GrpcServer'> = (context, document) => {
  const { id, name: documentName, value } = document;
  tell(context, groupFindings(context, document));
  if (value.authorize !== null) {
    const subject = `gRPC server "${documentName}"`;
    tell(context, headerFindings(value.authorize, { doc: id, subject }));
  }
  const at = (pointer: string): Origin => ({ doc: id, pointer });
  const chain = '/filter_chains/0';
  const places = new Map([
    ['/name', at(value.template.includes('listening_address') ? '/port' : '/template')],
    ['/address', at('/port')],
    [`${chain}/transport_socket`, at('/tls')],
    [`${chain}/filters/0/typed_config/http_filters`, at('/authorize')],
  ]);
  const lowered = { type: 'Listener', name: nameOf(document), value: spelled(document) } as const;
  emitLowered(
    context,
    {
      ...lowered,
      origin: at(''),
      places,
      references: [],
      isOnDemand: true,
      parts: parts(document),
    },
    { nodes: value.nodes },
  );
};

/** What is refused is looked for at what changed. */
function parts({
  id,
  name,
  value: { tls, authorize, ...rest },
}: GrpcServer): readonly LoweredPart[] {
  const of = (key: string, pointer: string, value: object): LoweredPart => ({
    key,
    text: JSON.stringify(value),
    origin: { doc: id, pointer },
  });
  return [
    of(name, '', rest),
    ...(authorize === null ? [] : [of('authorize', '/authorize', authorize)]),
    ...(tls === null ? [] : [of('tls', '/tls', tls)]),
  ];
}

type GrpcServer = NativeDocument<'GrpcServer'>;

/** gRPC encodes what it puts into a name of xdstp form. */
function nameOf({ value: { address, port, template } }: GrpcServer): string {
  const text = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const isEncoded = template.startsWith('xdstp:');
  const plain = isEncoded ? text.replace('[', '%5B').replace(']', '%5D') : text;
  return template.split('%s').join(plain);
}

function spelled(document: GrpcServer): envoy.Listener {
  const { address, port } = document.value;
  const manager = { '@type': typeUrl(MANAGER), ...managerOf(document) } as const;
  return {
    name: nameOf(document),
    address: { socket_address: { address, port_value: port } },
    filter_chains: [{ filters: [{ name: 'http', typed_config: manager }], ...socketOf(document) }],
    metadata: ownerMetadata('GrpcServer', document),
  };
}

const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const HTTP = 'envoy.extensions.filters.http';
const RBAC = typeUrl(`${HTTP}.rbac.v3.RBAC`);
const ROUTER = Object.freeze({
  name: 'router',
  typed_config: { '@type': typeUrl(`${HTTP}.router.v3.Router`) },
});

/** Denials come first: a caller that is denied is refused even if allowed. */
const managerOf = ({ name, value }: GrpcServer): envoy.HttpConnectionManager => ({
  stat_prefix: name,
  route_config: {
    name,
    virtual_hosts: [
      {
        name: 'all',
        domains: ['*'],
        routes: [{ match: { prefix: '' }, non_forwarding_action: {} }],
      },
    ],
  },
  http_filters: [
    ...(value.authorize === null ? [] : rulesOf(value.authorize)).map((rules) => ({
      name: `authorize.${(rules.action ?? 'ALLOW').toLowerCase()}`,
      typed_config: { '@type': RBAC, rules },
    })),
    ROUTER,
  ],
});

function socketOf({ value: { tls } }: GrpcServer): envoy.FilterChain {
  if (tls === null) return {};
  const { provider, clients } = tls;
  const roots = { ca_certificate_provider_instance: { instance_name: clients?.provider ?? '' } };
  const context: envoy.DownstreamTlsContext = {
    common_tls_context: {
      tls_certificate_provider_instance: { instance_name: provider },
      ...(clients === null ? {} : { validation_context: roots }),
    },
    ...(clients?.isRequired === true ? { require_client_certificate: true } : {}),
  };
  const type = typeUrl('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext');
  return { transport_socket: { name: 'tls', typed_config: { '@type': type, ...context } } };
}
