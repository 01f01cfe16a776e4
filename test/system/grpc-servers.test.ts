import { afterEach, expect, test } from 'vitest';
import { listenerText } from './support/documents.ts';
import { grpcProcess, spawnGrpcio, writeGrpcBootstrap } from './support/grpcio-process.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { until } from './support/until.ts';
import { askWho } from './support/who-server.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test('GRPC-05 GRPC-10 a server of grpcio serves as a document says, follows edits, refuses and recovers (sotw)', async () => {
  const rig = await createRig();
  closers.push(() => rig.close());
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const write = (more = ''): Promise<void> =>
    rig.write(
      'who.yaml',
      `kind: GrpcServer\nname: who\naddress: 127.0.0.1\nport: ${port}\n${more}`,
    );
  const answers = (want: string): Promise<true> =>
    until(`the server says ${want}`, async () => ((await askWho(address)) === want ? true : null));
  await write();
  await rig.startHelve();
  await rig.helve.ready();
  await startServers(rig, [address]);
  await answers(address);

  await write('authorize: {deny: [{address: 127.0.0.0/8}]}\n');
  await answers('PERMISSION_DENIED');
  await write('authorize: {allow: [{headers: {x-team: shop}}]}\n');
  await inStep(rig);
  expect(await askWho(address)).toBe('PERMISSION_DENIED');
  await write('authorize: {allow: [{address: 127.0.0.0/8}]}\n');
  await answers(address);

  await write('\ntls: {provider: absent}\n');
  const refusal = await until('the server has refused the listener', async () => {
    const [node] = await rig.helve.nodes();
    const listeners = node?.types.find(({ type }) => type === 'LDS');
    return listeners !== undefined && listeners.nacked !== '' ? listeners : null;
  });
  expect(refusal.error).toContain('absent');
  const places = refusal.rejected.flatMap(({ origins }) => origins);
  expect(places.map(({ file, line }) => `${file}:${line}`)).toEqual(['who.yaml:6']);
  expect(await askWho(address)).toBe(address);

  await write('authorize: {deny: [{address: 127.0.0.0/8}]}\n');
  await answers('PERMISSION_DENIED');
});

test('GRPC-02 GRPC-05 a server asks for its own address alone, and no Envoy gets its listener', async () => {
  const rig = await createRig();
  closers.push(() => rig.close());
  const [served, other] = [await freePort(), await freePort()];
  await rig.write('who.yaml', `kind: GrpcServer\nname: who\naddress: 127.0.0.1\nport: ${served}\n`);
  await rig.write('web.yaml', `${listenerText('web', await freePort())}to: 127.0.0.1:1\n`);
  await rig.startHelve();
  await rig.helve.ready();
  await startServers(rig, [`127.0.0.1:${served}`, `127.0.0.1:${other}`]);
  await until('the one that has a document serves', async () =>
    (await askWho(`127.0.0.1:${served}`)) === `127.0.0.1:${served}` ? true : null,
  );
  expect(await askWho(`127.0.0.1:${other}`)).toBe('UNAVAILABLE');
  await rig.startEnvoy({ id: 'edge' });
  const envoy = await until('the Envoy is in step', async () => {
    const nodes = await rig.helve.nodes();
    return nodes.find(({ id, inStep: isInStep }) => id === 'edge' && isInStep) ?? null;
  });
  expect(envoy.types.find(({ type }) => type === 'LDS')?.subscribed).toBe(1);

  await rig.write(
    'other.yaml',
    `kind: GrpcServer\nname: other\naddress: 127.0.0.1\nport: ${other}\n`,
  );
  await until('the other serves, too', async () =>
    (await askWho(`127.0.0.1:${other}`)) === `127.0.0.1:${other}` ? true : null,
  );
});

const inStep = (rig: Rig): Promise<true> =>
  until('what was sent is acknowledged', async () => {
    const [node] = await rig.helve.nodes();
    return node?.inStep === true ? true : null;
  });

async function startServers(rig: Rig, addresses: readonly string[]): Promise<void> {
  const GRPC_XDS_BOOTSTRAP = await writeGrpcBootstrap(rig.root, rig.xds);
  const env = { ...process.env, GRPC_XDS_BOOTSTRAP };
  const servers = grpcProcess(await spawnGrpcio('grpcio_server.py', addresses, env));
  closers.push(() => servers.close());
  expect(await servers.hear()).toBe('started');
}
