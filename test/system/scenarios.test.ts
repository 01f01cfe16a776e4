import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad } from '../support/load.mjs';
import { issue, type Pair } from './support/certificates.ts';
import { clusterText, listenerText } from './support/documents.ts';
import { it } from './support/in-turn.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { refusals } from './support/steady.ts';
import { servedSerial } from './support/tls.ts';
import { until } from './support/until.ts';

// What has hung or emptied Envoys under other control planes, one after the other on one Envoy.

const TYPES = 'type.googleapis.com/envoy';
const WIRES: readonly Wire[] = ['delta', 'sotw'];

/** `ciphers` that no Envoy has are refused by Envoy alone. */
const rawCluster = (name: string, address: string, ciphers: string | null): string => `
- "@type": ${TYPES}.config.cluster.v3.Cluster
  name: ${name}
  load_assignment:
    cluster_name: ${name}
    endpoints:
    - lb_endpoints:
      - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: ${address.split(':')[1] ?? ''}}}}
${
  ciphers === null
    ? ''
    : `  transport_socket:
    name: tls
    typed_config:
      "@type": ${TYPES}.extensions.transport_sockets.tls.v3.UpstreamTlsContext
      common_tls_context: {tls_params: {cipher_suites: ["${ciphers}"]}}
`
}`;

/** A staple that is none is refused by Envoy alone. */
const rawSecret = (name: string, isBad: boolean): string => `
- "@type": ${TYPES}.extensions.transport_sockets.tls.v3.Secret
  name: ${name}
  tls_certificate:
    certificate_chain: {filename: ${name}.crt}
    private_key: {filename: ${name}.key}
${isBad ? '    ocsp_staple: {inline_bytes: Z2FyYmFnZQ==}\n' : ''}`;

const tlsListener = (secret: string, port: number): string => `
- "@type": ${TYPES}.config.listener.v3.Listener
  name: of-${secret}
  address: {socket_address: {address: 127.0.0.1, port_value: ${port}}}
  filter_chains:
  - filters:
    - name: tcp
      typed_config: {"@type": ${TYPES}.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: s, cluster: a}
    transport_socket:
      name: tls
      typed_config:
        "@type": ${TYPES}.extensions.transport_sockets.tls.v3.DownstreamTlsContext
        common_tls_context:
          tls_certificate_sds_secret_configs: [{name: ${secret}, sds_config: {ads: {}}}]
`;

const has = (clusters: string, name: string): boolean => clusters.includes(`\n${name}::`);

const SECRETS = ['one', 'two', 'three'] as const;

