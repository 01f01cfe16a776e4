// As much of the delta protocol as a client that measures, and a server that replays, must know.
import { Reader, Writer } from 'protobufjs/minimal.js';

export const DELTA_PATH =
  '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';

/** Of the request that opens a stream. */
export const REQUEST_HEADERS = {
  ':method': 'POST',
  ':path': DELTA_PATH,
  'content-type': 'application/grpc',
  te: 'trailers',
};

const url = (name) => `type.googleapis.com/envoy.${name}`;

export const TYPE = {
  cluster: url('config.cluster.v3.Cluster'),
  endpoints: url('config.endpoint.v3.ClusterLoadAssignment'),
  extension: url('config.core.v3.TypedExtensionConfig'),
  listener: url('config.listener.v3.Listener'),
  route: url('config.route.v3.RouteConfiguration'),
  scope: url('config.route.v3.ScopedRouteConfiguration'),
};

const tag = (field) => (field << 3) | 2;

/** DeltaDiscoveryRequest; `node` only on the first of a stream. */
export function encodeRequest({ type, subscribe = [], nonce = '', node = null }) {
  const writer = Writer.create();
  if (node !== null) {
    writer.uint32(tag(1)).fork().uint32(tag(1)).string(node);
    writer.uint32(tag(2)).string('bench').uint32(tag(6)).string('envoy').ldelim();
  }
  writer.uint32(tag(2)).string(type);
  for (const name of subscribe) writer.uint32(tag(3)).string(name);
  if (nonce !== '') writer.uint32(tag(6)).string(nonce);
  return framed(writer.finish());
}

export function decodeRequest(bytes) {
  const fields = fieldsOf(bytes);
  const texts = (field) => fields.filter(([at]) => at === field).map(([, value]) => text(value));
  return { type: texts(2)[0] ?? '', subscribe: texts(3), nonce: texts(6)[0] ?? '' };
}

/** DeltaDiscoveryResponse. */
export function encodeResponse({ type, resources, nonce }) {
  const writer = Writer.create().uint32(tag(1)).string('1');
  for (const { name, version, bytes } of resources) {
    writer.uint32(tag(2)).fork().uint32(tag(1)).string(version);
    writer.uint32(tag(2)).fork().uint32(tag(1)).string(type).uint32(tag(2)).bytes(bytes).ldelim();
    writer.uint32(tag(3)).string(name).ldelim();
  }
  writer.uint32(tag(4)).string(type).uint32(tag(5)).string(nonce);
  return framed(writer.finish());
}

/** The resources are decoded only where `withBytes` asks for it: a client reads 1.5 MB else. */
export function decodeResponse(bytes, withBytes = true) {
  const resources = [];
  let type = '';
  let nonce = '';
  for (const [field, value] of fieldsOf(bytes)) {
    if (field === 4) type = text(value);
    if (field === 5) nonce = text(value);
    if (field === 2) resources.push(decodeResource(value, withBytes));
  }
  return { type, nonce, resources };
}

function decodeResource(bytes, withBytes) {
  const resource = { name: '', version: '', bytes: null };
  for (const [field, value] of fieldsOf(bytes)) {
    if (field === 1) resource.version = text(value);
    if (field === 3) resource.name = text(value);
    if (field === 2 && withBytes) resource.bytes = within(value, [2])[0] ?? Buffer.alloc(0);
  }
  return resource;
}

/** What a listener leads to: its tables, its filters from elsewhere, whether it has scopes. */
export function ledToByListener(bytes) {
  const managers = [3, 25].flatMap((chains) => within(bytes, [chains, 3, 4, 2]));
  const filters = managers.flatMap((manager) => within(manager, [5]));
  return {
    routes: managers.flatMap((manager) => within(manager, [3, 2]).map(text)),
    extensions: filters
      .filter((filter) => within(filter, [5]).length > 0)
      .flatMap((filter) => within(filter, [1]).map(text)),
    hasScopes: managers.some((manager) => within(manager, [31]).length > 0),
  };
}

export const tableOfScope = (bytes) => within(bytes, [2]).map(text);

/** The name under which a cluster asks for its endpoints; null where it has them. */
export function endpointsOfCluster(bytes) {
  let name = '';
  let type = 0;
  let service = null;
  for (const [field, value] of fieldsOf(bytes)) {
    if (field === 1) name = text(value);
    if (field === 2) type = value;
    if (field === 3) service = within(value, [2]).map(text)[0] ?? null;
  }
  return type === EDS ? (service ?? name) : null;
}

const EDS = 3;

/** A gRPC message: no compression, length, bytes. */
export function framed(message) {
  const frame = Buffer.allocUnsafe(message.length + PREFIX_BYTES);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

const PREFIX_BYTES = 5;

/** Cuts what arrives into gRPC messages, and gives each as one buffer. */
export function newFrameReader(onMessage) {
  let chunks = [];
  let size = 0;
  let need = PREFIX_BYTES;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size < need) return;
    let whole = chunks.length === 1 ? chunk : Buffer.concat(chunks, size);
    for (;;) {
      need = whole.length < PREFIX_BYTES ? PREFIX_BYTES : PREFIX_BYTES + whole.readUInt32BE(1);
      if (whole.length < need) break;
      onMessage(whole.subarray(PREFIX_BYTES, need));
      whole = whole.subarray(need);
    }
    chunks = whole.length === 0 ? [] : [whole];
    size = whole.length;
  };
}

const text = (bytes) => bytes.toString('utf8');

/** Values at the end of a path of message fields. */
function within(bytes, path) {
  let found = [bytes];
  for (const step of path) {
    found = found.flatMap((one) =>
      fieldsOf(one).flatMap(([at, value]) => (at === step ? [value] : [])),
    );
  }
  return found;
}

/** Fields of a message in order: bytes where they have a length, else a number. */
function fieldsOf(bytes) {
  const reader = Reader.create(bytes);
  const fields = [];
  while (reader.pos < reader.len) {
    const head = reader.uint32();
    const wire = head & 7;
    if (wire === 2) fields.push([head >>> 3, reader.bytes()]);
    else if (wire === 0) fields.push([head >>> 3, reader.uint32()]);
    else reader.skipType(wire);
  }
  return fields;
}
