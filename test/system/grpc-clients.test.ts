import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { plainClient } from '../support/grpc-client.ts';
import { grpcProcess, spawnGrpcio, writeGrpcBootstrap } from './support/grpcio-process.ts';
import { listenerText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { until } from './support/until.ts';
import { startWhoServer } from './support/who-server.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const FILE = (path: string): string =>
  fileURLToPath(new URL(`../clients/${path}`, import.meta.url));

interface Kind {
  readonly name: string;
  readonly start: (env: NodeJS.ProcessEnv) => Promise<ChildProcess>;
}

/** A balancer of an application's own, which this one has not; helve cannot know that. */
const REFUSED = `load_balancing_policy:
      policies:
        - typed_extension_config:
            name: own
            typed_config:
              "@type": type.googleapis.com/xds.type.v3.TypedStruct
              type_url: type.googleapis.com/own.Policy`;

const ROUND_ROBIN = 'lb_policy: ROUND_ROBIN';

/** Load is reported to the server that sent the cluster. */
const TO_SELF = 'lrs_server: { self: {} }';

const GROUPS = `kind: NodeGroup
name: grpc
match: { userAgent: "gRPC*" }
---
kind: NodeGroup
name: envoys
match: { userAgent: envoy }
`;

const KINDS: readonly Kind[] = [
  {
    name: '@grpc/grpc-js-xds',
    start: (env) =>
      Promise.resolve(spawn(process.execPath, [FILE('grpc-js-client.mjs'), 'xds:///who'], { env })),
  },
  {
    name: 'grpcio',
    start: (env) => spawnGrpcio('grpcio_client.py', ['xds:///who'], env),
  },
];

test.each(KINDS)(
  'GRPC-01 GRPC-03 GRPC-09 GRPC-10 $name resolves and calls through helve (sotw), follows an edit, refuses and recovers',
  async ({ start }) => {
    const rig = await createRig();
    closers.push(() => rig.close());
    const [one, two] = [await startServer('one'), await startServer('two')];
    await rig.write('who.yaml', resources({ port: one }));
    await rig.write('groups.yaml', GROUPS);
    await rig.startHelve();
    await rig.helve.ready();
    const client = await connect(rig, start);

    expect(await client.call()).toBe('one');
    await rig.write('who.yaml', resources({ port: two }));
    await until('calls go to the new address', async () =>
      (await client.call()) === 'two' ? true : null,
    );
    await until('what was sent is acknowledged', async () => {
      const [node] = await rig.helve.nodes();
      return node?.inStep === true ? true : null;
    });
    expect((await rig.helve.nodes())[0]?.groups).toEqual(['grpc']);

    await rig.write('who.yaml', resources({ port: two, cluster: REFUSED }));
    const refusal = await until('the client has refused the cluster', async () => {
      const [node] = await rig.helve.nodes();
      const clusters = node?.types.find(({ type }) => type === 'CDS');
      return clusters !== undefined && clusters.nacked !== '' ? clusters : null;
    });
    expect(refusal.error).not.toBe('');
    expect(refusal.rejected.flatMap(({ origins }) => origins).map(({ file }) => file)).toContain(
      'who.yaml',
    );
    expect(await client.call()).toBe('two');

    await rig.write('who.yaml', resources({ port: one }));
    await until('calls go where the good edit says', async () =>
      (await client.call()) === 'one' ? true : null,
    );
  },
);

const CSDS = 'envoy.service.status.v3.ClientStatusDiscoveryService';

/** Of the one client that is asked about, or that is asked: versions by name. */
async function versionsAt(address: string, field: string): Promise<ReadonlyMap<string, string>> {
  const client = plainClient(address, 'csds', CSDS);
  try {
    const found = await client.call('FetchClientStatus', {});
    if (typeof found === 'number') throw new Error(`status ${String(found)}`);
    const { config = [] } = found as {
      readonly config?: readonly {
        readonly generic_xds_configs?: readonly Readonly<Record<string, string>>[];
      }[];
    };
    return new Map(
      (config[0]?.generic_xds_configs ?? []).map((one) => [
        `${one['type_url'] ?? ''} ${one['name'] ?? ''} ${String(one[field])}`,
        one['version_info'] ?? '',
      ]),
    );
  } finally {
    client.close();
  }
}

test('LRS-04 CSDS-04 grpcio reports its load to who sent the cluster, and says what it has', async () => {
  const rig = await createRig();
  closers.push(() => rig.close());
  const port = await startServer('one');
  await rig.write('who.yaml', resources({ port, cluster: `${ROUND_ROBIN}\n    ${TO_SELF}` }));
  await rig.startHelve(['--load-interval', '1']);
  await rig.helve.ready();
  const [, grpcio] = KINDS;
  if (grpcio === undefined) throw new Error('there is no grpcio');
  const client = await connect(rig, grpcio.start);
  for (let time = 0; time < 5; time += 1) expect(await client.call()).toBe('one');
  const load = await until('it has reported five calls', async () => {
    const [node] = await rig.helve.nodes();
    const [locality] = node?.load?.localities ?? [];
    return locality?.successes === 5 ? locality : null;
  });
  expect(load).toMatchObject({ cluster: 'who', region: 'r', zone: 'z', errors: 0 });
  await rig.inStep();

  const own = await versionsAt(await client.statusAddress(), 'client_status');
  const told = await versionsAt(rig.xds, 'config_status');
  const ACKED = '3';
  const namesOf = (found: ReadonlyMap<string, string>): readonly string[] =>
    [...found.keys()].map((key) => key.split(' ').slice(0, 2).join(' ')).sort();
  expect(namesOf(own)).toEqual(namesOf(told));
  expect(own.size).toBe(4);
  expect([...own.keys()].every((key) => key.endsWith(` ${ACKED}`))).toBe(true);
  expect([...told.keys()].every((key) => key.endsWith(' SYNCED'))).toBe(true);
});

test('GRPC-02 an Envoy that asks for all listeners gets none that is for gRPC clients', async () => {
  const rig = await createRig();
  closers.push(() => rig.close());
  await rig.write('who.yaml', resources({ port: await startServer('one') }));
  await rig.write('web.yaml', `${listenerText('web', await freePort())}to: 127.0.0.1:1\n`);
  await rig.startHelve();
  await rig.helve.ready();
  await rig.startEnvoy();
  await rig.inStep();
  const [node] = await rig.helve.nodes();
  expect(node?.types.find(({ type }) => type === 'LDS')?.subscribed).toBe(1);
});

async function connect(rig: Rig, start: Kind['start']) {
  const bootstrap = await writeGrpcBootstrap(rig.root, rig.xds);
  const client = grpcProcess(await start({ ...process.env, GRPC_XDS_BOOTSTRAP: bootstrap }));
  closers.push(() => client.close());
  return {
    call: () => client.ask('call'),
    /** Where it can be asked what it has. */
    statusAddress: () => client.ask('status'),
  };
}

/** A gRPC server that says its name; answers with its port. */
async function startServer(name: string): Promise<number> {
  const server = await startWhoServer(name);
  closers.push(() => {
    server.close();
  });
  return server.port;
}

const resources = ({ port, cluster = ROUND_ROBIN }: { port: number; cluster?: string }) => `
resources:
  - "@type": type.googleapis.com/envoy.config.listener.v3.Listener
    name: who
    api_listener:
      api_listener:
        "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
        stat_prefix: who
        rds: { route_config_name: who, config_source: { ads: {} } }
        http_filters:
          - name: router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
    name: who
    virtual_hosts:
      - { name: all, domains: ["*"], routes: [{ match: { prefix: "" }, route: { cluster: who } }] }
  - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
    name: who
    type: EDS
    ${cluster}
    eds_cluster_config: { eds_config: { ads: {} } }
  - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
    cluster_name: who
    endpoints:
      - locality: { region: r, zone: z }
        load_balancing_weight: 1
        lb_endpoints:
          - endpoint:
              address: { socket_address: { address: 127.0.0.1, port_value: ${port} } }
`;
