import { Writer } from 'protobufjs/minimal.js';
import { LIMITS } from '../../base/index.ts';
import type { Rejection, ResourceStatus } from '../../delivery/index.ts';
import { type NodeInfo, typeRow } from '../../snapshot/index.ts';
import { tag } from '../../xds/index.ts';
import { oneLine } from '../admin-port.ts';
import type { NodeStatus } from '../registry/node-view.ts';

/**
 * `ClientStatusResponse`, a `ClientConfig` for each node: streams of one node are one client. Null
 * where it is over the limit.
 */
export function encodeClients(statuses: readonly NodeStatus[]): Uint8Array | null {
  const byNode = new Map<string, NodeStatus[]>();
  for (const status of statuses) {
    const streams = byNode.get(status.node.id);
    if (streams === undefined) byNode.set(status.node.id, [status]);
    else streams.push(status);
  }
  const clients: Uint8Array[] = [];
  let size = 0;
  for (const streams of byNode.values()) {
    const client = Writer.create().uint32(tag(1)).bytes(encodeClient(streams)).finish();
    size += client.byteLength;
    if (size > LIMITS.clientStatusBytesMax) return null;
    clients.push(client);
  }
  return Buffer.concat(clients);
}

function encodeClient(streams: readonly NodeStatus[]): Uint8Array {
  const writer = Writer.create();
  const node = streams[0]?.node;
  if (node !== undefined) writeNode(writer.uint32(tag(1)).fork(), node);
  for (const { resources } of streams) {
    for (const resource of resources()) writeResource(writer.uint32(tag(3)).fork(), resource);
  }
  return writer.finish();
}

/** `envoy.config.core.v3.Node`. */
function writeNode(writer: Writer, node: NodeInfo): void {
  const { id, cluster, region, zone, subZone, userAgent } = node;
  writer.uint32(tag(1)).string(id).uint32(tag(2)).string(cluster);
  writer.uint32(tag(4)).fork().uint32(tag(1)).string(region).uint32(tag(2)).string(zone);
  writer.uint32(tag(3)).string(subZone).ldelim();
  writer.uint32(tag(6)).string(userAgent).ldelim();
}

/** `ConfigStatus`. */
const STATUS = { synced: 1, 'not sent': 2, stale: 3, error: 4 } as const;

/** `ClientConfig.GenericXdsConfig`; `client_status` is what clients say of themselves. */
function writeResource(writer: Writer, resource: ResourceStatus): void {
  const { type, name, version, status, rejection } = resource;
  writer.uint32(tag(1)).string(typeRow(type).url).uint32(tag(2)).string(name);
  writer.uint32(tag(3)).string(version).uint32(48).uint32(STATUS[status]);
  if (rejection !== null) writeRejection(writer.uint32(tag(8)).fork(), rejection);
  writer.ldelim();
}

/** `envoy.admin.v3.UpdateFailureState`. */
function writeRejection(writer: Writer, { error, version }: Rejection): void {
  writer.uint32(tag(3)).string(oneLine(error.message)).uint32(tag(4)).string(version).ldelim();
}
