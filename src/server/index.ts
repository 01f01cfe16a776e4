/**
 * Sockets: the xDS transport, the registry of clients (the one mutable map), and admin HTTP
 * against a declared port. It must not know files, documents or the compiler.
 */
export * from './address.ts';
export * from './admin-port.ts';
export { AdminError } from './admin/admin-error.ts';
export { openAdmin } from './admin/admin-server.ts';
export { createClientStatus } from './csds/client-status.ts';
export type { KnownResources } from './csds/encode-clients.ts';
export { createHealth } from './health/health.ts';
export { createLogLimit } from './log-limit.ts';
export { createLoadStats } from './lrs/load-stats.ts';
export { createLoads, type Loads, type NodeLoads } from './lrs/loads.ts';
export { createMetrics, type Metrics, type NodeCount } from './metrics/metrics.ts';
export { createReflection } from './reflection/reflection.ts';
export { createRecent, drainMsOf, type Recent, RECENT_MS } from './registry/recent.ts';
export type { NodeView } from './registry/node-view.ts';
export { createRegistry } from './registry/registry.ts';
export type { Registry } from './registry/types.ts';
export { openGrpcTransport } from './transport/grpc.ts';
export { type HttpPort } from './http-port.ts';
export { openRest, type ReadRequest, type RestCodec } from './rest/rest-server.ts';
export type { PolledView } from './registry/polls.ts';
export { serveFetch } from './registry/unary.ts';
export { FETCH_METHODS, METHODS } from './transport/methods.ts';
export type { Service } from './transport/service.ts';
export type { GrpcMethod, Transport, TransportStream } from './transport/transport.ts';
