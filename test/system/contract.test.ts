import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterText, listenerText, routeText } from './support/documents.ts';
import { startHelve, type HelveProcess } from './support/helve.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { during, until } from './support/until.ts';
import { openRawStream, TYPE, type RawStream } from './support/xds-client.ts';

/** gRPC status codes. */
const OK = 0;
const INVALID_ARGUMENT = 3;

const UPSTREAM = { address: '127.0.0.1:1' };
const clusterNames = async (rig: Rig, node: object): Promise<readonly string[]> => {
  const stream = openRawStream(rig.xds, 'delta');
  stream.send({ node, type_url: TYPE.cluster });
  const { resources = [] } = await stream.next();
  stream.close();
  return resources.map((r) => r.name ?? '').sort();
};

const held = (rig: Rig): Promise<readonly { code: string; message: string }[]> =>
  until('the input is held', async () => {
    const { input } = await rig.helve.status();
    return input.state === 'held' ? input.diagnostics : null;
  });

const clean = (rig: Rig, after: number): Promise<number> =>
  until(`a revision after ${after} is accepted`, async () => {
    const { accepted, input } = await rig.helve.status();
    const revision = accepted?.revision ?? 0;
    return input.state === 'clean' && revision > after ? revision : null;
  });

const revisionOf = async (rig: Rig): Promise<number> =>
  (await rig.helve.status()).accepted?.revision ?? 0;

describe('the process', () => {
  let rig: Rig;
  const others: HelveProcess[] = [];

  beforeAll(async () => {
    rig = await createRig();
  });
  afterAll(async () => {
    for (const helve of others) if (helve.pid > 0) await helve.kill9();
    await rig.close();
  });

  const other = (options: Partial<HelveProcess['options']>): HelveProcess => {
    const helve = startHelve({ ...rig.helve.options, ...options });
    others.push(helve);
    return helve;
  };

  it('stays up on an empty folder, not ready, and says why; then serves what comes', async () => {
    await rig.startHelve();
    const refused = await until('it says why', async () => {
      const { status, text } = await rig.helve.get('/readyz');
      return status === 503 && text.includes('SOURCE_INCOMPLETE') ? text : null;
    });
    expect(refused).toContain('message');
    expect((await rig.helve.get('/healthz')).status).toBe(200);
    await rig.write('web.yaml', listenerText('web', await freePort()));
    await rig.write('a.yaml', clusterText('a', [UPSTREAM]));
    await rig.write('r.yaml', routeText('r', ['web'], 'a'));
    await rig.helve.ready();
  });

  it('refuses another folder on the same state directory, and names both', async () => {
    await rig.helve.stop();
    const dir = join(rig.root, 'elsewhere');
    await mkdir(dir);
    await writeFile(join(dir, 'a.yaml'), clusterText('a', [UPSTREAM]));
    const helve = other({ dir });
    expect((await helve.exited).code).toBe(1);
    expect(helve.logs()).toContain(rig.dir);
    expect(helve.logs()).toContain(dir);
  });

  it('refuses a second server on one state directory', async () => {
    await rig.startHelve();
    await rig.helve.ready();
    const port = await freePort();
    const helve = other({ xds: `127.0.0.1:${port}`, admin: `127.0.0.1:${await freePort()}` });
    expect((await helve.exited).code).toBe(1);
    expect(helve.logs()).toMatch(new RegExp(String(rig.helve.pid)));
  });

  it('refuses plaintext xDS beyond loopback', async () => {
    const helve = other({ state: join(rig.root, 'other'), xds: '0.0.0.0:0' });
    expect((await helve.exited).code).toBe(1);
    expect(helve.logs()).toMatch(/loopback/);
  });

  it('TRN-14 serves on Unix sockets, and ends streams with a status', async () => {
    await rig.helve.stop();
    const xds = `unix:${join(rig.root, 'xds.sock')}`;
    const helve = other({ xds, admin: rig.helve.options.admin });
    await helve.ready();
    const stream = openRawStream(xds, 'delta');
    stream.send({ node: { id: 'n', cluster: 'c' }, type_url: TYPE.cluster });
    expect((await stream.next()).resources?.map((r) => r.name)).toEqual(['a']);
    helve.signal('SIGTERM');
    expect(await stream.ended).toBe(OK);
    expect(await helve.exited).toEqual({ code: 0, signal: null });
    await until('the log has its last line', () =>
      Promise.resolve(helve.logs().includes('shutting down') ? true : null),
    );
    stream.close();
  });
});

