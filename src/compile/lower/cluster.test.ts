import { expect, test } from 'vitest';
import { parseFile, type NativeDocument } from '../../model/index.ts';
import { addressClusterName } from './address-cluster.ts';
import { lowerCluster } from './cluster.ts';
import { lowerEndpoints } from './endpoints.ts';

function cluster(endpoints: readonly string[]): NativeDocument<'Cluster'> {
  const list = endpoints.map((text) => `- ${text}\n`).join('');
  const { documents } = parseFile('c.yaml', `kind: Cluster\nname: app\nendpoints:\n${list}`);
  const [document] = documents;
  if (document?.kind !== 'Cluster') throw new Error('not a Cluster');
  return document;
}

test.each([
  [['10.0.0.1:80'], ['Cluster', 'ClusterLoadAssignment']],
  [['unix:/run/x.sock'], ['Cluster', 'ClusterLoadAssignment']],
  [['app.internal:80'], ['Cluster']],
  [['10.0.0.1:80', 'app.internal:80'], ['Cluster']],
])('endpoints %j make %j', (endpoints, want) => {
  const { lowered, findings } = lowerCluster(cluster(endpoints), null);
  expect(findings).toEqual([]);
  expect(lowered.map(({ type }) => type)).toEqual(want);
});

test('CDS-01 T-35 the order and number of endpoints never touch the bytes of the cluster', () => {
  const [one] = lowerCluster(cluster(['10.0.0.1:80']), null).lowered;
  const [other] = lowerCluster(cluster(['10.0.0.2:80', '10.0.0.1:80']), null).lowered;
  expect(other?.value).toEqual(one?.value);
});

test('localities and endpoints are sorted', () => {
  const texts = [
    '{address: "10.0.0.3:80", priority: 1}',
    '{address: "10.0.0.2:80", zone: b, region: r}',
    '10.0.0.9:80',
    '{address: "10.0.0.4:80", zone: a, region: r}',
    '10.0.0.1:80',
  ];
  const inOrder = (list: readonly string[]): unknown =>
    lowerEndpoints('app', cluster(list).value.endpoints ?? []);
  expect(inOrder([...texts].reverse())).toEqual(inOrder(texts));
  const localities = lowerEndpoints('app', cluster(texts).value.endpoints ?? []).endpoints ?? [];
  expect(localities.map(({ priority, locality }) => [priority ?? 0, locality?.zone ?? ''])).toEqual(
    [
      [0, ''],
      [0, 'a'],
      [0, 'b'],
      [1, ''],
    ],
  );
});

test.each([
  [1, 'addr:10.0.0.1:80'],
  [3, 'addr:10.0.0.1:80,10.0.0.2:80,10.0.0.3:80'],
  [30, /^addr:sha256-[0-9a-f]{16}$/],
] as const)('the name of a target of %i addresses', (count, want) => {
  const addresses = Array.from({ length: count }, (_, index) => ({
    kind: 'ip' as const,
    ip: `10.0.0.${index + 1}`,
    port: 80,
  }));
  const name = addressClusterName({ kind: 'addresses', addresses, tls: null, pointer: '' });
  if (typeof want === 'string') expect(name).toBe(want);
  else expect(name).toMatch(want);
  const reversed = [...addresses].reverse();
  expect(
    addressClusterName({ kind: 'addresses', addresses: reversed, tls: null, pointer: '' }),
  ).toBe(name);
});

test.each([
  ['', /^app$/],
  ['protocol: http2\n', /^app#[0-9a-f]{16}$/],
  ['tls: {sni: a.test}\n', /^app#[0-9a-f]{16}$/],
] as const)('T-36 the endpoint set of a cluster with %j', (more, want) => {
  expect(serviceOf(more)).toMatch(want);
});

test('T-36 each way to speak to endpoints has a set of its own, which its cluster names', () => {
  const ways = [
    ...['', 'protocol: http2\n', 'tls: {sni: a.test}\n', 'tls: {sni: b.test}\n'],
    ...['tls: {sni: a.test, trust: internal}\n', 'tls: {sni: a.test}\nprotocol: http2\n'],
  ];
  expect(new Set(ways.map(serviceOf)).size).toBe(ways.length);
  const [plain, tls] = ['', 'tls: {sni: a.test}\n'].map((more) =>
    lowerCluster(written(more), null),
  );
  expect(plain?.lowered[0]?.value['eds_cluster_config']).not.toHaveProperty('service_name');
  expect(tls?.lowered[0]?.value).toMatchObject({
    eds_cluster_config: { service_name: tls?.lowered[1]?.name },
  });
});

function serviceOf(more: string): string {
  const [, assignment] = lowerCluster(written(more), null).lowered;
  expect(assignment?.value).toMatchObject({ cluster_name: assignment?.name });
  return assignment?.name ?? '';
}

function written(more: string): NativeDocument<'Cluster'> {
  const text = `kind: Cluster\nname: app\nendpoints: ["10.0.0.1:80"]\n${more}`;
  const [document] = parseFile('c.yaml', text).documents;
  if (document?.kind !== 'Cluster') throw new Error('not a Cluster');
  return document;
}
