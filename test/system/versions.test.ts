import { fileURLToPath } from 'node:url';
import { Writer } from 'protobufjs/minimal.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPins, run, type RunningEnvoy } from '../../src/envoy/index.ts';
import { releaseOf } from '../../src/schema/index.ts';
import { startLoad, type Load } from '../support/load.mjs';
import type { Upstream } from '../support/upstream.mjs';
import { issue } from './support/certificates.ts';
import { clusterText, listenerText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { servedSerial } from './support/tls.ts';
import { until } from './support/until.ts';
import { openRawStream, TYPE } from './support/xds-client.ts';

// The other tests run the default Envoy; here the older pinned ones go through an ordinary day.
const pins = readPins();
const older = Object.keys(pins.versions).filter((version) => version !== pins.default);
const days = older.flatMap((version) =>
  (['delta', 'sotw'] satisfies Wire[]).map((wire) => ({ version, wire })),
);

const HOST = 'shop.test';

/** Two prefixes, so that one can go. */
const routesText = (to: string, more = ''): string =>
  `kind: Route\nname: shop\nlisteners: [web, tls]\nrules:\n- {name: all, match: {prefix: /}, to: ${to}}\n${more}`;

/** Needs an Envoy newer than all but the default one. */
const TOO_NEW = `resources:
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: raw
  connect_timeout: 1s
  load_assignment: {cluster_name: raw}
  stats_matcher: {reject_all: true}
`;

interface Answer {
  readonly status: number;
  readonly by: string | null;
}

async function ask(port: number, path = '/'): Promise<Answer> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { connection: 'close' },
  });
  await answer.arrayBuffer();
  return { status: answer.status, by: answer.headers.get('x-upstream') };
}

const answeredBy = (by: string, port: number, path = '/'): Promise<true> =>
  until(`${path} is answered by ${by}`, async () => {
    const answer = await ask(port, path);
    return answer.status === 200 && answer.by === by ? true : null;
  });

describe.each(days)('an ordinary day of Envoy $version, $wire', ({ version, wire }) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let load: Load;
  let a: Upstream;
  let b: Upstream;
  let port: number;
  let tlsPort: number;
  let started: number | undefined;

  const counter = async (name: string): Promise<number> =>
    (await envoy.stats(`^${name}$`)).get(name) ?? 0;
  const writePair = async (): Promise<string> => {
    const pair = await issue([HOST]);
    await rig.write('certs/shop.crt', pair.cert);
    await rig.write('certs/shop.key', pair.key);
    return pair.serial;
  };
  const servesSerial = (serial: string): Promise<true> =>
    until('the certificate is served', async () =>
      (await servedSerial(tlsPort, HOST)) === serial ? true : null,
    );

  beforeAll(async () => {
    rig = await createRig();
    [a, b] = [await rig.upstream('a'), await rig.upstream('b')];
    [port, tlsPort] = [await freePort(), await freePort()];
    await writePair();
    await rig.write(
      'shop.yaml',
      [
        'kind: Certificate\nname: shop\ncert: certs/shop.crt\nkey: certs/shop.key\n',
        listenerText('web', port),
        listenerText('tls', tlsPort, ['shop']),
        clusterText('a', [a]),
        clusterText('b', [b]),
        clusterText('dns', [{ address: `localhost:${a.port}` }]),
      ].join('---\n'),
    );
    await rig.write(
      'routes.yaml',
      routesText('a', '- {name: dns, match: {prefix: /dns}, to: dns}'),
    );
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire, version });
  });
  afterAll(() => rig.close());

  it('answers the first requests', async () => {
    await rig.inStep();
    const [node] = await rig.helve.nodes();
    expect(node?.envoyVersion).toBe(version);
    expect(await ask(port)).toEqual({ status: 200, by: 'a' });
    expect(await ask(port, '/dns')).toEqual({ status: 200, by: 'a' });
    started = await counter('listener_manager.listener_modified');
    load = startLoad({ targets: [{ port }, { port: tlsPort, host: HOST, tls: true }], rps: 50 });
    await until('the load has begun', () =>
      (load.stats().byUpstream['a'] ?? 0) > 0 ? true : null,
    );
  });

  it('takes an edited route', async () => {
    await rig.write(
      'routes.yaml',
      routesText('b', '- {name: dns, match: {prefix: /dns}, to: dns}'),
    );
    await answeredBy('b', port);
    await rig.inStep();
  });

  it('takes a rotated certificate', async () => {
    await servesSerial(await writePair());
  });

  it('T-29 runs on while an edit that it could not take is held', async () => {
    await rig.write('raw.yaml', TOO_NEW);
    const [found] = await until('the edit is held', async () => {
      const { input } = await rig.helve.status();
      return input.state === 'held' ? input.diagnostics : null;
    });
    expect(found).toMatchObject({ code: 'NODE_VERSION', file: 'raw.yaml', line: 6 });
    expect(found?.message).toContain('since Envoy 1.40');
    expect(await ask(port)).toEqual({ status: 200, by: 'b' });
    await rig.remove('raw.yaml');
    await rig.inStep();
  });

  it('lets go of what is removed', async () => {
    await rig.write('routes.yaml', routesText('b'));
    await answeredBy('b', port, '/dns');
    await rig.inStep();
  });

  it('has lost nothing, refused nothing and drained nothing', async () => {
    const { failures, byUpstream } = await load.stop();
    expect(failures).toEqual([]);
    expect(Object.keys(byUpstream).sort()).toEqual(['a', 'b']);
    const refused = [...(await envoy.stats('update_rejected'))].filter(([, count]) => count > 0);
    expect(refused).toEqual([]);
    expect(await counter('listener_manager.listener_modified')).toBe(started);
  });
});

