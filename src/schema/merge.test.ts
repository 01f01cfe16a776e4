import { expect, test } from 'vitest';
import { openGenerated } from '../../test/support/generated-schema.ts';
import type { JsonObject, Merged } from './index.ts';

const schema = openGenerated();
const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const LISTENER = 'envoy.config.listener.v3.Listener';
const ECHO = 'type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo';
const TCP = 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';

const merge = (message: string, base: JsonObject, ...layers: readonly JsonObject[]): Merged =>
  schema.merge(message, base, { layers });

interface Row {
  readonly name: string;
  readonly message?: string;
  readonly base: JsonObject;
  readonly layers: readonly JsonObject[];
  readonly want: JsonObject;
}

const ROWS: readonly Row[] = [
  {
    name: 'a scalar takes the place of another, in either spelling',
    base: { lb_policy: 'RANDOM', connect_timeout: '1s' },
    layers: [{ lbPolicy: 'MAGLEV' }],
    want: { lb_policy: 'MAGLEV', connect_timeout: '1s' },
  },
  {
    name: 'messages merge',
    base: { common_lb_config: { healthy_panic_threshold: { value: 1 } } },
    layers: [{ common_lb_config: { update_merge_window: '1s' } }],
    want: {
      common_lb_config: { healthy_panic_threshold: { value: 1 }, update_merge_window: '1s' },
    },
  },
  {
    name: 'a member of a oneof takes the place of another',
    base: { type: 'EDS', name: 'a' },
    layers: [{ cluster_type: { name: 'x' } }],
    want: { name: 'a', cluster_type: { name: 'x' } },
  },
  {
    name: 'lists without names are replaced',
    base: { dns_resolvers: [{ pipe: {} }, {}] },
    layers: [{ dns_resolvers: [{ socket_address: {} }] }],
    want: { dns_resolvers: [{ socket_address: {} }] },
  },
  {
    name: 'lists with names merge by name, and what is new goes to the end',
    message: LISTENER,
    base: { filter_chains: [{ name: 'a' }, { name: 'b' }] },
    layers: [{ filter_chains: [{ name: 'c' }, { name: 'b', filters: [] }] }],
    want: { filter_chains: [{ name: 'a' }, { name: 'b', filters: [] }, { name: 'c' }] },
  },
  {
    name: 'what has no name merges with what has none',
    message: LISTENER,
    base: { filter_chains: [{ filters: [{ name: 'last', typed_config: { '@type': ECHO } }] }] },
    layers: [{ filter_chains: [{ filters: [{ name: 'new', typed_config: { '@type': ECHO } }] }] }],
    want: {
      filter_chains: [
        {
          filters: [
            { name: 'new', typed_config: { '@type': ECHO } },
            { name: 'last', typed_config: { '@type': ECHO } },
          ],
        },
      ],
    },
  },
  {
    name: 'an Any merges, its type being what it is',
    message: LISTENER,
    base: {
      filter_chains: [
        { filters: [{ name: 't', typed_config: { '@type': TCP, stat_prefix: 'a' } }] },
      ],
    },
    layers: [
      { filter_chains: [{ filters: [{ name: 't', typed_config: { idle_timeout: '1s' } }] }] },
    ],
    want: {
      filter_chains: [
        {
          filters: [
            { name: 't', typed_config: { '@type': TCP, stat_prefix: 'a', idle_timeout: '1s' } },
          ],
        },
      ],
    },
  },
  {
    name: 'maps and structs merge by key',
    base: { metadata: { filter_metadata: { a: { x: 1, y: { p: 1 } } } } },
    layers: [{ metadata: { filter_metadata: { a: { y: { q: 2 } }, b: {} } } }],
    want: { metadata: { filter_metadata: { a: { x: 1, y: { p: 1, q: 2 } }, b: {} } } },
  },
  {
    name: 'two layers that touch different things',
    base: {},
    layers: [{ lb_policy: 'RANDOM' }, { connect_timeout: '1s', common_lb_config: {} }],
    want: { lb_policy: 'RANDOM', connect_timeout: '1s', common_lb_config: {} },
  },
  {
    name: 'what no field is called stays',
    base: {},
    layers: [{ lb_polcy: 'RANDOM' }],
    want: { lb_polcy: 'RANDOM' },
  },
];

