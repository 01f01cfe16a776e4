import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  Client,
  credentials,
  type ClientDuplexStream,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTO = fileURLToPath(new URL('../../../proto/discovery.proto', import.meta.url));
const ADS = 'envoy.service.discovery.v3.AggregatedDiscoveryService';

/** Methods of the service, typed by what the tests say and read. */
const METHODS = loadSync(PROTO, { keepCase: true })[ADS] as unknown as Readonly<
  Record<string, MethodDefinition<object, RawResponse>>
>;

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

export function openRawStream(address: string, wire: 'delta' | 'sotw'): RawStream {
  const name = wire === 'delta' ? 'DeltaAggregatedResources' : 'StreamAggregatedResources';
  const method = METHODS[name];
  if (method === undefined) throw new Error(`${PROTO} has no ${name}`);
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
  });
  const call: ClientDuplexStream<Buffer, RawResponse> = client.makeBidiStreamRequest(
    method.path,
    (bytes: Buffer) => bytes,
    method.responseDeserialize,
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
  call.on('data', (response: RawResponse) => {
    queue.push(response);
    arrivals.dispatchEvent(new Event('news'));
  });
  return {
    ended,
    send: (value) => {
      call.write(method.requestSerialize(value));
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
