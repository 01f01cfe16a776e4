import { once } from 'node:events';
import { Client, credentials, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { parse, type Type } from 'protobufjs';

/** Just what the tests say and read; Envoy's API spells the rest. */
const PROTO = `
syntax = "proto3";
message Any { string type_url = 1; bytes value = 2; }
message Node { string id = 1; string cluster = 2; string user_agent_name = 6; }
message Status { int32 code = 1; string message = 2; }
message DiscoveryRequest {
  string version_info = 1; Node node = 2; repeated string resource_names = 3;
  string type_url = 4; string response_nonce = 5; Status error_detail = 6;
}
message DiscoveryResponse {
  string version_info = 1; repeated Any resources = 2; string type_url = 4; string nonce = 5;
}
message DeltaDiscoveryRequest {
  Node node = 1; string type_url = 2; repeated string resource_names_subscribe = 3;
  repeated string resource_names_unsubscribe = 4;
  map<string, string> initial_resource_versions = 5;
  string response_nonce = 6; Status error_detail = 7;
}
message Resource { string version = 1; Any resource = 2; string name = 3; }
message DeltaDiscoveryResponse {
  string system_version_info = 1; repeated Resource resources = 2; string type_url = 4;
  string nonce = 5; repeated string removed_resources = 6;
}
`;

const { root } = parse(PROTO, { keepCase: true });

export interface RawResponse {
  readonly type_url: string;
  readonly nonce: string;
  readonly version_info?: string;
  readonly resources?: readonly { readonly name?: string; readonly version?: string }[];
  readonly removed_resources?: readonly string[];
}

/** A stream on which a test says exactly what it wants, however wrong. */
export interface RawStream {
  send(request: Readonly<Record<string, unknown>>): void;
  sendBytes(bytes: Buffer): void;
  /** The next response; rejects when the stream ends first. */
  next(): Promise<RawResponse>;
  /** Resolves to the status code with which the server ended the stream. */
  readonly ended: Promise<number>;
  close(): void;
}

const ADS = '/envoy.service.discovery.v3.AggregatedDiscoveryService';

export function openRawStream(address: string, wire: 'delta' | 'sotw'): RawStream {
  const [prefix, method] = wire === 'delta' ? ['Delta', 'Delta'] : ['', 'Stream'];
  const request: Type = root.lookupType(`${prefix}DiscoveryRequest`);
  const response: Type = root.lookupType(`${prefix}DiscoveryResponse`);
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
  });
  const call: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
    `${ADS}/${method}AggregatedResources`,
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
  );
  const queue: RawResponse[] = [];
  const arrivals = new EventTarget();
  let code: number | null = null;
  const ended = new Promise<number>((resolve) => {
    const end = (status: number): void => {
      code ??= status;
      resolve(code);
      arrivals.dispatchEvent(new Event('news'));
    };
    call.on('error', (error: ServiceError) => {
      end(error.code);
    });
    call.on('status', (status: { code: number }) => {
      end(status.code);
    });
  });
  call.on('data', (bytes: Buffer) => {
    queue.push(response.toObject(response.decode(bytes)) as RawResponse);
    arrivals.dispatchEvent(new Event('news'));
  });
  return {
    ended,
    send: (value) => {
      call.write(Buffer.from(request.encode(request.create(value)).finish()));
    },
    sendBytes: (bytes) => {
      call.write(bytes);
    },
    next: async () => {
      for (;;) {
        const first = queue.shift();
        if (first !== undefined) return first;
        if (code !== null) throw new Error(`the stream ended with status ${code}`);
        await once(arrivals, 'news');
      }
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
