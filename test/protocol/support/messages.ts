import { parse } from 'protobufjs';
import { canonicalName } from '../../../src/snapshot/index.ts';
import type { Wire } from '../../../src/xds/index.ts';

/** Envoy's messages as far as the tests look, spelled apart from the code under test. */
export const { root } = parse(
  `
syntax = "proto3";
message Any { string type_url = 1; bytes value = 2; }
message Value { oneof kind {
  double number_value = 2; string string_value = 3; bool bool_value = 4;
  Struct struct_value = 5; } }
message Struct { map<string, Value> fields = 1; }
message Locality { string region = 1; string zone = 2; string sub_zone = 3; }
message SemanticVersion { uint32 major_number = 1; uint32 minor_number = 2; uint32 patch = 3; }
message BuildVersion { SemanticVersion version = 1; Struct metadata = 2; }
message Extension {
  string name = 1; string category = 2; bool disabled = 5; repeated string type_urls = 6;
}
message ContextParams { map<string, string> params = 1; }
message Node {
  string id = 1; string cluster = 2; Struct metadata = 3; Locality locality = 4;
  map<string, ContextParams> dynamic_parameters = 5;
  string user_agent_name = 6; string user_agent_version = 7;
  BuildVersion user_agent_build_version = 8;
  repeated Extension extensions = 9; repeated string client_features = 10;
}
message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
message ResourceLocator { string name = 1; map<string, string> dynamic_parameters = 2; }
message DiscoveryRequest {
  string version_info = 1; Node node = 2; repeated string resource_names = 3;
  string type_url = 4; string response_nonce = 5; Status error_detail = 6;
  repeated ResourceLocator resource_locators = 7;
}
message DeltaDiscoveryRequest {
  Node node = 1; string type_url = 2; repeated string resource_names_subscribe = 3;
  repeated string resource_names_unsubscribe = 4;
  map<string, string> initial_resource_versions = 5;
  string response_nonce = 6; Status error_detail = 7;
  repeated ResourceLocator resource_locators_subscribe = 8;
  repeated ResourceLocator resource_locators_unsubscribe = 9;
}
message ControlPlane { string identifier = 1; }
message DiscoveryResponse {
  string version_info = 1; repeated Any resources = 2; bool canary = 3; string type_url = 4;
  string nonce = 5; ControlPlane control_plane = 6; repeated ResourceError resource_errors = 7;
}
message ResourceName { string name = 1; }
message ResourceError { ResourceName resource_name = 1; Status error_detail = 2; }
message Duration { int64 seconds = 1; int32 nanos = 2; }
message Resource {
  string version = 1; Any resource = 2; string name = 3; repeated string aliases = 4;
  Duration ttl = 6;
}
message DeltaDiscoveryResponse {
  string system_version_info = 1; repeated Resource resources = 2; string type_url = 4;
  string nonce = 5; repeated string removed_resources = 6; ControlPlane control_plane = 7;
  repeated ResourceError resource_errors = 9;
}
`,
  { keepCase: true },
);

interface PlainAny {
  readonly type_url: string;
  readonly value: string;
}

interface PlainResponse {
  readonly version_info?: string;
  readonly system_version_info?: string;
  readonly type_url: string;
  readonly nonce: string;
  readonly resources?: readonly (PlainAny & {
    readonly name?: string;
    readonly version?: string;
    readonly resource?: PlainAny;
    readonly aliases?: readonly string[];
    readonly ttl?: { readonly seconds?: number; readonly nanos?: number };
  })[];
  readonly removed_resources?: readonly string[];
  readonly control_plane?: { readonly identifier?: string };
  readonly resource_errors?: readonly {
    readonly resource_name: { readonly name: string };
    readonly error_detail: { readonly code: number; readonly message: string };
  }[];
}

/** One response as a client reads it. */
export interface Heard {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly version: string;
  readonly identifier: string;
  /** `name` and content of each resource; the tests' resources spell them as `name=content`. */
  readonly resources: ReadonlyMap<string, string>;
  /** Delta: version of each resource. */
  readonly versions: ReadonlyMap<string, string>;
  readonly removed: readonly string[];
  /** Delta: the other names of each resource. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  /** Delta: entries without a body that say their own name as an alias. */
  readonly absent: readonly string[];
  /** Lifetimes that were said, ms. */
  readonly ttls: ReadonlyMap<string, number>;
  /** Delta: entries without a body that say their version and lifetime. */
  readonly refreshed: readonly string[];
  /** What cannot be served, with the code. */
  readonly errors: ReadonlyMap<string, number>;
}

