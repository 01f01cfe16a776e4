import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { runHere } from '../support/run-here.ts';
import type { Upstream } from '../support/upstream.mjs';
import { clusterText, listenerText, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { until } from './support/until.ts';

// What `diff` says of draining before an edit, against what an Envoy does once it is live.
let rig: Rig;
let envoy: RunningEnvoy;
let web: string;
let stream: string;
let up: Upstream;

/** A listener that passes on what it gets, by the names in TLS and else to `up`. */
const streamText = (...routes: readonly (readonly [name: string, to: string])[]): string =>
  [
    `${stream}to: up\n`,
    ...routes.map(
      ([name, to]) =>
        `kind: TcpRoute\nname: ${name}\nlisteners: [stream]\nsni: [${name}.test]\nto: ${to}\n`,
    ),
  ].join('---\n');

beforeAll(async () => {
  rig = await createRig();
  web = listenerText('web', await freePort());
  await rig.write('web.yaml', web);
  stream = `${listenerText('stream', await freePort())}protocol: tcp\n`;
  await rig.write('stream.yaml', streamText());
  up = await rig.upstream('up');
  await rig.write('up.yaml', clusterText('up', [up]));
  await rig.write('shop.yaml', routeText('shop', ['web'], 'up'));
  await rig.startHelve();
  await rig.helve.ready();
  envoy = await rig.startEnvoy();
  await rig.inStep();
});
afterAll(() => rig.close());

interface Counts {
  readonly listeners: number;
  readonly chains: number;
}

const NOTHING: Counts = { listeners: 0, chains: 0 };
const WHOLE: Counts = { listeners: 1, chains: 0 };
const CHAIN: Counts = { listeners: 0, chains: 1 };

const DRAINS = z.object({
  groups: z.array(z.object({ drains: z.array(z.object({ chain: z.string().nullable() })) })),
});

/** Listeners and chains that are said to drain. */
async function said(
  before: string,
): Promise<{ readonly listeners: number; readonly chains: number }> {
  const { out } = await runHere(rig.root, ['diff', before, rig.dir, '-o', 'json']);
  const [group] = DRAINS.parse(JSON.parse(out)).groups;
  const drains = group?.drains ?? [];
  const listeners = drains.filter(({ chain }) => chain === null).length;
  return { listeners, chains: drains.length - listeners };
}

/** The same as Envoy counts it, since it began: what drains does so for ten minutes. */
async function draining(): Promise<Counts> {
  const stats = await envoy.stats('listener_manager');
  const of = (name: string): number => stats.get(`listener_manager.${name}`) ?? 0;
  return {
    listeners: of('total_listeners_draining'),
    chains: of('total_filter_chains_draining'),
  };
}

it.each<[what: string, file: string, text: () => string | Promise<string>, want: Counts]>([
  ['a route', 'shop.yaml', () => routeText('shop', ['web'], 'up\n  timeout: 5s'), NOTHING],
  ['a policy', 'web.yaml', () => `${web}headers: {response: {set: {a: b}}}\n`, NOTHING],
  [
    'a policy of a listener',
    'web.yaml',
    () => `${web}authorize: {deny: [{address: 10.0.0.0/8}]}\n`,
    NOTHING,
  ],
  ['the same, none', 'web.yaml', () => `${web}authorize: none\n`, NOTHING],
  ['its HTTP', 'web.yaml', () => `${web}http: {idleTimeout: 30s}\n`, CHAIN],
  ['its port', 'web.yaml', async () => listenerText('web', await freePort()), WHOLE],
  // Names are read from the first one on.
  ['the first TcpRoute', 'stream.yaml', () => streamText(['v', 'up']), WHOLE],
  ['a TcpRoute more', 'stream.yaml', () => streamText(['v', 'up'], ['w', 'up']), NOTHING],
  ['where one leads', 'stream.yaml', () => streamText(['v', '127.0.0.1:9'], ['w', 'up']), CHAIN],
  ['a TcpRoute less', 'stream.yaml', () => streamText(['w', 'up']), CHAIN],
  ['the last TcpRoute', 'stream.yaml', () => streamText(), WHOLE],
  ['tcp to http', 'stream.yaml', () => streamText().replace('protocol: tcp\n', ''), CHAIN],
  ['http to tcp', 'stream.yaml', () => streamText(), CHAIN],
  [
    'another name of a cluster',
    'shop.yaml',
    () => `${routeText('shop', ['web'], 'next')}---\n${clusterText('next', [up])}`,
    NOTHING,
  ],
])('%s changes', async (what, file, text, want) => {
  const before = join(rig.root, `before ${what}`);
  await cp(rig.dir, before, { recursive: true });
  const held = await draining();
  await rig.change(file, await text());
  expect(await said(before)).toEqual(want);
  // An Envoy drains once the new listener or chain has warmed.
  const since = async (): Promise<Counts> => {
    const { listeners, chains } = await draining();
    return { listeners: listeners - held.listeners, chains: chains - held.chains };
  };
  await until('it drains as said', async () => {
    const now = await since();
    return now.listeners >= want.listeners && now.chains >= want.chains ? true : null;
  });
  expect(await since()).toEqual(want);
});
