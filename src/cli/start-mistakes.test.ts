import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHere, type Ran } from '../../test/support/run-here.ts';
import { listeningPort } from '../../test/support/listening-port.ts';

let cwd = '';
const given = process.env['ENVOY_BIN'];
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'helve-mistakes-'));
  await writeFile(join(cwd, 'file'), '');
  await mkdir(join(cwd, 'empty'));
  await mkdir(join(cwd, 'good'));
  await writeFile(
    join(cwd, 'good', 'web.yaml'),
    'kind: Listener\nname: web\nport: 8080\nto: a:80\n',
  );
});
afterAll(async () => {
  if (given === undefined) delete process.env['ENVOY_BIN'];
  else process.env['ENVOY_BIN'] = given;
  await rm(cwd, { recursive: true, force: true });
});

const FREE = ['--admin', '127.0.0.1:0', '--proxy-admin', '127.0.0.1:0'];

const run = (...args: readonly string[]): Promise<Ran> => runHere(cwd, args);

test.each<[readonly string[], RegExp]>([
  [['init', 'file'], /^file is a file; name a folder$/],
  [['init', 'file/below'], /^cannot write into file\/below: a part of the path is a file$/],
  [['init', '/proc/nothing'], /^cannot write into \/proc\/nothing: there is no such folder$/],
  [['up', 'nowhere'], /^nowhere does not exist; helve init nowhere writes one$/],
  [['up', 'empty'], /^empty has no documents; helve init empty writes one$/],
])('helve %s says in one line what is wrong', async (args, said) => {
  expect(await run(...args)).toEqual({
    code: 1,
    out: '',
    err: expect.stringMatching(said) as string,
  });
});

test.each<[string, readonly string[]]>([
  ['up', ['up', 'good', ...FREE]],
  ['validate', ['validate', 'good', '--with-envoy']],
])('%s with an ENVOY_BIN that is none says so in one line', async (_what, args) => {
  process.env['ENVOY_BIN'] = '/bin/false';
  const { code, err } = await run(...args);
  expect(err).toMatch(/^no Envoy [0-9.]+: ENVOY_BIN \(\/bin\/false\) is not an Envoy; .*$/);
  expect(code).toBe(1);
});

test('up names the flag where the admin port of its Envoy is taken', async () => {
  const server = createServer();
  const port = await listeningPort(server);
  const { code, err } = await run(
    'up',
    'good',
    ...FREE.slice(0, 2),
    '--proxy-admin',
    `127.0.0.1:${port}`,
  );
  server.close();
  expect(err).toBe(
    `127.0.0.1:${port}, Envoy's admin address, is in use; name another --proxy-admin`,
  );
  expect(code).toBe(1);
});

test('up names every port that is taken at once, and what two of its own want', async () => {
  const servers = Array.from({ length: 4 }, () => createServer());
  const [xds = 0, admin = 0, proxy = 0, web = 0] = await Promise.all(servers.map(listeningPort));
  const listener = (name: string, port: number): string =>
    `kind: Listener\nname: ${name}\naddress: 127.0.0.1\nport: ${port}\nto: a:80\n`;
  await mkdir(join(cwd, 'every'));
  const text = `${listener('web', web)}---\n${listener('ops', admin)}`;
  await writeFile(join(cwd, 'every', 'web.yaml'), text);
  const own = ['--xds', `localhost:${xds}`, '--admin', `127.0.0.1:${admin}`];
  const ran = await run('up', 'every', ...own, '--proxy-admin', `127.0.0.1:${proxy}`);
  for (const server of servers) server.close();
  expect(ran.code).toBe(1);
  expect(ran.err.split('\n')).toEqual([
    `localhost:${xds}, the xDS address, is in use; name another --xds`,
    `127.0.0.1:${admin}, the admin address, is in use; name another --admin`,
    `127.0.0.1:${proxy}, Envoy's admin address, is in use; name another --proxy-admin`,
    `127.0.0.1:${admin} is in use; change \`port:\` (web.yaml:10)`,
    `127.0.0.1:${web} is in use; change \`port:\` (web.yaml:4)`,
    `127.0.0.1:${admin} is wanted twice; name another --admin, or change \`port:\` (web.yaml:10)`,
  ]);
});

test('serve names both of its ports where both are taken', async () => {
  const servers = [createServer(), createServer()];
  const [xds = 0, admin = 0] = await Promise.all(servers.map(listeningPort));
  const own = ['--xds', `127.0.0.1:${xds}`, '--admin', `127.0.0.1:${admin}`];
  const ran = await run('serve', 'good', ...own, '--state', join(cwd, 'state'));
  for (const server of servers) server.close();
  expect(ran.code).toBe(1);
  expect(ran.err.split('\n')).toEqual([
    expect.stringMatching(/^the xDS address .*EADDRINUSE.*; name another --xds$/) as string,
    expect.stringMatching(/^the admin address .*EADDRINUSE.*; name another --admin$/) as string,
  ]);
});

test('up names the line of a port that is taken, before it starts anything', async () => {
  const server = createServer();
  const port = await listeningPort(server);
  const text = `kind: Listener\nname: web\naddress: 127.0.0.1\nport: ${port}\nto: a:80\n`;
  await mkdir(join(cwd, 'taken'));
  await writeFile(join(cwd, 'taken', 'web.yaml'), text);
  const ran = await run('up', 'taken', ...FREE);
  server.close();
  const err = `127.0.0.1:${port} is in use; change \`port:\` (web.yaml:4)`;
  expect(ran).toEqual({ code: 1, out: '', err });
});
