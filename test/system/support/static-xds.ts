import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import type { JsonObject } from '../../../src/schema/index.ts';
import { openGenerated } from '../../support/generated-schema.ts';
import { methodsOf } from '../../support/grpc-client.ts';

const ADS = 'envoy.service.discovery.v3.AggregatedDiscoveryService';

/** An xDS server that judges nothing: for what helve would not serve. SotW, and by name alone. */
export interface StaticXds {
  readonly address: string;
  /** What clients said of what they refused. */
  readonly refusals: readonly string[];
  close(): void;
}

interface Request {
  readonly type_url?: string;
  readonly resource_names?: readonly string[];
  readonly response_nonce?: string;
  readonly error_detail?: { readonly message?: string } | null;
}

export async function serveStatic(resources: readonly JsonObject[]): Promise<StaticXds> {
  const refusals: string[] = [];
  const server = new Server();
  const method = methodsOf('discovery', ADS)('StreamAggregatedResources');
  server.register(
    method.path,
    (call: ServerDuplexStream<Request, Buffer>) => {
      answer(call, resources, refusals);
    },
    (bytes: Buffer) => bytes,
    method.requestDeserialize,
    'bidi',
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    refusals,
    close: () => {
      server.forceShutdown();
    },
  };
}

const nameOf = (resource: JsonObject): unknown => resource['cluster_name'] ?? resource['name'];

function answer(
  call: ServerDuplexStream<Request, Buffer>,
  resources: readonly JsonObject[],
  refusals: string[],
): void {
  const asked = new Map<string, string>();
  let nonce = 0;
  call.on('data', (request: Request) => {
    const { type_url = '', resource_names = [], error_detail } = request;
    if (error_detail?.message !== undefined) refusals.push(error_detail.message);
    const names = [...resource_names].sort().join('\n');
    if (asked.get(type_url) === names) return;
    asked.set(type_url, names);
    const found = resources.filter(
      (one) => one['@type'] === type_url && resource_names.some((name) => name === nameOf(one)),
    );
    nonce += 1;
    const response = { version_info: '1', type_url, resources: found, nonce: String(nonce) };
    const message = 'envoy.service.discovery.v3.DiscoveryResponse';
    const { bytes, problems } = openGenerated().encode(message, response);
    if (bytes.length === 0) throw new Error(JSON.stringify(problems));
    call.write(Buffer.from(bytes));
  });
  call.on('error', () => undefined);
  call.on('end', () => {
    call.end();
  });
}
