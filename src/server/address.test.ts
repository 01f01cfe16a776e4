import { link, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenOn, parseListenAddress } from './address.ts';

test.each([
  ['127.0.0.1:18000', { kind: 'tcp', host: '127.0.0.1', port: 18000 }],
  ['localhost:0', { kind: 'tcp', host: 'localhost', port: 0 }],
  ['[::1]:1', { kind: 'tcp', host: '::1', port: 1 }],
  ['unix:/run/x.sock', { kind: 'unix', path: '/run/x.sock' }],
])('reads %s', (text, address) => {
  expect(parseListenAddress(text)).toEqual({ ok: true, address });
});

test.each([
  ['0.0.0.0:18000', /not loopback/],
  ['[::]:18000', /not loopback/],
  ['10.0.0.1:1', /not loopback/],
  ['example.com:1', /not loopback/],
  ['127.0.0.1', /no address/],
  ['127.0.0.1:70000', /no address/],
  ['unix:', /names no path/],
  ['', /no address/],
])('refuses %s', (text, why) => {
  const parsed = parseListenAddress(text);
  expect(parsed.ok ? '' : parsed.why).toMatch(why);
});

let folder = '';
const servers: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helve-address-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true });
});
const newServer = (): Server => {
  const server = createServer();
  servers.push(server);
  return server;
};

test('a Unix socket is for its owner only, and a stale file does not block it', async () => {
  const path = join(folder, 'x.sock');
  // A socket file whose process is gone: bind, then take the file away from the closing server.
  const gone = createServer();
  await listenOn(gone, { kind: 'unix', path });
  await link(path, `${path}.kept`);
  await new Promise((resolve) => gone.close(resolve));
  await rename(`${path}.kept`, path);
  expect(await listenOn(newServer(), { kind: 'unix', path })).toBe(`unix:${path}`);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(null);
    });
  });
});

test('a socket that somebody listens on is not taken', async () => {
  const path = join(folder, 'x.sock');
  await listenOn(newServer(), { kind: 'unix', path });
  await expect(listenOn(newServer(), { kind: 'unix', path })).rejects.toThrow(/EADDRINUSE/);
});

test('a file that is no socket is not removed', async () => {
  const path = join(folder, 'x.sock');
  await writeFile(path, 'mine');
  await expect(listenOn(newServer(), { kind: 'unix', path })).rejects.toThrow(/EADDRINUSE/);
  expect((await stat(path)).isFile()).toBe(true);
});

test('port 0 is replaced by the port that was bound', async () => {
  const address = await listenOn(newServer(), { kind: 'tcp', host: '127.0.0.1', port: 0 });
  expect(address).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
});
