import { Writer } from 'protobufjs/minimal.js';
import { expect } from 'vitest';
import { mono } from '../../src/base/index.ts';
import {
  applyDelta,
  createInterner,
  TYPES,
  typeRow,
  type TypeId,
} from '../../src/snapshot/index.ts';
import type { Registry } from '../../src/server/registry/types.ts';
import { METHODS } from '../../src/server/transport/methods.ts';
import { decodeRequest, frameOf, type Wire } from '../../src/xds/index.ts';
import { readResponse, writeRequest, type Spoken } from '../protocol/support/messages.ts';
import { parseWorld } from '../protocol/support/world.ts';
import { emptyDelta } from './empty-delta.ts';
import { open as openRegistry, request, SOTW } from './registry-rig.ts';

const interner = createInterner();

/** One node with streams of its own for some types, and one for the rest. */
export function openNode(wire: Wire) {
  let now = 1_000_000;
  const { registry, connect } = openRegistry({ now: () => mono(now), wall: () => now });
  let revisions = 0;
  /** Answers once every stream has been given it. */
  const publish = async (text: string): Promise<void> => {
    revisions += 1;
    const id = `r${revisions}`;
    const put = parseWorld(text);
    registry.publish(
      applyDelta(interner, null, {
        ...emptyDelta(id),
        put,
        changes: TYPES.map(({ id }) => {
          const ofType = put.filter(({ type }) => type === id);
          const versions = ofType.map(({ name, version }) => [name, version] as const);
          return { view: '' as const, type: id, put: versions, removed: [] };
        }),
      }),
    );
    const given = () => registry.nodes().map(({ report }) => report?.revision);
    await expect.poll(() => given().every((revision) => revision === id)).toBe(true);
  };
  const stream = (scope: TypeId | null) => {
    const method = METHODS.find((one) => one.wire === wire && one.scope === scope);
    const client = connect(method);
    const { sent } = client;
    let isFirst = true;
    let read = 0;
    const say = (type: TypeId, words: Omit<Spoken, 'type_url'>): void => {
      const request = writeRequest(wire, { type_url: typeRow(type).url, ...words });
      const node = Writer.create()
        .uint32(wire === 'sotw' ? 18 : 10)
        .fork()
        .uint32(10)
        .string('n1')
        .ldelim();
      client.onMessage(isFirst ? Buffer.concat([node.finish(), request]) : request);
      isFirst = false;
    };
    /** What has come since the last look: `name=content`, `-name` where it is gone. */
    const hear = (): readonly string[] => {
      const heard = sent.slice(read).map((message) => readResponse(wire, message));
      read = sent.length;
      return heard.flatMap(({ resources, removed }) => [
        ...[...resources].map(([name, content]) => `${name}=${content}`),
        ...removed.map((name) => `-${name}`),
      ]);
    };
    const answer = (type: TypeId, error?: string, names?: readonly string[]): void => {
      const [last] = sent.slice(-1).map((message) => readResponse(wire, message));
      const nacked = error === undefined ? {} : { error };
      const asked = wire === 'sotw' && names !== undefined ? { names } : {};
      const version = error === undefined ? (last?.version ?? '') : '';
      say(type, { nonce: last?.nonce ?? '', version, ...nacked, ...asked });
    };
    /** Asks for names, accepts what comes, and returns it. */
    const subscribe = (type: TypeId, names: readonly string[]): readonly string[] => {
      say(type, { names });
      const heard = hear();
      answer(type, undefined, names);
      return heard;
    };
    return { say, hear, answer, subscribe, close: () => client.onClosed() };
  };
  const poller = (type: TypeId) => pollerOf(registry, type);
  const pass = (ms: number): void => void (now += ms);
  return { publish, stream, poller, pass, close: () => registry.close() };
}

/** What comes over REST, as `hear` has it; or why nothing comes. */
function pollerOf(registry: Registry, type: TypeId): () => readonly string[] {
  let held = '';
  return () => {
    const asked = request(SOTW, { id: 'n1', typeUrl: typeRow(type).url, held });
    const decoded = decodeRequest('sotw', asked, { withNode: true });
    if (!decoded.ok) throw new Error(decoded.why);
    const on = { via: 'rest', scope: type, peer: 'test' } as const;
    const fetched = registry.fetch.ask(decoded.request, on);
    if (fetched.kind !== 'answer') return [fetched.kind];
    const { version, resources } = fetched;
    held = version;
    const { body } = frameOf('sotw', typeRow(type), { version, resources, removed: [] });
    const heard = readResponse('sotw', body).resources;
    return [...heard].map(([name, content]) => `${name}=${content}`);
  };
}