describe.each<Wire>(['delta', 'sotw'])('requests, %s', (wire) => {
  let rig: Rig;
  const node = { id: 'n', cluster: 'c' };
  const open: RawStream[] = [];
  const names = wire === 'delta' ? 'resource_names_subscribe' : 'resource_names';

  beforeAll(async () => {
    rig = await createRig();
    await rig.write('web.yaml', listenerText('web', await freePort()));
    await rig.write('a.yaml', clusterText('a', [UPSTREAM]));
    await rig.write('r.yaml', routeText('r', ['web'], 'a'));
    await rig.startHelve();
    await rig.helve.ready();
  });
  afterAll(async () => {
    for (const stream of open) stream.close();
    await rig.close();
  });

  const connect = (): RawStream => {
    const stream = openRawStream(rig.xds, wire);
    open.push(stream);
    return stream;
  };

  const REFUSED: readonly { name: string; request: Readonly<Record<string, unknown>> }[] = [
    { name: 'TRN-05 X-03 no node', request: { type_url: TYPE.cluster } },
    { name: 'TRN-06 an empty type', request: { node } },
  ];
  it.each(REFUSED)('$name: INVALID_ARGUMENT', async ({ request }) => {
    const stream = connect();
    stream.send(request);
    expect(await stream.ended).toBe(INVALID_ARGUMENT);
  });

  it('X-16 ends a stream of garbage, and goes on serving', async () => {
    const stream = connect();
    stream.sendBytes(Buffer.from('not a protobuf message'));
    expect(await stream.ended).toBe(INVALID_ARGUMENT);
    expect(await clusterNames(rig, node)).toEqual(['a']);
  });

  it('TRN-02 TRN-07 X-05 lets a stream live that asks for an unknown type', async () => {
    const stream = connect();
    const type_url = 'type.googleapis.com/example.Unknown';
    stream.send({ node, type_url, [names]: ['x'] });
    if (wire === 'delta') {
      expect(await stream.next()).toMatchObject({ type_url, removed_resources: ['x'] });
    }
    stream.send({ type_url: TYPE.cluster });
    expect((await stream.next()).type_url).toBe(TYPE.cluster);
  });

  it('TRN-12 takes a request of 15 MiB', async () => {
    const stream = connect();
    const many = Array.from({ length: 150_000 }, (_, i) => `${'n'.repeat(90)}${i}`);
    const field = wire === 'delta' ? 'resource_names_subscribe' : 'resource_names';
    stream.send({ node, type_url: TYPE.endpoints, [field]: ['a', ...many] });
    // Over delta the names that do not exist are answered too, in as many responses as it takes.
    for (;;) {
      const { resources = [] } = await stream.next();
      if (resources.length > 0) break;
    }
  });
});

