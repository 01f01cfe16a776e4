import { certificate } from './certificate.ts';
import { cluster } from './cluster.ts';
import { endpoints } from './endpoints.ts';
import { grpcServer } from './grpc-server.ts';
import type { Kind } from './kind.ts';
import { listener } from './listener.ts';
import { nodeGroup } from './node-group.ts';
import { patch } from './patch.ts';
import { policy } from './policy.ts';
import { route } from './route.ts';
import { secret } from './secret.ts';
import { tcpRoute } from './tcp-route.ts';
import { trust } from './trust.ts';

/**
 * The table of kinds. A kind is a row here, a file beside this one (what it means) and one in
 * `compile/kinds` (how it is spelled).
 */
export const KINDS = Object.freeze({
  Certificate: certificate,
  Cluster: cluster,
  Endpoints: endpoints,
  GrpcServer: grpcServer,
  Listener: listener,
  NodeGroup: nodeGroup,
  Patch: patch,
  Policy: policy,
  Route: route,
  Secret: secret,
  TcpRoute: tcpRoute,
  Trust: trust,
}) satisfies Readonly<Record<string, Kind<unknown>>>;

/** What a document of each kind says. */
export type KindValues = {
  readonly [K in keyof typeof KINDS]: (typeof KINDS)[K] extends Kind<infer Value> ? Value : never;
};

export type KindName = keyof KindValues;
