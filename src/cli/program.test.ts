import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { runHere, type Ran } from '../../test/support/run-here.ts';
import { packageRoot } from '../envoy/index.ts';
import { commandOf, type ExitCode } from './terminal.ts';

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'helve-cli-'));
});
afterAll(async () => {
  await rm(cwd, { recursive: true, force: true });
});

const run = (...args: readonly string[]): Promise<Ran> => runHere(cwd, args);

test.each([
  [['--help'], 0, /Exit codes:[^]*3 {2}the server cannot be reached/],
  [['--version'], 0, /^helve \d+\.\d+\.\d+$/],
  [['-V'], 0, /^helve \d+\.\d+\.\d+$/],
  [['bootstrap', '--help'], 0, /--node-id <id> .*\(required\)/],
  [['up', '--help'], 0, /--proxy-admin <address> +where the local Envoy opens/],
  [['serve', '--help'], 0, /--proxy-admin <address> +the Envoys' own admin/],
  [['translate', '--type', 'XDS'], 1, /Write one of LDS|Write one of .*LDS/],
  [['serve', '--help'], 0, /127\.0\.0\.1:18000/],
  [['nonsense'], 1, /unknown command/],
  [['serve'], 1, /missing required argument/],
  [['status', '--admin', 'nowhere'], 1, /HOST:PORT/],
  [['status', '--admin', '127.0.0.1:99999'], 1, /HOST:PORT/],
  [['apply', '--allow-removals=many'], 1, /whole number/],
  [['schema', 'diff', '1.36', '1.41'], 1, /two of 1\.36\.4, .*, the older first/],
  [['schema', 'diff', '1.40', '1.36'], 1, /the older first/],
  [['schema', 'diff', '1.36'], 1, /missing required argument 'to'/],
  [['bootstrap'], 1, /--node-id/],
  [['bootstrap', '--node-id', 'a', '--wire', 'rest'], 1, /delta, sotw/],
  [['bootstrap', '--node-id', 'a', '--local-cluster', 'edge'], 1, /needs --zone/],
  [['status', '--admin', 'unix:nothing-here.sock'], 3, /is `helve serve` running/],
  [['nodes', '--admin', 'unix:nothing-here.sock'], 3, /cannot be reached/],
  [['apply', '--admin', 'unix:nothing-here.sock'], 3, /cannot be reached/],
])('helve %s exits with %i', async (args, code, said) => {
  const ran = await run(...args);
  expect(ran.out + ran.err).toMatch(said);
  expect(ran.code).toBe(code);
});

test('version names helve and the pinned Envoy, and where that is', async () => {
  const given = process.env['ENVOY_BIN'];
  process.env['ENVOY_BIN'] = '/opt/envoy';
  expect((await run('version')).out).toMatch(
    /^helve \d+\.\d+\.\d+\nEnvoy \d+\.\d+\.\d+ .*\n {2}\/opt\/envoy\n/,
  );
  if (given === undefined) delete process.env['ENVOY_BIN'];
  else process.env['ENVOY_BIN'] = given;
});

test('translate of one type, as JSON', async () => {
  const folder = join(packageRoot(), 'examples', 'first-minute');
  const { out } = await run('translate', folder, '--type', 'LDS', '-o', 'json');
  const parsed = z.object({ resources: z.array(z.looseObject({ '@type': z.string() })) });
  expect(parsed.parse(JSON.parse(out)).resources.map((r) => r['@type'])).toEqual([
    'type.googleapis.com/envoy.config.listener.v3.Listener',
  ]);
  expect((await run('translate', folder, '--type', 'Listener')).out).toContain('port_value: 8080');
});

test.each([
  [{}, '', 'helve'],
  [{ npm_command: 'exec' }, '/x/node_modules/.bin/helve', 'npx --no-install helve'],
  [{ npm_command: 'exec', HELVE_COMMAND: './helve' }, '/srv/dist/main.js', './helve'],
  [{ npm_command: 'run-script' }, '/srv/dist/main.js', 'node dist/main.js'],
  [{}, '/opt/helve/dist/main.js', 'node /opt/helve/dist/main.js'],
  [{ PATH: '/bin:/usr/local/bin' }, '/usr/local/bin/helve', 'helve'],
  [{ PATH: '/bin' }, '/usr/local/bin/helve', '/usr/local/bin/helve'],
  [{ PATH: '/bin' }, '/srv/node_modules/.bin/helve', 'node_modules/.bin/helve'],
  [{ PATH: '/bin' }, '/srv/helve', './helve'],
])('called with %o as %s, hints say %s', async (env, path, command) => {
  expect(commandOf(env, { path, cwd: '/srv' })).toBe(command);
  const asked = await runHere(cwd, ['status', '--admin', 'unix:nothing.sock'], { command });
  expect(asked.err).toContain(`is \`${command} serve\` running?`);
  const wrong = await runHere(cwd, ['nonsense'], { command });
  expect(wrong.err).toContain(`(${command} --help lists the commands)`);
});

test('schema diff says what an Envoy brought', async () => {
  const { code, out } = await run('schema', 'diff', '1.36', '1.40.0');
  expect(code).toBe(0);
  const lines = out.split('\n');
  expect(lines[0]).toBe('Envoy 1.36.4 → 1.40.0');
  expect(lines).toContain('  + envoy.config.route.v3.CookieMatcher');
  expect(lines).toContain('  + envoy.config.route.v3.RouteMatch: cookies');
  expect(lines).toContain('  + envoy.config.accesslog.v3.ComparisonFilter.Op: NE');
  expect(lines).toContain('  - envoy.config.listener.v3.ListenerManager');
  expect(lines).toContain(
    '  ~ envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext: enforce_rsa_key_usage',
  );
  expect(lines).toContain('  ! envoy.type.v3.TokenBucket: max_tokens');
});

test('schema diff as JSON, of one step and of none', async () => {
  const step = z
    .object({
      from: z.string(),
      to: z.string(),
      added: z.object({ messages: z.array(z.string()) }),
    })
    .parse(JSON.parse((await run('schema', 'diff', '1.39', '1.40', '-o', 'json')).out));
  expect([step.from, step.to]).toEqual(['1.39.3', '1.40.0']);
  expect(step.added.messages).not.toContain('envoy.config.route.v3.CookieMatcher');
  const same = await run('schema', 'diff', '1.40', '1.40');
  expect(same.out).toBe('Envoy 1.40.0 → 1.40.0\nadded 0, removed 0, deprecated 0, other rules 0');
});

test('schema prints what editors read, of one kind, of all, and into files', async () => {
  const title = async (...args: readonly string[]): Promise<unknown> =>
    z.object({ title: z.string() }).parse(JSON.parse((await run('schema', ...args)).out)).title;
  expect(await title()).toBe('A document of helve');
  expect(await title('Route')).toBe('Route');
  expect(await title('settings')).toBe('helve.yaml');
  expect((await run('schema', 'Router')).err).toMatch(/Allowed choices are .*Route.*settings/);
  const { out } = await run('schema', '--output', 'schemas');
  expect(out.split('\n')).toContain('wrote schemas/documents.schema.json');
  const written = await readFile(join(cwd, 'schemas', 'documents.schema.json'), 'utf8');
  expect(JSON.parse(written)).toEqual(JSON.parse((await run('schema')).out));
});

const EVERYDAY = join(packageRoot(), 'examples', 'everyday');

test('explain route says which rule takes a request, why, and where it is written', async () => {
  const { code, out } = await run(
    ...['explain', 'route', EVERYDAY, 'POST', 'http://shop.example.com:8080/cart/x?y=1'],
    ...['-H', 'x-user-id: 7'],
  );
  expect(code).toBe(0);
  const place = String.raw`gateway\.yaml:\d+:\d+$`;
  for (const line of [
    `^listener +web +127.0.0.1:8080 +it has port 8080 +${place}`,
    '^host +shop.example.com +the exact name; 4 routes$',
    `^rule +cart of shop +GET,POST /cart +prefix of 5 bytes, 2 methods +${place}`,
    `^to +cart +95% +is gateway.yaml:\\d+:1 +${place}`,
    `^ +cart-next +5% +is gateway.yaml:\\d+:1 +${place}`,
    `^timeout +3s +${place}`,
    `^policy +headers +listener "web" +${place}`,
    `^may refuse +rateLimit {2}with 429 +route "shop", of policy "fair" +${place}`,
    `^  office of shop +/admin +the path is /cart/x, and it wants /admin, or below it +${place}`,
    `^  rest of shop +/ +/cart is longer than / +${place}`,
  ]) {
    expect(out).toMatch(new RegExp(line, 'm'));
  }
});

test('explain route as JSON, of a group, and where nothing can be said', async () => {
  const json = await run('explain', 'route', EVERYDAY, 'http://shop.example.com/', '-o', 'json');
  const place = z.object({ file: z.string(), line: z.number(), column: z.number() });
  const shape = z.object({
    kind: z.literal('routed'),
    taken: z.object({ rule: z.literal('rest'), place }),
    before: z.array(z.object({ rule: z.string(), takes: z.literal(false), place })).length(3),
  });
  expect(shape.safeParse(JSON.parse(json.out)).error).toBeUndefined();
  const none = await run('explain', 'route', EVERYDAY, 'https://shop.example.com:1/');
  expect([none.code, none.out]).toEqual([
    1,
    'GET https://shop.example.com:1/\nno listener has port 1; there are "web"; name one with --listener',
  ]);
  const group = await run('explain', 'route', EVERYDAY, 'http://x/', '--node-group', 'edge');
  expect([group.code, group.err]).toEqual([1, 'there is no NodeGroup "edge"; there are none']);
});

test.each<[args: readonly string[], said: RegExp]>([
  [['a', 'b', 'c', 'http://x/'], /write \[DIR\] \[METHOD\] URL/],
  [['http://'], /"http:\/\/" is no URL; write e\.g\. /],
  [['http://x/', '-H', 'nothing'], /Write 'name: value'/],
  [['nowhere', 'http://x/'], /nowhere|SOURCE/],
])('explain route %j is refused', async (args, said) => {
  const { code, out, err } = await run('explain', 'route', ...args);
  expect(out + err).toMatch(said);
  expect(code).toBe(1);
});

test('bootstrap prints YAML for the node', async () => {
  const { out } = await run('bootstrap', '--node-id', 'edge-1', '--xds', '[::1]:18000');
  expect(out).toContain('id: "edge-1"');
  expect(out).toContain('api_type: "DELTA_GRPC"');
  expect(out).toContain('address: "::1"');
});

test('bootstrap says where the node runs, and who is of its fleet', async () => {
  const place = ['--zone', 'eu-1a', '--region', 'eu', '--local-cluster', 'edge', '--reports-load'];
  const { out } = await run('bootstrap', '--node-id', 'edge-1', ...place);
  expect(out).toContain('  locality:\n    region: "eu"\n    zone: "eu-1a"\n');
  expect(out).toContain('  local_cluster_name: "helve_local"\n  load_stats_config:');
  expect(out).toContain('    - name: "helve_local"\n      type: "EDS"\n');
  expect(out).toContain('        service_name: "edge"\n');
});

test('init writes the example once, and never over anything', async () => {
  const first = await run('init', 'mine');
  expect(first.code).toBe(0);
  const files = await readdir(join(cwd, 'mine'), { recursive: true });
  expect(files).toContain(join('listeners', 'web.yaml'));
  const path = join(cwd, 'mine', 'listeners', 'web.yaml');
  const [line = ''] = (await readFile(path, 'utf8')).split('\n');
  const schema = /^# yaml-language-server: \$schema=(.*)$/.exec(line)?.[1] ?? '';
  expect(JSON.parse(await readFile(join(dirname(path), schema), 'utf8'))).toHaveProperty('$defs');
  await writeFile(path, 'kind: Listener\n');
  const second = await run('init', 'mine');
  expect(second.code).toBe(1);
  expect(second.err).toContain('nothing written');
  expect(await readFile(path, 'utf8')).toBe('kind: Listener\n');
});

const CLEAN = {
  version: '0.1.0',
  source: '/srv/config',
  input: { state: 'clean', since: '1970-01-01T00:00:00Z', diagnostics: [] },
  accepted: { revision: 1, hash: 'abc', time: '1970-01-01T00:00:00Z' },
  nodes: { connected: 1, running: 1, inStep: 1, pending: 0, nacked: 0, tooOld: 0, unsupported: 0 },
};
const counted = (counts: object): object => ({ ...CLEAN, nodes: { ...CLEAN.nodes, ...counts } });

test.each<[string, object, ExitCode]>([
  ['clean', CLEAN, 0],
  ['held', { ...CLEAN, input: { ...CLEAN.input, state: 'held' } }, 1],
  ['refused', counted({ inStep: 0, nacked: 1 }), 1],
  ['too old', counted({ inStep: 0, tooOld: 1, unsupported: 0 }), 1],
  ['lacking', counted({ inStep: 0, unsupported: 1 }), 1],
  ['pending', counted({ inStep: 0, pending: 1 }), 2],
  ['another program', { hello: 'world' }, 3],
])('status of a server that is %s', async (_, status, code) => {
  const server = createServer((request, response) => {
    response.end(JSON.stringify(request.url === '/v1/nodes' ? [] : status));
  });
  const socket = join(cwd, 'admin.sock');
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  const text = await run('status', '--admin', `unix:${socket}`);
  const json = await run('status', '--admin', `unix:${socket}`, '-o', 'json');
  await new Promise((resolve) => server.close(resolve));
  expect([text.code, json.code]).toEqual([code, code]);
  if (code !== 3) expect(JSON.parse(json.out)).toEqual(status);
});

test('what nobody expects is called a bug, with its stack', async () => {
  const broken = {
    now: () => {
      throw new Error('no clock');
    },
  };
  const ran = await runHere(cwd, ['validate', 'mine'], broken);
  expect(ran.code).toBe(1);
  expect(ran.err).toMatch(/^this is a bug of helve; please report it.*\nError: no clock\n +at /);
});

test('validate says where it shows only a part', async () => {
  await mkdir(join(cwd, 'many'));
  const broken = Array.from({ length: 120 }, (_, i) => `kind: Cluster\nname: c${i}\nx: 1\n`);
  for (const [i, text] of broken.entries()) await writeFile(join(cwd, 'many', `${i}.yaml`), text);
  const { code, out } = await run('validate', 'many', '--all');
  const few = (await run('validate', 'many')).out;
  expect(few).toContain('\nand 100 more; --all shows 80 of them\n100 errors, 20 more in');
  expect(few).not.toContain('FINDINGS_MORE');
  expect(code).toBe(1);
  expect(out).toContain('FINDINGS_MORE  100 of 120 findings are shown; mend these first\n');
  expect(out).toContain('\n100 errors, 20 more in 120 files');
  expect((await run('validate', 'mine')).out).not.toContain('FINDINGS_MORE');
});

const NODE = {
  ...{ id: 'a', cluster: 'c', groups: [], envoyVersion: '1.40.0', wire: 'delta', connected: true },
  ...{ since: '1970-01-01T00:00:00Z', running: true, inStep: true, phase: 'settled', types: [] },
  floorMissed: null,
  unsupported: [],
  userAgent: 'envoy',
  agentVersion: '1.40.0',
  locality: { region: '', zone: '', subZone: '' },
};

const LACK = {
  ...{ code: 'NODE_UNSUPPORTED', type: 'LDS', name: 'web', extension: 'envoy.x.Golang' },
  ...{ through: null, message: 'LDS web needs envoy.x.Golang', origin: null },
};

const POLL = {
  ...{ id: 'p', cluster: 'c', groups: [], envoyVersion: '', via: 'rest' },
  ...{ lastRequest: '1970-01-01T00:00:00Z', types: [{ type: 'CDS', seen: 'a', current: true }] },
};
const LATE_POLL = { ...POLL, types: [{ type: 'CDS', seen: '', current: false }] };

test.each<[string, object, object, ExitCode]>([
  ['in step', NODE, POLL, 0],
  ['gone', { ...NODE, connected: false, inStep: false }, POLL, 0],
  ['too old', { ...NODE, inStep: false, floorMissed: '1.40' }, LATE_POLL, 1],
  ['without an extension', { ...NODE, inStep: false, unsupported: [LACK] }, POLL, 1],
  ['removing', { ...NODE, inStep: false, phase: 'removing' }, POLL, 2],
  ['in step, beside one that polls and has not seen all', NODE, LATE_POLL, 2],
])('nodes of which one is %s', async (_, node, poll, code) => {
  const server = createServer(({ url }, response) => {
    response.end(JSON.stringify([url === '/v1/polls' ? poll : node]));
  });
  const socket = join(cwd, 'admin.sock');
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  const ran = await run('nodes', '--admin', `unix:${socket}`);
  await new Promise((resolve) => server.close(resolve));
  expect([ran.code, ran.err]).toEqual([code, '']);
});
