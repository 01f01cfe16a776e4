import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { JsonObject } from '../../src/schema/index.ts';
import { judge } from '../support/raw-resources.ts';
import { grpcProcess, spawnGrpcio, writeGrpcBootstrap } from './support/grpcio-process.ts';
import { CLIENT_ROWS, calledResources, SERVER_ROWS, servedListener } from './support/grpc-rows.ts';
import { freePort } from './support/ports.ts';
import { serveStatic } from './support/static-xds.ts';
import { until } from './support/until.ts';
import { askWho, startWhoServer } from './support/who-server.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test('GRPC-04 GRPC-06 GRPC-07 GRPC-08 grpcio refuses, or passes over, what helve says that it does', async () => {
  const upstream = await startWhoServer('one');
  closers.push(() => {
    upstream.close();
  });
  const rows = CLIENT_ROWS.map((row, index) => ({
    ...row,
    target: `row-${index}`,
    resources: calledResources(`row-${index}`, upstream.port, row.changes),
  }));
  const { xds, env } = await serve(rows.flatMap(({ resources }) => resources));
  const client = grpcProcess(await spawnGrpcio('grpcio_client.py', ['xds:///row-0'], env));
  closers.push(() => client.close());
  for (const { name, gRPC, helve, target, resources } of rows) {
    const codes = judge(...resources).map((text) => text.replace(/:.*/s, ''));
    expect([name, codes]).toEqual([name, helve.filter((code) => code !== 'UNUSED')]);
    const answer = await client.ask(`call xds:///${target}`);
    const isRefused = xds.refusals.some((text) => new RegExp(`\\b${target}\\b`).test(text));
    const hasWorked = gRPC === 'works' || gRPC === 'passes over';
    expect([name, isRefused, answer]).toEqual([
      name,
      gRPC === 'refuses',
      hasWorked ? 'one' : expect.stringMatching(/^error /),
    ]);
  }
});

test('GRPC-05 GRPC-06 GRPC-07 a server of grpcio refuses, or passes over, what helve says that it does', async () => {
  const rows = await Promise.all(
    SERVER_ROWS.map(async (row) => {
      const port = await freePort();
      return { ...row, address: `127.0.0.1:${port}`, listener: servedListener(port, row) };
    }),
  );
  const { xds, env } = await serve(rows.map(({ listener }) => listener));
  const addresses = rows.map(({ address }) => address);
  const servers = grpcProcess(await spawnGrpcio('grpcio_server.py', addresses, env));
  closers.push(() => servers.close());
  expect(await servers.hear()).toBe('started');
  for (const { name, gRPC, helve, address, listener } of rows) {
    const codes = judge(listener).map((text) => text.replace(/:.*/s, ''));
    expect([name, codes]).toEqual([name, helve]);
    if (gRPC === 'refuses') {
      await until(`${name} is refused`, () =>
        xds.refusals.some((text) => text.includes(address)) ? true : null,
      );
      expect([name, await askWho(address)]).toEqual([name, 'UNAVAILABLE']);
      continue;
    }
    const want = gRPC === 'serves' ? address : gRPC;
    await until(`${name}: ${want}`, async () => ((await askWho(address)) === want ? true : null));
    expect([name, xds.refusals.some((text) => text.includes(address))]).toEqual([name, false]);
  }
});

async function serve(resources: readonly JsonObject[]) {
  const root = await mkdtemp(join(tmpdir(), 'helve-grpc-'));
  closers.push(() => rm(root, { recursive: true, force: true }));
  const xds = await serveStatic(resources);
  closers.push(() => {
    xds.close();
  });
  const GRPC_XDS_BOOTSTRAP = await writeGrpcBootstrap(root, xds.address);
  return { xds, env: { ...process.env, GRPC_XDS_BOOTSTRAP } };
}
