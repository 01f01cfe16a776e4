import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NodeReport } from '../server/index.ts';
import { plainClient, type PlainStream } from '../../test/support/grpc-client.ts';
import { runHere } from '../../test/support/run-here.ts';
import { startedHost } from '../../test/support/started-host.ts';
import type { Host } from './index.ts';

// A hundred nodes, of which some refuse, some are too old, some do not answer and some have gone.

const CDS = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const ADS = 'envoy.service.discovery.v3.AggregatedDiscoveryService';
const NODES = 100;
/** What a node does, by the last digit of its number. */
const ROLES: readonly (readonly [role: Role, state: string, digits: readonly number[]])[] = [
  ['too old', 'TOO OLD', [9]],
  ['refuses', 'refused', [7, 8]],
  ['is silent', 'adding', [6]],
  ['accepts', 'in step', [0, 1, 2, 3, 4]],
  ['leaves', 'gone', [5]],
];
type Role = 'accepts' | 'refuses' | 'is silent' | 'too old' | 'leaves';

/** Its cluster has no endpoints that would be asked for. */
const SOURCE =
  'kind: Cluster\nname: app\nendpoints: ["localhost:8001"]\n---\n' +
  'kind: Listener\nname: web\naddress: 127.0.0.1\nport: 18080\nto: app\n';

let root = '';
const closers: (() => Promise<unknown> | undefined)[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'helve-fleet-'));
  await mkdir(join(root, 'config'));
  await writeFile(join(root, 'config', 'all.yaml'), SOURCE);
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(root, { recursive: true, force: true });
});

const nameOf = (at: number): string => `edge-${String(at).padStart(3, '0')}`;

const roleOf = (at: number): Role => {
  const found = ROLES.find(([, , digits]) => digits.includes(at % 10));
  if (found === undefined) throw new Error(`${at} has no role`);
  return found[0];
};

function nodeOf(at: number): object {
  const minor_number = roleOf(at) === 'too old' ? 20 : 40;
  const version = { version: { major_number: 1, minor_number } };
  return { id: nameOf(at), user_agent_name: 'envoy', user_agent_build_version: version };
}

/** Opens a stream of one node, and leaves it as its role has it. */
async function takePart(open: () => PlainStream, at: number): Promise<void> {
  const stream = open();
  stream.send({ node: nodeOf(at), type_url: CDS });
  const role = roleOf(at);
  if (role === 'too old') return;
  const { nonce } = await stream.next();
  if (role === 'leaves') stream.cancel();
  if (role === 'is silent' || role === 'leaves') return;
  const error_detail = { code: 13, message: 'the lab says no' };
  const error = role === 'refuses' ? { error_detail } : {};
  stream.send({ type_url: CDS, response_nonce: nonce, ...error });
}

async function startFleet(): Promise<Host> {
  const host = await startedHost(root);
  closers.push(() => host.close());
  await host.ready;
  for (let begin = 0; begin < NODES; begin += 50) {
    const client = plainClient(host.xdsAddress() ?? '', 'discovery', ADS);
    closers.push(() => {
      client.close();
      return undefined;
    });
    const open = (): PlainStream => client.open('DeltaAggregatedResources');
    const numbers = Array.from({ length: 50 }, (_, at) => begin + at);
    await Promise.all(numbers.map((at) => takePart(open, at)));
  }
  return host;
}

async function nodesOf(host: Host, query = ''): Promise<readonly NodeReport[]> {
  const reply = await fetch(`http://${host.adminAddress}/v1/nodes${query}`);
  return (await reply.json()) as readonly NodeReport[];
}

const isSettled = (nodes: readonly NodeReport[]): boolean => {
  const count = (is: (node: NodeReport) => boolean): number => nodes.filter(is).length;
  return (
    count(({ inStep }) => inStep) === 50 &&
    count(({ connected }) => !connected) === 10 &&
    count(({ floorMissed }) => floorMissed !== null) === 10 &&
    count(({ types }) => types.some(({ rejected }) => rejected.length > 0)) === 20
  );
};

test('a fleet of a hundred: on a screen, trouble before all else, and page by page', async () => {
  const host = await startFleet();
  await expect
    .poll(async () => isSettled(await nodesOf(host)), { timeout: 60_000, interval: 50 })
    .toBe(true);

  const cli = (...args: readonly string[]) =>
    runHere(root, ['nodes', '--admin', host.adminAddress, ...args]);
  const { code, out } = await cli();
  const lines = out.split('\n');
  expect(code).toBe(1);
  expect(lines.length).toBeLessThan(60);
  // What has to be looked at is above all that is well.
  const at = lines[0]?.indexOf('STATE') ?? -1;
  const rows = lines.slice(1, 41).map((line) => line.slice(at).split(/ {2,}/)[0]);
  const states = ROLES.map(([, state]) => state);
  const sorted = [...rows].sort((a, b) => states.indexOf(a ?? '') - states.indexOf(b ?? ''));
  expect(rows).toEqual(sorted);
  expect(rows.slice(0, 31)).toEqual([
    ...Array.from({ length: 10 }, () => 'TOO OLD'),
    ...Array.from({ length: 20 }, () => 'refused'),
    'adding',
  ]);
  expect(lines[41]).toBe('and 60 more: 50 in step, 10 gone; --all shows each');
  // What many say is told once.
  const told = lines.filter((line) => /^(NACK|TOO OLD) /.test(line));
  expect(told).toEqual([
    expect.stringMatching(/^NACK {2}edge-007, .* and 15 more {2}CDS app {2}the lab says no$/),
    expect.stringMatching(/^TOO OLD {2}edge-009, .* and 5 more {2}Envoy 1\.20\.0 is older than/),
  ]);
  expect(lines[lines.indexOf(told[0] ?? '') + 1]).toMatch(/^ +from all\.yaml:1:/);

  const all = await cli('--all');
  for (let at = 0; at < NODES; at += 1) expect(all.out).toContain(`\n${nameOf(at)} `);

  const pages: (readonly string[])[] = [];
  for (let after = ''; ;) {
    const page = (await nodesOf(host, `?limit=30&after=${after}`)).map(({ id }) => id);
    pages.push(page);
    after = page.at(-1) ?? '';
    if (page.length < 30) break;
  }
  expect(pages.map(({ length }) => length)).toEqual([30, 30, 30, 10]);
  expect(pages.flat()).toEqual(Array.from({ length: NODES }, (_, at) => nameOf(at)));
});