export function readResponse(wire: Wire, bytes: Uint8Array): Heard {
  const type = root.lookupType(wire === 'delta' ? 'DeltaDiscoveryResponse' : 'DiscoveryResponse');
  const plain = unwrapped(
    type.toObject(type.decode(bytes), { bytes: String, longs: Number }) as PlainResponse,
  );
  const resources = new Map<string, string>();
  const versions = new Map<string, string>();
  const aliases = new Map<string, readonly string[]>();
  const bodiless = wire === 'delta' ? withoutBody(plain) : [];
  const isRefresh = (item: (typeof bodiless)[number]): boolean => item.ttl !== undefined;
  for (const item of plain.resources ?? []) {
    if (bodiless.includes(item)) continue;
    const any = item.resource ?? item;
    if (any.type_url !== plain.type_url) throw new Error(`${any.type_url} in ${plain.type_url}`);
    const text = Buffer.from(any.value, 'base64').toString('utf8');
    // A name may have parameters: the content follows the last sign.
    const at = text.lastIndexOf('=');
    const own = text.slice(0, at);
    const name = wire === 'delta' ? shownName(own, item.name) : own;
    const content = text.slice(at + 1);
    if (resources.has(name)) throw new Error(`${name} twice in one response`);
    if (wire === 'delta') checkName(text, name, item.name);
    resources.set(name, content);
    if (item.aliases !== undefined) aliases.set(name, item.aliases);
    if (item.version !== undefined) versions.set(name, item.version);
  }
  checkRemoved(plain, resources);
  return {
    typeUrl: plain.type_url,
    nonce: plain.nonce,
    version: plain.version_info ?? plain.system_version_info ?? '',
    identifier: plain.control_plane?.identifier ?? '',
    resources,
    versions,
    removed: plain.removed_resources ?? [],
    aliases,
    absent: bodiless.filter((item) => !isRefresh(item)).map(absentName),
    ttls: ttlsOf(plain),
    refreshed: bodiless.filter(isRefresh).map(refreshedName),
    errors: errorsOf(plain, resources),
  };
}

/** What cannot be served is not served beside that, and is told with a reason. */
function errorsOf(plain: PlainResponse, resources: Heard['resources']): Heard['errors'] {
  const errors = new Map<string, number>();
  for (const { resource_name, error_detail } of plain.resource_errors ?? []) {
    const { name } = resource_name;
    if (resources.has(name)) throw new Error(`${name} is both sent and in error`);
    if (errors.has(name)) throw new Error(`${name} is twice in error`);
    if (!error_detail.message.includes(name)) throw new Error(`${name} without a reason`);
    errors.set(name, error_detail.code);
  }
  return errors;
}

const ttlsOf = ({ resources = [] }: PlainResponse): Heard['ttls'] =>
  new Map(
    resources.flatMap(({ name = '', ttl }) =>
      ttl === undefined ? [] : [[name, millisecondsOf(ttl)]],
    ),
  );

const millisecondsOf = ({ seconds = 0, nanos = 0 }: { seconds?: number; nanos?: number }): number =>
  seconds * 1000 + nanos / 1_000_000;

const WRAPPER = 'type.googleapis.com/envoy.service.discovery.v3.Resource';

/** SotW: what stands in a `Resource` inside the Any; its version is that of the response. */
function unwrapped(plain: PlainResponse): PlainResponse {
  const type = root.lookupType('Resource');
  const resources = plain.resources?.map((item) => {
    if (item.type_url !== WRAPPER) return item;
    const inner = type.toObject(type.decode(Buffer.from(item.value, 'base64')), {
      bytes: String,
      longs: Number,
    }) as (typeof plain.resources & object)[number];
    if (inner.version !== plain.version_info) throw new Error('a wrapper of another version');
    return inner;
  });
  return resources === undefined ? plain : { ...plain, resources };
}

/** An entry without a body is refused by Envoy unless it says its version. */
function refreshedName({ name, version }: { name?: string; version?: string }): string {
  if (name === undefined || version === undefined) throw new Error('a refresh of what?');
  return name;
}

/** Names that say their parts may be spelled as they were asked for: that is what is shown. */
const shownName = (own: string, said: string | undefined): string =>
  said !== undefined && canonicalName(said) === own ? said : own;

function checkRemoved(plain: PlainResponse, resources: Heard['resources']): void {
  for (const name of plain.removed_resources ?? []) {
    if (resources.has(name)) throw new Error(`${name} is both sent and removed`);
  }
}

const withoutBody = ({ resources = [] }: PlainResponse) =>
  resources.filter(({ resource }) => resource === undefined);

/** An entry without a body says its own name as an alias, or Envoy refuses it. */
function absentName({ name, aliases }: { name?: string; aliases?: readonly string[] }): string {
  if (name === undefined || aliases?.join() !== name) throw new Error(`${String(name)}: no body`);
  return name;
}

/** What is put together of entries is no plain text, and does not say its name. */
function checkName(text: string, name: string, said: string | undefined): void {
  if (text.includes('=') && said !== name) throw new Error(`${name} is named ${String(said)}`);
}

/** A request as the tests spell it. */
export interface Spoken {
  readonly type_url: string;
  readonly nonce?: string;
  readonly version?: string;
  readonly error?: string;
  readonly names?: readonly string[];
  readonly unsubscribe?: readonly string[];
  readonly held?: Readonly<Record<string, string>>;
}

/** The bytes of a request on either wire. */
export function writeRequest(wire: Wire, spoken: Spoken): Uint8Array {
  const error =
    spoken.error === undefined ? {} : { error_detail: { code: 13, message: spoken.error } };
  const shared = { type_url: spoken.type_url, response_nonce: spoken.nonce ?? '', ...error };
  if (wire === 'sotw') {
    const type = root.lookupType('DiscoveryRequest');
    const message = {
      ...shared,
      version_info: spoken.version ?? '',
      resource_names: spoken.names ?? [],
    };
    return type.encode(type.fromObject(message)).finish();
  }
  const type = root.lookupType('DeltaDiscoveryRequest');
  const message = {
    ...shared,
    resource_names_subscribe: spoken.names ?? [],
    resource_names_unsubscribe: spoken.unsubscribe ?? [],
    initial_resource_versions: spoken.held ?? {},
  };
  return type.encode(type.fromObject(message)).finish();
}