describe('the source', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await createRig();
    await rig.write('web.yaml', listenerText('web', await freePort()));
    await rig.write('a.yaml', clusterText('a', [UPSTREAM]));
    await rig.write('r.yaml', routeText('r', ['web'], 'a'));
    await rig.startHelve(['--poll']);
    await rig.helve.ready();
  });
  afterAll(() => rig.close());

  it('goes live without file events, also while further edits keep coming', async () => {
    const before = await revisionOf(rig);
    for (let edit = 0; edit < 60; edit += 1) {
      await rig.write('r.yaml', `${routeText('r', ['web'], 'a')}  timeout: ${edit + 1}s\n`);
      await during(50);
    }
    expect(await revisionOf(rig)).toBeGreaterThan(before);
  });

  it('takes no notice of what editors leave behind', async () => {
    const before = await clean(rig, 0);
    for (const name of ['.x.yaml', 'x.yaml~', '.a.yaml.swp', 'x.swp', '#x.yaml#']) {
      await writeFile(join(rig.dir, name), 'kind: [not a document');
    }
    await rig.write('b.yaml', clusterText('b', [UPSTREAM]));
    await clean(rig, before);
  });

  it('follows a folder that is replaced by a rename', async () => {
    const before = await revisionOf(rig);
    const next = `${rig.dir}.next`;
    await mkdir(next);
    await writeFile(join(next, 'all.yaml'), clusterText('replaced', [UPSTREAM]));
    await writeFile(join(next, 'web.yaml'), listenerText('web', await freePort()));
    await rename(rig.dir, `${rig.dir}.old`);
    await rename(next, rig.dir);
    await clean(rig, before);
    expect(await clusterNames(rig, { id: 'n', cluster: 'c' })).toEqual(['replaced']);
  });

  it('follows a symbolic link that is replaced by a rename', async () => {
    const before = await revisionOf(rig);
    const target = join(rig.root, 'v2');
    await mkdir(target);
    await writeFile(join(target, 'all.yaml'), clusterText('linked', [UPSTREAM]));
    await writeFile(join(target, 'web.yaml'), listenerText('web', await freePort()));
    await rename(rig.dir, `${rig.dir}.old2`);
    await symlink(target, rig.dir);
    await clean(rig, before);
    expect(await clusterNames(rig, { id: 'n', cluster: 'c' })).toEqual(['linked']);
  });

  it('takes an empty list and a deleted file as removals, an empty file as a mistake', async () => {
    const target = join(rig.root, 'v2');
    await writeFile(join(target, 'more.yaml'), clusterText('more', [UPSTREAM]));
    const added = await clean(rig, await revisionOf(rig));
    await writeFile(join(target, 'more.yaml'), '');
    expect((await held(rig)).map((d) => d.code)).toContain('DOC_EMPTY');
    await writeFile(join(target, 'more.yaml'), 'resources: []\n');
    const removed = await clean(rig, added);
    expect(await clusterNames(rig, { id: 'n', cluster: 'c' })).toEqual(['linked']);
    await writeFile(join(target, 'more.yaml'), clusterText('more', [UPSTREAM]));
    const again = await clean(rig, removed);
    await rig.remove('more.yaml');
    await clean(rig, again);
    expect(await clusterNames(rig, { id: 'n', cluster: 'c' })).toEqual(['linked']);
  });

  it('looks at once on SIGHUP', async () => {
    const before = await revisionOf(rig);
    await writeFile(join(rig.root, 'v2', 'hup.yaml'), clusterText('hup', [UPSTREAM]));
    rig.helve.signal('SIGHUP');
    await clean(rig, before);
  });

  it('gives a group its listeners, and a node without a group what is for everybody', async () => {
    const before = await revisionOf(rig);
    const target = join(rig.root, 'v2');
    const group = 'kind: NodeGroup\nname: edge\nmatch: {cluster: edge}\n';
    const listener = `${listenerText('only', await freePort())}nodes: [edge]\n`;
    const texts = [group, listener, clusterText('of-edge', [UPSTREAM])];
    texts.push(routeText('edge', ['only'], 'of-edge'));
    await writeFile(join(target, 'edge.yaml'), texts.join('---\n'));
    await clean(rig, before);
    expect(await clusterNames(rig, { id: 'n', cluster: 'edge' })).toContain('of-edge');
    expect(await clusterNames(rig, { id: 'n', cluster: 'other' })).not.toContain('of-edge');
  });

  const FORBIDDEN: readonly { name: string; address: (rig: Rig) => string }[] = [
    { name: "the proxy's own admin address", address: () => '127.0.0.1:9901' },
    { name: "helve's xDS port", address: ({ xds }) => xds },
    { name: "helve's admin port", address: ({ helve }) => helve.options.admin },
    { name: 'a metadata service', address: () => '169.254.169.254:80' },
    { name: 'a link-local address', address: () => '[fe80::1]:80' },
  ];
  it.each(FORBIDDEN)('refuses $name as an upstream', async ({ address }) => {
    const target = join(rig.root, 'v2');
    await writeFile(join(target, 'bad.yaml'), clusterText('bad', [{ address: address(rig) }]));
    expect((await held(rig)).map((d) => d.code)).toEqual(['UPSTREAM_FORBIDDEN']);
    await rig.remove('bad.yaml');
    await until('the input is clean', async () =>
      (await rig.helve.status()).input.state === 'clean' ? true : null,
    );
  });
});
