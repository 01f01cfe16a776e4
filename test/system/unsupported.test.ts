import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  ensureEnvoy,
  launchEnvoy,
  makeBootstrap,
  readPins,
  type RunningEnvoy,
} from '../../src/envoy/index.ts';
import { compareReleases } from '../../src/schema/index.ts';
import {
  createInterner,
  type Extensions,
  lackingOf,
  type Resource,
  TYPES,
} from '../../src/snapshot/index.ts';
import { compileCase, goldenCases } from '../golden/golden-case.ts';
import { cluster, compiled } from '../support/raw-resources.ts';
import { CLUSTER_CASES, LISTENER_CASES, samplesOf } from '../support/raw-samples.ts';
import { clusterText, listenerText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { refusals } from './support/steady.ts';
import { until } from './support/until.ts';

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

const open = async (): Promise<Rig> => {
  const rig = await createRig();
  rigs.push(rig);
  return rig;
};

const TYPES_OF = 'type.googleapis.com/envoy';
const GOLANG = 'envoy.extensions.filters.http.golang.v3alpha.Config';

/** A filter that only builds with `contrib` have. */
const golang = `
          - name: golang
            typed_config:
              "@type": type.googleapis.com/xds.type.v3.TypedStruct
              type_url: type.googleapis.com/${GOLANG}
              value: {library_id: simple, library_path: /lib/simple.so, plugin_name: simple}`;

const web = (port: number, to: string, filters = ''): string => `resources:
- "@type": ${TYPES_OF}.config.listener.v3.Listener
  name: web
  address: {socket_address: {address: 127.0.0.1, port_value: ${port}}}
  filter_chains:
  - filters:
    - name: http
      typed_config:
        "@type": ${TYPES_OF}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
        stat_prefix: web
        rds: {route_config_name: main, config_source: {ads: {}}}
        http_filters:${filters}
          - name: router
            typed_config: {"@type": ${TYPES_OF}.extensions.filters.http.router.v3.Router}
- "@type": ${TYPES_OF}.config.route.v3.RouteConfiguration
  name: main
  virtual_hosts:
  - name: all
    domains: ["*"]
    routes: [{match: {prefix: /}, route: {cluster: ${to}}}]
`;

const answerAt = async (port: number): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}/`)).headers.get('x-upstream') ?? '';

test.each<Wire>(['delta', 'sotw'])(
  'an Envoy is not sent the listener that its build cannot take, serves on, and is shown (%s)',
  async (wire) => {
    const rig = await open();
    const [a, b] = [await rig.upstream('a'), await rig.upstream('b')];
    const [port, other] = [await freePort(), await freePort()];
    await rig.write('c.yaml', `${clusterText('a', [a])}---\n${clusterText('b', [b])}`);
    await rig.write('web.yaml', web(port, 'a'));
    await rig.startHelve();
    await rig.helve.ready();
    const envoy = await rig.startEnvoy({ id: 'plain', wire });
    await rig.inStep();
    expect(await answerAt(port)).toBe('a');

    await rig.write('web.yaml', web(port, 'b', golang));
    await rig.write('other.yaml', `${listenerText('other', other)}to: b\n`);
    await until('the rest of the edit is live', async () => {
      const by = await answerAt(other).catch(() => '');
      return by === 'b' ? true : null;
    });
    // The old listener with its old table: the new routes may count on the filter.
    expect(await answerAt(port)).toBe('a');
    const [node] = await rig.helve.nodes();
    expect(node).toMatchObject({ id: 'plain', running: false, inStep: false });
    expect(node?.unsupported).toMatchObject([
      { type: 'LDS', name: 'web', extension: GOLANG, through: null, origin: { file: 'web.yaml' } },
      { type: 'RDS', name: 'main', through: 'web' },
    ]);
    const line = node?.unsupported[0]?.origin?.line ?? 0;
    expect(web(port, 'b', golang).split('\n')[line - 1]).toMatch(/typed_config|@type|golang/);
    expect((await rig.helve.status()).nodes).toMatchObject({ connected: 1, unsupported: 1 });
    expect(await rig.helve.metric('helve_nodes_unsupported')).toBe(1);
    expect(rig.helve.logs()).toMatch(/web\.yaml:\d+:\d+ .*NODE_UNSUPPORTED .*node plain: LDS web/);
    expect(await refusals(envoy)).toEqual([]);

    await rig.write('web.yaml', web(port, 'b'));
    await until('the good edit is live', async () =>
      (await answerAt(port)) === 'b' ? true : null,
    );
    await rig.inStep();
    expect((await rig.helve.nodes())[0]?.unsupported).toEqual([]);
    expect(await refusals(envoy)).toEqual([]);
  },
);

const SERVER_INFO = z.object({
  node: z.object({
    extensions: z.array(
      z.object({
        name: z.string(),
        disabled: z.boolean().default(false),
        type_urls: z.array(z.string()).default([]),
      }),
    ),
  }),
});

async function extensionsOf(envoy: RunningEnvoy): Promise<Extensions> {
  const { body } = await envoy.admin('/server_info');
  const { extensions } = SERVER_INFO.parse(JSON.parse(body)).node;
  const on = extensions.filter(({ disabled }) => !disabled);
  return {
    names: new Set(on.map(({ name }) => name)),
    types: new Set(on.flatMap(({ type_urls }) => type_urls)),
  };
}

const interner = createInterner();

const lackedBy = (extensions: Extensions, resources: readonly Resource[]): readonly string[] =>
  lackingOf(
    interner.snapshot(
      TYPES.map(({ id }) =>
        interner.set(
          id,
          resources.filter(({ type }) => type === id),
        ),
      ),
    ),
    extensions,
  ).map(({ extension }) => extension);

/** Without a control plane: what is built in does not depend on one. */
async function listOf(version: string): Promise<Extensions> {
  const { path } = await ensureEnvoy({ version });
  const envoy = await launchEnvoy({
    binary: path,
    bootstrap: makeBootstrap({
      ...{ nodeId: 'alone', cluster: 'edge', xds: '127.0.0.1:1', wire: 'delta', adminPort: 0 },
    }),
  });
  try {
    return await extensionsOf(envoy);
  } finally {
    await envoy.stop();
  }
}

// What an Envoy takes it is never said to lack: each golden is accepted by those that its floor
// allows, and so are the good samples by the default one.
describe.each(Object.keys(readPins().versions))('the list of Envoy %s', (version) => {
  test('has all that it takes', async () => {
    const extensions = await listOf(version);
    let judged = 0;
    const judge = (what: string, resources: readonly Resource[]): void => {
      judged += resources.filter(({ traits }) => traits.extensions !== undefined).length;
      expect(lackedBy(extensions, resources), what).toEqual([]);
    };
    for (const name of goldenCases()) {
      for (const { floor, view, resources } of compileCase(name).views) {
        if (compareReleases(version, floor) >= 0) judge(`${name}, ${view}`, resources);
      }
    }
    expect(judged).toBeGreaterThan(100);
    const samples = [
      ...samplesOf(LISTENER_CASES).map((one) => ({ ...one, beside: [cluster()] })),
      ...samplesOf(CLUSTER_CASES).map((one) => ({ ...one, beside: [] })),
    ].filter(({ isGood }) => isGood && version === readPins().default);
    for (const { name, resource, beside } of samples) {
      const outcome = compiled(resource, ...beside);
      if (!outcome.ok) throw new Error(`${name} is good`);
      judge(name, outcome.value.resources(''));
    }
  });
});
