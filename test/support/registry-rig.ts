import { Writer } from 'protobufjs/minimal.js';
import { mono, version } from '../../src/base/index.ts';
import type { Fact } from '../../src/delivery/index.ts';
import {
  applyDelta,
  createInterner,
  type Group,
  NO_TRAITS,
  type Resource,
  type Revision,
  typeRow,
} from '../../src/snapshot/index.ts';
import { emptyDelta } from './empty-delta.ts';
import { createMetrics } from '../../src/server/metrics/metrics.ts';
import type { Method } from '../../src/server/transport/methods.ts';
import { METHODS } from '../../src/server/transport/methods.ts';
import type { StreamListener, TransportStream } from '../../src/server/transport/transport.ts';
import type { NodeView } from '../../src/server/registry/node-view.ts';
import { createRegistry } from '../../src/server/registry/registry.ts';
import type { Registry, RegistryOptions } from '../../src/server/registry/types.ts';

export const [SOTW, DELTA] = METHODS;
export const CDS = typeRow('Cluster').url;
const interner = createInterner();

export const cluster = (name: string, at: string): Resource => ({
  type: 'Cluster',
  name,
  version: version(at),
  bytes: Buffer.from(`${name}${at}`),
  refs: [],
  parts: [],
  secret: false,
  traits: NO_TRAITS,
});

export function revisionOf(
  id: string,
  at: string,
  groups: readonly Group[] = [],
  names: readonly string[] = ['a'],
): Revision {
  const put = names.map((name) => cluster(name, at));
  const views = ['' as const, ...groups.map(({ name }) => name)];
  return applyDelta(interner, null, {
    ...emptyDelta(id),
    settings: { drainTimeMs: 600_000 },
    groups,
    views,
    put,
    changes: views.map((view) => {
      const versions = put.map(({ name, version: v }) => [name, v] as const);
      return { view, type: 'Cluster', put: versions, removed: [] };
    }),
  });
}

/** Endpoints of these clusters, for nodes of no group. */
export function endpointsOf(id: string, names: readonly string[]): Revision {
  const type = 'ClusterLoadAssignment' as const;
  const put = names.map((name): Resource => ({ ...cluster(name, '1'), type }));
  const versions = put.map(({ name, version: v }) => [name, v] as const);
  return applyDelta(interner, null, {
    ...emptyDelta(id),
    settings: { drainTimeMs: 600_000 },
    views: [''],
    put,
    changes: [{ view: '', type, put: versions, removed: [] }],
  });
}

/** `envoy:` of helve.yaml in it. */
export const floored = (revision: Revision, envoy: string): Revision => ({
  ...revision,
  settings: { ...revision.settings, envoy },
});

export interface Ask {
  readonly id?: string;
  readonly typeUrl?: string;
  readonly names?: readonly string[];
  readonly envoy?: readonly [major: number, minor: number];
  /** Messages of the extensions that it has built in. */
  readonly builtin?: readonly string[];
  /** SotW: what an earlier stream acknowledged last. */
  readonly held?: string;
  /** Of a response, where this answers one. */
  readonly nonce?: string;
}

/** A first request, SotW or delta: node, names and type have their fields in different places. */
export function request(
  method: Method | undefined,
  { id, typeUrl = CDS, names = [], envoy, held, nonce, builtin = [] }: Ask,
) {
  const isSotw = method?.wire === 'sotw';
  const writer = Writer.create();
  if (held !== undefined) writer.uint32(10).string(held);
  if (id !== undefined) {
    writer.uint32(isSotw ? 18 : 10).fork();
    writer.uint32(10).string(id);
    if (envoy !== undefined) {
      // user_agent_build_version (8) { version (1) { major_number (1), minor_number (2) } }
      writer.uint32(66).fork().uint32(10).fork();
      writer.uint32(8).uint32(envoy[0]).uint32(16).uint32(envoy[1]);
      writer.ldelim().ldelim();
    }
    // extensions (9) { type_urls (6) }
    for (const type of builtin) writer.uint32(74).fork().uint32(50).string(type).ldelim();
    writer.ldelim();
  }
  for (const name of names) writer.uint32(26).string(name);
  writer.uint32(isSotw ? 34 : 18).string(typeUrl);
  if (nonce !== undefined) writer.uint32(isSotw ? 42 : 50).string(nonce);
  return writer.finish();
}

/** Field 5, a short string at the end. */
export function nonceOf(message: Uint8Array | undefined): string {
  const response = Buffer.from(message ?? []);
  return response.subarray(response.lastIndexOf(0x2a) + 2).toString();
}

/** Only its nonce is needed to acknowledge. */
export function acknowledge(stream: Stream): void {
  const nonce = nonceOf(stream.sent[0]);
  stream.onMessage(Writer.create().uint32(18).string(CDS).uint32(50).string(nonce).finish());
}

export interface Stream extends StreamListener {
  readonly sent: Uint8Array[];
  readonly ended: string[];
}

export interface Scene {
  readonly registry: Registry;
  readonly facts: Fact[];
  readonly joined: NodeView[];
  readonly tooOld: NodeView[];
  readonly lacking: NodeView[];
  readonly troubles: string[];
  readonly metric: (name: string) => Promise<string | undefined>;
  readonly connect: (method?: Method, send?: TransportStream['send']) => Stream;
}

export function open(options: Partial<RegistryOptions> = {}): Scene {
  const metrics = createMetrics(() => 0);
  const scene = {
    facts: [] as Fact[],
    joined: [] as NodeView[],
    tooOld: [] as NodeView[],
    lacking: [] as NodeView[],
    troubles: [] as string[],
  };
  const registry = createRegistry({
    now: () => mono(0),
    wall: () => 0,
    metrics,
    onFacts: (facts) => scene.facts.push(...facts),
    onJoined: (view) => scene.joined.push(view),
    onTooOld: (view) => scene.tooOld.push(view),
    onLacking: (view) => scene.lacking.push(view),
    onLeft: () => undefined,
    onTrouble: (_peer, message) => scene.troubles.push(message),
    ...options,
  });
  const metric = async (name: string): Promise<string | undefined> =>
    (await metrics.text()).text.split('\n').find((line) => line.startsWith(name));
  const connect = (method = DELTA, send?: TransportStream['send']): Stream => {
    if (method === undefined) throw new Error('no method');
    const sent: Uint8Array[] = [];
    const ended: string[] = [];
    const listener = registry.accept(
      {
        peer: 'test',
        send: send ?? ((body, tail) => sent.push(Buffer.concat([body, tail ?? Buffer.of()])) > 0),
        end: (code, message) => ended.push(`${code} ${message}`),
      },
      method,
    );
    return { ...listener, sent, ended };
  };
  return { registry, metric, connect, ...scene };
}
