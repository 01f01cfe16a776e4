import { expect, test } from 'vitest';
import { groupName, mono } from '../../base/index.ts';
import {
  applyDelta,
  createInterner,
  type Group,
  type Resource,
  type TypeId,
  typeRow,
} from '../../snapshot/index.ts';
import { decodeRequest, type Request } from '../../xds/index.ts';
import {
  type Ask,
  cluster,
  open,
  request,
  revisionOf,
  type Scene,
  SOTW,
} from '../../../test/support/registry-rig.ts';
import { emptyDelta } from '../../../test/support/empty-delta.ts';
import type { Via } from '../metrics/metrics.ts';
import type { Fetched } from './fetch.ts';

function decoded(ask: Ask): Request {
  const found = decodeRequest('sotw', request(SOTW, ask), { withNode: true });
  if (!found.ok) throw new Error(found.why);
  return found.request;
}

/** What a client of a few lines keeps: the version that it names next. */
function clientOf(
  { registry }: Pick<Scene, 'registry'>,
  scope: TypeId,
  via: Via = 'rest',
  id = 'n',
) {
  let held: string | undefined;
  const typeUrl = typeRow(scope).url;
  return {
    ask: (ask: Ask = {}): string => {
      const of = { id, typeUrl, ...(held === undefined ? {} : { held }), ...ask };
      const fetched = registry.fetch.ask(decoded(of), { via, scope, peer: 'test' });
      if (fetched.kind === 'answer') held = fetched.version;
      return textOf(fetched);
    },
  };
}

const textOf = (fetched: Fetched): string => {
  if (fetched.kind === 'answer') return fetched.resources.map(({ name }) => name).join(' ');
  return fetched.kind === 'refused' ? `${fetched.code} ${fetched.message}` : fetched.kind;
};

const wellFrom = (at: { ms: number }) => open({ now: () => mono(at.ms), wall: () => at.ms });

test.each<[string, Ask, RegExp]>([
  ['TRN-05 no node', {}, /^INVALID_ARGUMENT NODE_REQUIRED/],
  ['TRN-05 a node without an id', { id: '' }, /^INVALID_ARGUMENT NODE_REQUIRED/],
  ['TRN-06 another type', { id: 'n', typeUrl: 'x' }, /^INVALID_ARGUMENT TYPE_MISMATCH/],
])('(fetch) (rest) %s is refused', async (_what, ask, want) => {
  const { registry, troubles, metric } = open();
  registry.publish(revisionOf('r1', '1'));
  for (const via of ['grpc', 'rest'] as const) {
    const asked = { via, scope: 'Cluster', peer: 'test' } as const;
    expect(textOf(registry.fetch.ask(decoded(ask), asked))).toMatch(want);
    expect(await metric(`helve_fetch_total{via="${via}",type="Cluster",answer="refused"}`)).toMatch(
      / 1$/,
    );
  }
  expect(troubles).toHaveLength(2);
  registry.close();
});

test('TRN-01 (fetch) each request is answered whole, by names or all, also with nothing', () => {
  const scene = open();
  const { registry } = scene;
  const clusters = clientOf(scene, 'Cluster', 'grpc');
  expect(clusters.ask()).toMatch(/^UNAVAILABLE/);
  registry.publish(revisionOf('r1', '1', [], ['a', 'b']));
  expect(clusters.ask()).toBe('a b');
  expect(clusters.ask()).toBe('a b');
  expect(clusters.ask({ names: ['*'] })).toBe('a b');
  expect(clusters.ask({ names: ['b', 'c'] })).toBe('b');
  expect(clusters.ask({ typeUrl: '' })).toBe('a b');
  expect(clientOf(scene, 'RouteConfiguration', 'grpc').ask({ names: ['r'] })).toBe('');
  expect(registry.nodes()).toEqual([]);
  registry.close();
});

test('REST-03 REST-04 (rest) what is there already is unchanged, at once', () => {
  const scene = open();
  const clusters = clientOf(scene, 'Cluster');
  scene.registry.publish(revisionOf('r1', '1'));
  expect(clusters.ask()).toBe('a');
  expect(clusters.ask()).toBe('unchanged');
  scene.registry.publish(revisionOf('r2', '2'));
  expect(clusters.ask()).toBe('a');
  expect(clusters.ask()).toBe('unchanged');
  // Other names are another subscription, with a version of its own.
  expect(clusters.ask({ names: ['none'] })).toBe('');
  expect(clusters.ask({ names: ['none'] })).toBe('unchanged');
  scene.registry.close();
});

test('REST-06 (rest) two servers with the same documents answer with the same versions', () => {
  const scenes = [open(), open()];
  const versions = scenes.map(({ registry }, at) => {
    // They came there on different ways.
    if (at === 1) registry.publish(revisionOf('r0', '0', [], ['b', 'a']));
    registry.publish(revisionOf(`r${at + 1}`, '1', [], ['b', 'a']));
    const asked = { via: 'rest', scope: 'Cluster', peer: 'test' } as const;
    const fetched = registry.fetch.ask(decoded({ id: 'n' }), asked);
    registry.close();
    return fetched.kind === 'answer' ? fetched.version : fetched.kind;
  });
  expect(new Set(versions).size).toBe(1);
});