describe('a fleet of two versions', () => {
  let rig: Rig;
  const [oldest = ''] = [...older].sort();

  beforeAll(async () => {
    rig = await createRig();
  });
  afterAll(() => rig.close());

  const group = (name: string, envoy: string): string =>
    `kind: NodeGroup\nname: ${name}\nmatch: {cluster: ${name}}\nenvoy: "${envoy}"\n`;
  const listener = (name: string, port: number): string =>
    `${listenerText(name, port)}nodes: [${name}]\n`;

  it('serves each group its own, and each takes all of it', async () => {
    const [a, b] = [await rig.upstream('a'), await rig.upstream('b')];
    const [oldPort, newPort] = [await freePort(), await freePort()];
    const release = releaseOf(oldest);
    await rig.write('helve.yaml', `envoy: "${release}"\n`);
    await rig.write('groups.yaml', `${group('old', release)}---\n${group('new', '1.40')}`);
    await rig.write('old.yaml', listener('old', oldPort).replace('nodes', 'to: a\nnodes'));
    await rig.write('new.yaml', listener('new', newPort).replace('nodes', 'to: b\nnodes'));
    await rig.write('c.yaml', `${clusterText('a', [a])}---\n${clusterText('b', [b])}`);
    await rig.startHelve();
    await rig.helve.ready();
    const envoys = [
      await rig.startEnvoy({ id: 'old', cluster: 'old', version: oldest }),
      await rig.startEnvoy({ id: 'new', cluster: 'new' }),
    ];
    await rig.inStep();
    expect(await ask(oldPort)).toEqual({ status: 200, by: 'a' });
    expect(await ask(newPort)).toEqual({ status: 200, by: 'b' });
    for (const envoy of envoys) {
      const refused = [...(await envoy.stats('update_rejected'))].filter(([, count]) => count > 0);
      expect(refused).toEqual([]);
    }
  });

  it('holds what one of them cannot take, and names the group', async () => {
    await rig.write('raw.yaml', TOO_NEW);
    const [found] = await until('the edit is held', async () => {
      const { input } = await rig.helve.status();
      return input.state === 'held' ? input.diagnostics : null;
    });
    expect(found?.code).toBe('NODE_VERSION');
    expect(found?.related).toMatchObject([{ file: 'groups.yaml', line: 4 }]);
  });
});

