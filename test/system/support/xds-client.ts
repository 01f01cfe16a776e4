import { Client, credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import { type Hearing, hearing, methodsOf } from '../../support/grpc-client.ts';

const ADS = 'envoy.service.discovery.v3.AggregatedDiscoveryService';
const methodOf = methodsOf<RawResponse>('discovery', ADS);

export interface RawResponse {
  readonly type_url: string;
  readonly nonce: string;
  readonly version_info?: string;
  readonly resources?: readonly { readonly name?: string; readonly version?: string }[];
  readonly removed_resources?: readonly string[];
}

/** A stream on which a test says exactly what it wants, however wrong. */
export interface RawStream extends Hearing<RawResponse> {
  send(request: Readonly<Record<string, unknown>>): void;
  sendBytes(bytes: Buffer): void;
  close(): void;
}

export function openRawStream(address: string, wire: 'delta' | 'sotw'): RawStream {
  const name = wire === 'delta' ? 'DeltaAggregatedResources' : 'StreamAggregatedResources';
  const method = methodOf(name);
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
  });
  const call: ClientDuplexStream<Buffer, RawResponse> = client.makeBidiStreamRequest(
    method.path,
    (bytes: Buffer) => bytes,
    method.responseDeserialize,
  );
  return {
    ...hearing(call),
    send: (value) => {
      call.write(method.requestSerialize(value));
    },
    sendBytes: (bytes) => {
      call.write(bytes);
    },
    close: () => {
      call.cancel();
      client.close();
    },
  };
}

export const TYPE = {
  cluster: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  listener: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  route: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  secret: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
} as const;