describe.concurrent.each(WIRES)('what has gone wrong elsewhere, %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  const upstreams = { a: '', b: '' };
  const ports = { web: 0, tls: 0, raw: [0, 0, 0] };
  let gate: Server;
  let release: (() => void) | null = null;

  const cluster = (name: string, to: string): string => clusterText(name, [{ address: to }]);
  const ask = async (port: number) => {
    const headers = { connection: 'close' };
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers });
    await answer.arrayBuffer();
    return { status: answer.status, by: answer.headers.get('x-upstream') };
  };
  const answers = (by: string, port: number): Promise<true> =>
    until(`${by} answers`, async () => {
      const found = await ask(port);
      return found.status === 200 && found.by === by ? true : null;
    });
  const writePairs = async (): Promise<readonly Pair[]> => {
    const pairs = [];
    for (const name of SECRETS) {
      const pair = await issue([`${name}.test`]);
      await rig.write(`${name}.crt`, pair.cert);
      await rig.write(`${name}.key`, pair.key);
      pairs.push(pair);
    }
    return pairs;
  };
  const rejected = () =>
    until('a refusal is shown', async () => {
      const [node] = await rig.helve.nodes();
      return node?.types.flatMap((type) => type.rejected)[0] ?? null;
    });

  beforeAll(async () => {
    rig = await createRig();
    for (const name of ['a', 'b'] as const) upstreams[name] = (await rig.upstream(name)).address;
    ports.web = await freePort();
    ports.tls = await freePort();
    for (const at of ports.raw.keys()) ports.raw[at] = await freePort();
    gate = createServer((request, response) => {
      const answer = (): void => void response.setHeader('x-upstream', 'slow').end();
      if (request.url === '/healthz') release = answer;
      else answer();
    });
    await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
    await rig.write('helve.yaml', 'drainTime: 1s\n');
    // Nothing in it is for this Envoy.
    await rig.write(
      'elsewhere.yaml',
      'kind: NodeGroup\nname: elsewhere\nmatch: {cluster: other}\n',
    );
    await rig.write('web.yaml', `${listenerText('web', ports.web)}nodes: [elsewhere]\nto: a\n`);
    await rig.write('a.yaml', cluster('a', upstreams.a));
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire, drainTimeS: 1 });
    await rig.inStep();
  });
  afterAll(async () => {
    await rig.close();
    gate.closeAllConnections();
    gate.close();
  });

  it('ENV-01 an Envoy that begins with no listener gets its first', async () => {
    expect((await envoy.admin('/listeners')).body).toBe('');
    await rig.write('web.yaml', `${listenerText('web', ports.web)}to: a\n`);
    await answers('a', ports.web);
  });

  it('ENV-03 a listener is edited while its certificate stays', async () => {
    const pair = await issue(['tls.test']);
    await rig.write('tls.crt', pair.cert);
    await rig.write('tls.key', pair.key);
    const text = (name: string): string =>
      'kind: Certificate\nname: tls\ncert: tls.crt\nkey: tls.key\n---\n' +
      `${listenerText('tls', ports.tls, ['tls'])}to: a\nhttp: {server: {name: ${name}}}\n`;
    await rig.write('tls.yaml', text('first'));
    await until('it is served', async () =>
      (await servedSerial(ports.tls, 'tls.test')) === pair.serial ? true : null,
    );
    const warming = async (): Promise<number | undefined> => {
      const name = 'listener_manager.total_listeners_warming';
      return (await envoy.stats(`^${name}$`)).get(name);
    };
    for (const name of ['second', 'third']) {
      await rig.change('tls.yaml', text(name));
      await until('nothing warms', async () => ((await warming()) === 0 ? true : null));
      expect((await envoy.admin('/config_dump?resource=dynamic_listeners')).body).toContain(name);
      expect(await servedSerial(ports.tls, 'tls.test')).toBe(pair.serial);
    }
  });

  it('ENV-09 a cluster that is in use does not go before what uses it', async () => {
    await rig.change('b.yaml', cluster('b', upstreams.b));
    await rig.change('web.yaml', `${listenerText('web', ports.web)}to: b\n`);
    await answers('b', ports.web);
    const load = startLoad({ targets: [{ port: ports.web }], rps: 50 });
    await rig.write('b.yaml', 'resources: []\n');
    const found = await until('it is held', async () => {
      const { input } = await rig.helve.status();
      return input.state === 'held' ? input.diagnostics[0] : null;
    });
    expect(found).toMatchObject({ code: 'REF_IN_USE', file: 'web.yaml' });
    await answers('b', ports.web);
    await rig.write('web.yaml', `${listenerText('web', ports.web)}to: a\n`);
    await answers('a', ports.web);
    expect((await load.stop()).failures).toEqual([]);
  });

  it('ENV-08 a switch waits for a cluster that warms slowly, and loses nothing', async () => {
    const address = gate.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const load = startLoad({ targets: [{ port: ports.web }], rps: 50 });
    await rig.write(
      'slow.yaml',
      `${cluster('slow', `127.0.0.1:${port}`)}healthCheck: {path: /healthz, interval: 60s, timeout: 60s}\n`,
    );
    await rig.write('web.yaml', `${listenerText('web', ports.web)}to: slow\n`);
    const name = 'cluster_manager.warming_clusters';
    await until('it warms', async () =>
      (await envoy.stats(`^${name}$`)).get(name) === 1 ? true : null,
    );
    expect(await ask(ports.web)).toEqual({ status: 200, by: 'a' });
    (await until('its health is asked', () => release))();
    await answers('slow', ports.web);
    expect((await load.stop()).failures).toEqual([]);
    await rig.write('web.yaml', `${listenerText('web', ports.web)}to: a\n`);
    await answers('a', ports.web);
    await rig.remove('slow.yaml');
  });

  it('ENV-10 LDS-02 an address moves to another listener', async () => {
    await rig.write('web.yaml', `${listenerText('moved', ports.web)}to: a\n`);
    await until('the new one is there', async () => {
      const { body } = await envoy.admin('/listeners');
      return body.includes('moved::') && !body.includes('web::') ? true : null;
    });
    await answers('a', ports.web);
    expect(await refusals(envoy)).toEqual([]);
  });

  it('ENV-07 of three secrets two are good, and are served', async () => {
    const listeners = SECRETS.map((name, at) => tlsListener(name, ports.raw[at] ?? 0));
    await rig.write('lds.yaml', `resources:${listeners.join('')}`);
    const first = await writePairs();
    await rig.write('sds.yaml', `resources:${SECRETS.map((n) => rawSecret(n, false)).join('')}`);
    const serials = () =>
      Promise.all(SECRETS.map((name, at) => servedSerial(ports.raw[at] ?? 0, `${name}.test`)));
    await until('all are served', async () =>
      String(await serials()) === String(first.map(({ serial }) => serial)) ? true : null,
    );
    await rig.write(
      'sds.yaml',
      `resources:${SECRETS.map((n) => rawSecret(n, n === 'two')).join('')}`,
    );
    expect(await rejected()).toMatchObject({ name: 'two', origins: [{ file: 'sds.yaml' }] });
    const [one, , three] = await writePairs();
    await until('the others rotate', async () => {
      const [a, b, c] = await serials();
      return a === one?.serial && b === first[1]?.serial && c === three?.serial ? true : null;
    });
    await rig.write('sds.yaml', `resources:${SECRETS.map((n) => rawSecret(n, false)).join('')}`);
    await until('the refusal is over', async () =>
      (await rig.helve.status()).nodes.nacked === 0 ? true : null,
    );
  });

  it('ENV-06 of three clusters two are good, and are there', async () => {
    const text = (ciphers: string | null): string =>
      `resources:${['x', 'y', 'z'].map((n) => rawCluster(n, upstreams.b, n === 'y' ? ciphers : null)).join('')}`;
    await rig.write('cds.yaml', text('NO-SUCH-CIPHER'));
    expect(await rejected()).toMatchObject({ name: 'y', origins: [{ file: 'cds.yaml' }] });
    await until('two are there', async () => {
      const { body } = await envoy.admin('/clusters');
      return has(body, 'x') && has(body, 'z') && !has(body, 'y') ? true : null;
    });
    await rig.write('cds.yaml', text(null));
    await until('all are there', async () =>
      has((await envoy.admin('/clusters')).body, 'y') ? true : null,
    );
  });
});

