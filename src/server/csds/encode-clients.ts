import { Writer } from 'protobufjs/minimal.js';
import { LIMITS } from '../../base/index.ts';
import type { Rejection, ResourceStatus } from '../../delivery/index.ts';
import { type NodeInfo, type Resource, typeRow } from '../../snapshot/index.ts';
import { tag } from '../../xds/index.ts';
import { oneLine } from '../admin-port.ts';
import type { NodeStatus } from '../registry/node-view.ts';

/** What is known of resources, beyond what clients have of them. */
export interface KnownResources {
  /** Its message with nothing secret in it; null: it is for no eyes. */
  readonly contentOf: (resource: Resource) => Uint8Array | null;
  /** Wall clock, ms: since when it is served. */
  readonly updatedAt: (resource: Resource) => number | null;
}

export type EncodedClients =
  | { readonly ok: true; readonly message: Uint8Array }
  | { readonly ok: false; readonly why: string };

/**
 * `ClientStatusResponse`, a `ClientConfig` for each node: streams of one node are one client.
 * Refused where it is over a limit.
 */
export function encodeClients(
  statuses: readonly NodeStatus[],
  known: KnownResources,
): EncodedClients {
  const byNode = new Map<string, NodeStatus[]>();
  for (const status of statuses) {
    const streams = byNode.get(status.node.id);
    if (streams === undefined) byNode.set(status.node.id, [status]);
    else streams.push(status);
  }
  const contents = bounded(known.contentOf);
  const clients: Uint8Array[] = [];
  let size = 0;
  for (const streams of byNode.values()) {
    const encoded = encodeClient(streams, { ...known, contentOf: contents.of });
    const client = Writer.create().uint32(tag(1)).bytes(encoded).finish();
    size += client.byteLength;
    if (size > LIMITS.clientStatusBytesMax) return tooMuch('it is', LIMITS.clientStatusBytesMax);
    if (contents.isOver()) {
      return tooMuch('the contents are', LIMITS.clientStatusContentsBytesMax);
    }
    clients.push(client);
  }
  return { ok: true, message: Buffer.concat(clients) };
}

const tooMuch = (what: string, max: number): EncodedClients => ({
  ok: false,
  why:
    `${what} more than ${max / 1024 / 1024} MiB; name fewer nodes by node_matchers, ` +
    'or set exclude_resource_contents',
});

/** Contents are redacted once for an answer, up to a limit of what is redacted. */
function bounded(contentOf: KnownResources['contentOf']) {
  const found = new Map<Resource, Uint8Array | null>();
  let bytes = 0;
  const isOver = (): boolean => bytes > LIMITS.clientStatusContentsBytesMax;
  const of = (resource: Resource): Uint8Array | null => {
    const known = found.get(resource);
    if (known !== undefined || isOver()) return known ?? null;
    bytes += resource.bytes.byteLength;
    const content = isOver() ? null : contentOf(resource);
    found.set(resource, content);
    return content;
  };
  return { of, isOver };
}

function encodeClient(streams: readonly NodeStatus[], known: KnownResources): Uint8Array {
  const writer = Writer.create();
  const node = streams[0]?.node;
  if (node !== undefined) writeNode(writer.uint32(tag(1)).fork(), node);
  for (const { resources } of streams) {
    for (const resource of resources())
      writeResource(writer.uint32(tag(3)).fork(), resource, known);
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
function writeResource(
  writer: Writer,
  { type, name, version, resource, status, rejection }: ResourceStatus,
  { contentOf, updatedAt }: KnownResources,
): void {
  const { url } = typeRow(type);
  writer.uint32(tag(1)).string(url).uint32(tag(2)).string(name).uint32(tag(3)).string(version);
  const content = resource === null ? null : contentOf(resource);
  if (content !== null) {
    writer.uint32(tag(4)).fork().uint32(tag(1)).string(url).uint32(tag(2)).bytes(content).ldelim();
  }
  const at = resource === null ? null : updatedAt(resource);
  if (at !== null) writeTimestamp(writer.uint32(tag(5)).fork(), at);
  writer.uint32(48).uint32(STATUS[status]);
  if (rejection !== null) writeRejection(writer.uint32(tag(8)).fork(), rejection);
  writer.ldelim();
}

/** `google.protobuf.Timestamp`. */
function writeTimestamp(writer: Writer, wallMs: number): void {
  const nanos = Math.round((wallMs % 1000) * 1e6);
  writer
    .uint32(8)
    .int64(Math.floor(wallMs / 1000))
    .uint32(16)
    .int32(nanos)
    .ldelim();
}

/** `envoy.admin.v3.UpdateFailureState`. */
function writeRejection(writer: Writer, { error, version }: Rejection): void {
  writer.uint32(tag(3)).string(oneLine(error.message)).uint32(tag(4)).string(version).ldelim();
}