test.each(ROWS)('$name', ({ message = CLUSTER, base, layers, want }) => {
  const before = JSON.stringify(base);
  const merged = merge(message, base, ...layers);
  expect(merged.problems).toEqual([]);
  expect(merged.value).toEqual(want);
  expect(JSON.stringify(base)).toBe(before);
});

test.each<[string, JsonObject, readonly JsonObject[], string, number]>([
  ['one field twice', {}, [{ lb_policy: 'RANDOM' }, { lbPolicy: 'RANDOM' }], '/lbPolicy', 1],
  ['two members of a oneof', {}, [{ type: 'EDS' }, { cluster_type: {} }], '/cluster_type', 1],
  ['one list twice', {}, [{ dns_resolvers: [] }, { dns_resolvers: [{}] }], '/dns_resolvers', 1],
  [
    'another type',
    { transport_socket: { name: 't', typed_config: { '@type': ECHO } } },
    [{ transport_socket: { typed_config: { '@type': TCP } } }],
    '/transport_socket/typed_config/@type',
    0,
  ],
])('a problem: %s', (_, base, layers, pointer, layer) => {
  const { problems } = merge(CLUSTER, base, ...layers);
  expect(problems.map((one) => [one.pointer, one.layer])).toEqual([[pointer, layer]]);
});

test('names that stand twice tell nothing apart', () => {
  const base = { filter_chains: [{ name: 'a' }, { name: 'a' }] };
  const { problems, value } = merge(LISTENER, base, {
    filter_chains: [{ name: 'a', filters: [] }],
  });
  expect(problems.map(({ pointer }) => pointer)).toEqual(['/filter_chains/0']);
  expect(value).toEqual(base);
});

test('what a guard refuses is not set', () => {
  const layers = [{ name: 'b', lb_policy: 'RANDOM' }];
  const guard = ({ field }: { readonly field: string }): string | null =>
    field === 'name' ? 'no' : null;
  const { value, problems } = schema.merge(CLUSTER, { name: 'a' }, { layers, guard });
  expect(value).toEqual({ name: 'a', lb_policy: 'RANDOM' });
  expect(problems).toEqual([{ layer: 0, pointer: '/name', message: 'no' }]);
});

test('places are those of the layer that says it', () => {
  const base = { filter_chains: [{ name: 'a' }, { name: 'b' }] };
  const { places } = merge(LISTENER, base, {
    filterChains: [{ name: 'b', filters: [{ name: 'x' }] }],
  });
  expect(places.get('/filter_chains/1')).toMatchObject({
    pointer: '/filterChains/0',
    isWhole: false,
  });
  expect(places.get('/filter_chains/1/filters/0')?.pointer).toBe('/filterChains/0/filters/0');
  expect(places.get('/filter_chains')?.pointer).toBe('/filterChains');
  expect(places.get('/filter_chains/0')).toBeUndefined();
});

test('a type is at the layer that brings it, and at none where it was there', () => {
  const patch = { transportSocket: { name: 't', typedConfig: { '@type': ECHO } } };
  const at = '/transport_socket/typed_config/@type';
  const pointer = '/transportSocket/typedConfig/@type';
  const says = { transport_socket: { name: 't' } };
  expect(merge(CLUSTER, says, patch).places.get(at)).toEqual({ layer: 0, pointer, isWhole: true });
  const second = merge(CLUSTER, {}, { transport_socket: { typed_config: {} } }, patch);
  expect(second.places.get(at)).toMatchObject({ layer: 1, pointer });
  const there = { transport_socket: { name: 't', typed_config: { '@type': ECHO } } };
  expect(merge(CLUSTER, there, patch).places.get(at)).toBeUndefined();
});