const MANY = 10_000;

describe('ten thousand clusters', () => {
  let rig: Rig;
  const envoys = new Map<Wire, RunningEnvoy>();
  const before = new Map<Wire, number>();

  const write = (changed: number): Promise<void> => {
    const all = Array.from({ length: MANY }, (_, at) => {
      const ms = at === changed ? 2_000 : 1_000;
      return `{"@type":"${TYPES}.config.cluster.v3.Cluster","name":"c${at}","type":"STATIC","connect_timeout":"${ms / 1000}s"}`;
    });
    return rig.write('many.json', `{"resources":[\n${all.join(',\n')}\n]}`);
  };
  const count = async (wire: Wire, name: string): Promise<number> =>
    (await envoys.get(wire)?.stats(`^${name}$`))?.get(name) ?? 0;
  const received = (wire: Wire): Promise<number> =>
    count(wire, 'cluster.helve_xds.upstream_cx_rx_bytes_total');

  beforeAll(async () => {
    rig = await createRig();
    await rig.write('web.yaml', `${listenerText('web', await freePort())}to: c0\n`);
    await write(-1);
    await rig.startHelve();
    await rig.helve.ready();
    const started = WIRES.map(async (wire) => {
      envoys.set(wire, await rig.startEnvoy({ wire }));
    });
    await Promise.all(started);
    await rig.inStep();
    for (const wire of WIRES) before.set(wire, await received(wire));
    await write(17);
  });
  afterAll(() => rig.close());

  test.each(WIRES)('ENV-15 one of them changes (%s)', async (wire) => {
    expect(await count(wire, 'cluster_manager.active_clusters')).toBeGreaterThan(MANY);
    const isChanged = async () =>
      (await count(wire, 'cluster_manager.cluster_modified')) > 0 ? true : null;
    await until('it is changed', isChanged);
    const bytes = (await received(wire)) - (before.get(wire) ?? 0);
    // One cluster over delta; over SotW the state of the world.
    if (wire === 'delta') expect(bytes).toBeLessThan(10_000);
    else expect(bytes).toBeGreaterThan(10 * MANY);
    expect((await rig.helve.status()).nodes.nacked).toBe(0);
  });
});