test('(rest) what was removed stays until what led to it is replaced, then goes', () => {
  const at = { ms: 0 };
  const scene = wellFrom(at);
  const clusters = clientOf(scene, 'Cluster');
  const fresh = clientOf(scene, 'Cluster', 'rest', 'fresh');
  scene.registry.publish(revisionOf('r1', '1', [], ['old']));
  expect(clusters.ask()).toBe('old');
  scene.registry.publish(revisionOf('r2', '1', [], ['new']));
  expect(clusters.ask()).toBe('new old');
  expect(clusters.ask()).toBe('unchanged');
  expect(fresh.ask()).toBe('new');
  expect(fresh.ask()).toBe('unchanged');
  at.ms = 40_000;
  expect(clusters.ask()).toBe('new');
  expect(clusters.ask()).toBe('unchanged');
  scene.registry.close();
});

test.each<[string, Via]>([
  ['rest', 'rest'],
  ['fetch', 'grpc'],
])('REST-05 (%s) only the versions that it has seen are told of a node that polls', (_, via) => {
  const scene = open();
  const { registry } = scene;
  const clusters = clientOf(scene, 'Cluster', via);
  registry.publish(revisionOf('r1', '1'));
  clusters.ask();
  const polled = () =>
    registry.fetch
      .polls()
      .map(({ node, types }) => [
        node.id,
        types.map((of) => [of.type, of.seen !== '', of.isCurrent]),
      ]);
  expect(polled()).toEqual([['n', [['Cluster', false, false]]]]);
  clusters.ask();
  expect(polled()).toEqual([['n', [['Cluster', true, true]]]]);
  expect(registry.fetch.polls().map((view) => view.via)).toEqual([via]);
  expect(registry.nodes()).toEqual([]);
  registry.close();
});

test('(fetch) (rest) a node that is too old for its group gets nothing, and is told why', () => {
  const group: Group = { name: groupName('edge'), match: { id: 'n' }, envoy: '1.40' };
  const scene = open();
  scene.registry.publish(revisionOf('r1', '1', [group]));
  for (const via of ['grpc', 'rest'] as const) {
    const client = clientOf(scene, 'Cluster', via);
    expect(client.ask({ envoy: [1, 39] })).toMatch(/^UNAVAILABLE NODE_VERSION: .*upgrade/);
    expect(client.ask({ envoy: [1, 40] })).toBe('a');
  }
  scene.registry.close();
});

test('(fetch) (rest) a flood is refused for a while, and streams are not', async () => {
  const at = { ms: 0 };
  const clock = { now: () => mono(at.ms), wall: () => at.ms };
  const scene = open({ ...clock, fetchesBurstMax: 2 });
  scene.registry.publish(revisionOf('r1', '1'));
  const unary = clientOf(scene, 'Cluster', 'grpc');
  const rest = clientOf(scene, 'Cluster');
  expect([unary.ask(), rest.ask()]).toEqual(['a', 'a']);
  expect(unary.ask()).toMatch(/^UNAVAILABLE too many requests/);
  expect(rest.ask()).toMatch(/^UNAVAILABLE too many requests/);
  const stream = scene.connect(SOTW);
  stream.onMessage(request(SOTW, { id: 'n' }));
  expect(stream.sent).toHaveLength(1);
  at.ms = 1_000;
  expect(rest.ask()).toBe('unchanged');
  expect(
    await scene.metric('helve_fetch_total{via="grpc",type="Cluster",answer="refused"}'),
  ).toMatch(/ 1$/);
  scene.registry.close();
});

test('(fetch) (rest) nothing is answered once the server ends', async () => {
  const scene = open();
  scene.registry.publish(revisionOf('r1', '1'));
  await scene.registry.drain(0);
  expect(clientOf(scene, 'Cluster', 'grpc').ask()).toMatch(/^UNAVAILABLE/);
  expect(clientOf(scene, 'Cluster').ask()).toMatch(/^UNAVAILABLE/);
  scene.registry.close();
});

test('(fetch) (rest) what a node cannot take is left out, and when it asks again too', () => {
  const { registry } = open();
  const type = 'Listener' as const;
  const plain: Resource = { ...cluster('plain', '1'), type };
  const traits = { ...plain.traits, extensions: [{ type: 'envoy.x.Golang' }] };
  const put = [plain, { ...cluster('golang', '1'), type, traits }];
  const versions = put.map(({ name, version }) => [name, version] as const);
  registry.publish(
    applyDelta(createInterner(), null, {
      ...emptyDelta('r1'),
      ...{ put, changes: [{ view: '' as const, type, put: versions, removed: [] }] },
    }),
  );
  const lds = typeRow(type).url;
  const envoy = clientOf({ registry }, type);
  expect(envoy.ask({ typeUrl: lds, builtin: ['envoy.x.Http'] })).toBe('plain');
  expect(envoy.ask({ typeUrl: lds, builtin: ['envoy.x.Http'] })).toBe('unchanged');
  registry.close();
});