/** A delta request for all clusters of a node that says its Envoy is 1.`minor`. */
function firstRequest(id: string, minor: number): Buffer {
  const request = Writer.create();
  request.uint32(10).fork().uint32(10).string(id);
  // user_agent_build_version (8) { version (1) { major_number (1), minor_number (2) } }
  request.uint32(66).fork().uint32(10).fork();
  request.uint32(8).uint32(1).uint32(16).uint32(minor);
  request.ldelim().ldelim().ldelim();
  return Buffer.from(request.uint32(18).string(TYPE.cluster).finish());
}

/** gRPC's status code. */
const UNAVAILABLE = 14;
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

describe('a node below the floor', () => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let port: number;
  const [oldest = ''] = [...older].sort();

  beforeAll(async () => {
    rig = await createRig();
    const [a, b] = [await rig.upstream('a'), await rig.upstream('b')];
    port = await freePort();
    await rig.write('helve.yaml', `envoy: "${releaseOf(oldest)}"\n`);
    await rig.write('c.yaml', `${clusterText('a', [a])}---\n${clusterText('b', [b])}`);
    await rig.write('web.yaml', `${listenerText('web', port)}to: a\n`);
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ id: 'old', version: oldest });
    await rig.inStep();
  });
  afterAll(() => rig.close());

  const nodesCommand = async (): Promise<{ readonly code: number; readonly text: string }> => {
    const args = [MAIN, 'nodes', '--admin', rig.helve.options.admin];
    const { code, stdout } = await run(process.execPath, args, { timeoutMs: 60_000 });
    return { code: code ?? -1, text: stdout };
  };

  it('keeps what it has, gets nothing new, and is shown', async () => {
    await rig.write('helve.yaml', 'envoy: "1.40"\n');
    await until('it is counted', async () =>
      (await rig.helve.status()).nodes.tooOld === 1 ? true : null,
    );
    const before = await envoy.stats('update_(success|attempt)$');
    await rig.write('web.yaml', `${listenerText('web', port)}to: b\n`);
    await until('the edit is accepted', async () => {
      const { accepted, input } = await rig.helve.status();
      return input.state === 'clean' && (accepted?.revision ?? 0) >= 3 ? true : null;
    });
    expect(await ask(port)).toEqual({ status: 200, by: 'a' });
    expect(await envoy.stats('update_(success|attempt)$')).toEqual(before);
    const [node] = await rig.helve.nodes();
    expect(node).toMatchObject({ id: 'old', floorMissed: '1.40', running: false, inStep: false });
    const { nodes } = await rig.helve.status();
    expect(nodes).toMatchObject({ connected: 1, running: 0, inStep: 0, pending: 0, tooOld: 1 });
    expect(await rig.helve.metric('helve_nodes_too_old')).toBe(1);
    const told = await nodesCommand();
    expect(told.text).toMatch(/TOO OLD +old +Envoy 1\.36\.4 is older than 1\.40/);
    expect(told.code).toBe(1);
    expect(rig.helve.logs()).toMatch(/node old .* is older than Envoy 1\.40/);
  });

  it('is answered with nothing where it is new, until the floor lets it in', async () => {
    const stream = openRawStream(rig.xds, 'delta');
    stream.sendBytes(firstRequest('new', 36));
    await until('it is counted', async () =>
      (await rig.helve.status()).nodes.tooOld === 2 ? true : null,
    );
    const found = (await rig.helve.nodes()).find(({ id }) => id === 'new');
    expect(found).toMatchObject({ floorMissed: '1.40', types: [] });
    await rig.write('helve.yaml', `envoy: "${releaseOf(oldest)}"\n`);
    // It asked in vain, so it must ask again.
    await expect(stream.next()).rejects.toThrow();
    expect(await stream.ended).toBe(UNAVAILABLE);
    stream.close();
    await answeredBy('b', port);
    await rig.inStep();
    expect((await rig.helve.status()).nodes.tooOld).toBe(0);
    expect((await nodesCommand()).code).toBe(0);
  });
});
