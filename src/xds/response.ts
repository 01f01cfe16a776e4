import { Writer } from 'protobufjs/minimal.js';
import type { Nonce } from '../base/index.ts';
import { setVersion, type Resource, type TypeRow } from '../snapshot/index.ts';
import { tag } from './fields.ts';
import type { Request, Wire } from './request.ts';

/** `control_plane.identifier` on every response that says no other (TRN-11). */
export const CONTROL_PLANE = 'helve';

export interface ResponseContent {
  /** SotW: `version_info`; delta: `system_version_info`. */
  readonly version: string;
  readonly resources: readonly Resource[];
  /** Delta only. */
  readonly removed: readonly string[];
  /** Delta: the names beside their own by which resources were asked for (DELTA-21). */
  readonly aliases?: ReadonlyMap<string, readonly string[]>;
  /** Delta: asked for by an alias, and there is none such: answered without a body (VHDS-02). */
  readonly absent?: readonly string[];
  /** Names that the client spells otherwise: canonical → as it does (NAME-02). Absent: none. */
  readonly spellings?: ReadonlyMap<string, string>;
  /** Delta: what lives on as it is: name, version and lifetime, without a body (TTL-03). */
  readonly refreshed?: readonly Resource[];
  /** SotW: what has a lifetime stands in a `Resource` that says it (TTL-04). */
  readonly isWrapped?: boolean;
  /** What was asked for and cannot be served (ERR-01). Absent: nothing is said of it. */
  readonly errors?: readonly ResourceError[];
}

/** One of `resource_errors`. */
export interface ResourceError {
  readonly name: string;
  /** Of `google.rpc.Status`. It tells whether a client may drop what it has (ERR-02). */
  readonly code: number;
  readonly message: string;
}

/** A response without its nonce, so that every stream that gets the same can share the bytes. */
export const encodeResponse = (wire: Wire, row: TypeRow, content: ResponseContent): Uint8Array =>
  wire === 'sotw' ? encodeSotw(row, content) : encodeDelta(row, content);

/** Delta: the answer for a type that is not served: what was named is not there (TRN-07). */
export const unknownTypeAnswer = ({ typeUrl, names, spellings }: Request): Uint8Array =>
  encodeDelta(
    { url: typeUrl },
    { version: setVersion([]), resources: [], removed: names, spellings: spellings ?? new Map() },
  );

/**
 * What a message ends with after a body that streams share: its nonce (field 5 of both response
 * messages), and what else is of one server alone.
 */
export function nonceTail(nonce: Nonce, more: Uint8Array): Uint8Array {
  const text = Buffer.from(nonce, 'utf8');
  return Buffer.concat([Buffer.from([0x2a, text.length]), text, more]);
}

/** The whole message of one stream. */
export const withNonce = (body: Uint8Array, nonce: Nonce): Uint8Array =>
  Buffer.concat([body, nonceTail(nonce, NOTHING)]);

const NOTHING = new Uint8Array(0);

/** `control_plane` of one server: of a field that is there twice, the last one counts. */
export function controlPlane(wire: Wire, identifier: string): Uint8Array {
  const writer = Writer.create().uint32(tag(wire === 'sotw' ? 6 : 7));
  return writer.fork().uint32(tag(1)).string(identifier).ldelim().finish();
}

/** `envoy.service.discovery.v3.DiscoveryResponse`. */
function encodeSotw(
  row: TypeRow,
  { version, resources, isWrapped = false, spellings, errors }: ResponseContent,
): Uint8Array {
  const spelled = (name: string): string => spellings?.get(name) ?? name;
  const writer = Writer.create().uint32(tag(1)).string(version);
  for (const { name, bytes, traits } of resources) {
    writer.uint32(tag(2));
    if (!isWrapped || traits.ttlMs === undefined) {
      writeAny(writer, row.url, bytes);
      continue;
    }
    const wrapper = Writer.create().uint32(tag(1)).string(version);
    writeAny(wrapper.uint32(tag(2)), row.url, bytes);
    writeTtl(wrapper.uint32(tag(3)).string(spelled(name)), traits.ttlMs);
    writeAny(writer, RESOURCE_URL, wrapper.finish());
  }
  writer.uint32(tag(4)).string(row.url);
  writeControlPlane(writer.uint32(tag(6)));
  writeErrors(writer, { field: 7, errors, spelled });
  return writer.finish();
}

/** `envoy.service.discovery.v3.DeltaDiscoveryResponse`. */
function encodeDelta(
  row: Pick<TypeRow, 'url'>,
  { version, resources, removed, ...content }: ResponseContent,
): Uint8Array {
  const { aliases, absent = [], refreshed = [], spellings } = content;
  const spelled = (name: string): string => spellings?.get(name) ?? name;
  const writer = Writer.create().uint32(tag(1)).string(version);
  for (const resource of resources) {
    writer.uint32(tag(2)).fork();
    writer.uint32(tag(1)).string(resource.version);
    writeAny(writer.uint32(tag(2)), row.url, resource.bytes);
    writer.uint32(tag(3)).string(spelled(resource.name));
    for (const alias of aliases?.get(resource.name) ?? []) writer.uint32(tag(4)).string(alias);
    writeTtl(writer, resource.traits.ttlMs);
    writer.ldelim();
  }
  for (const { name, version: known, traits } of refreshed) {
    writer.uint32(tag(2)).fork().uint32(tag(1)).string(known).uint32(tag(3)).string(spelled(name));
    writeTtl(writer, traits.ttlMs);
    writer.ldelim();
  }
  for (const name of absent) {
    writer.uint32(tag(2)).fork();
    writer.uint32(tag(3)).string(name).uint32(tag(4)).string(name).ldelim();
  }
  writer.uint32(tag(4)).string(row.url);
  for (const name of removed) writer.uint32(tag(6)).string(spelled(name));
  writeControlPlane(writer.uint32(tag(7)));
  writeErrors(writer, { field: 9, errors: content.errors, spelled });
  return writer.finish();
}

const RESOURCE_URL = 'type.googleapis.com/envoy.service.discovery.v3.Resource';

/** `google.protobuf.Duration ttl` of a `Resource`. */
function writeTtl(writer: Writer, ttlMs: number | undefined): void {
  if (ttlMs === undefined) return;
  const nanos = (ttlMs % 1000) * 1_000_000;
  writer
    .uint32(tag(6))
    .fork()
    .uint32(VARINT_1)
    .int64(Math.floor(ttlMs / 1000));
  if (nanos > 0) writer.uint32(VARINT_2).int32(nanos);
  writer.ldelim();
}

/** `ResourceError`: a `ResourceName`, and a `google.rpc.Status`. */
function writeErrors(
  writer: Writer,
  given: {
    readonly field: number;
    readonly errors: ResponseContent['errors'];
    readonly spelled: (name: string) => string;
  },
): void {
  for (const { name, code, message } of given.errors ?? []) {
    writer.uint32(tag(given.field)).fork();
    writer.uint32(tag(1)).fork().uint32(tag(1)).string(given.spelled(name)).ldelim();
    writer.uint32(tag(2)).fork().uint32(VARINT_1).int32(code);
    writer.uint32(tag(2)).string(message).ldelim().ldelim();
  }
}

/** Tags of numbers. */
const VARINT_1 = 1 << 3;
const VARINT_2 = 2 << 3;

function writeAny(writer: Writer, url: string, value: Uint8Array): void {
  writer.fork().uint32(tag(1)).string(url).uint32(tag(2)).bytes(value).ldelim();
}

function writeControlPlane(writer: Writer): void {
  writer.fork().uint32(tag(1)).string(CONTROL_PLANE).ldelim();
}
