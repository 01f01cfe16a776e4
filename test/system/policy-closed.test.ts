import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { compileFolder } from '../../src/cli/compile-folder.ts';
import { staticBootstrap } from '../../src/cli/static-bootstrap.ts';
import {
  ensureEnvoy,
  launchEnvoy,
  makeBootstrap,
  readPins,
  type RunningEnvoy,
} from '../../src/envoy/index.ts';
import { newIssuer } from './support/issuer.ts';
import { freePort } from './support/ports.ts';
import type { Wire } from './support/rig.ts';

// Listeners and routes as helve makes them, in Envoys that nobody sends the configs which their
// filters fetch: once they have waited for these in vain, they serve with the closed defaults.
const versions = Object.keys(readPins().versions).sort();
interface Day {
  readonly version: string;
  readonly wire: Wire;
}
const days: readonly Day[] = versions.flatMap((version) =>
  (['delta', 'sotw'] satisfies Wire[]).map((wire) => ({ version, wire })),
);

const house = newIssuer();

const documents = (port: number): string => `kind: Listener
name: web
address: 127.0.0.1
port: ${port}
---
kind: Route
name: shop
rules:
- {name: token, match: {prefix: /token}, jwt: {issuer: house, jwks: {file: keys.json}}, respond: {status: 200}}
- {name: limit, match: {prefix: /limit}, rateLimit: [{limit: 1000/s}], respond: {status: 200}}
- {name: who, match: {prefix: /who}, authorize: {deny: [{address: 10.0.0.0/8}]}, respond: {status: 200}}
- {name: open, respond: {status: 200}}
`;

/** What they fetch is to come over ADS, and nobody is there. */
const DYNAMIC = z.object({ ads_config: z.unknown() });

interface Alone {
  readonly envoy: RunningEnvoy;
  readonly port: number;
}

let folder: string;
const running: (Alone & Day)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helve-closed-'));
  for (const { version } of days) await ensureEnvoy({ version });
  const started: Promise<Alone>[] = [];
  for (const day of days) started.push(start(day, await freePort()));
  // Each waits for a quarter of a minute.
  for (const [at, one] of (await Promise.all(started)).entries()) {
    const day = days[at];
    if (day !== undefined) running.push({ ...one, ...day });
  }
});
afterAll(async () => {
  for (const { envoy } of running) await envoy.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start({ version, wire }: Day, port: number): Promise<Alone> {
  const source = join(folder, String(port));
  await mkdir(source);
  await writeFile(join(source, 'keys.json'), house.jwks);
  await writeFile(join(source, 'web.yaml'), documents(port));
  const { ingest, outcome } = await compileFolder({ source, allowPaths: [] });
  const rendered = outcome.ok ? await ingest.render('', null) : [];
  await ingest.close();
  const sent = rendered.filter(({ key }) => key.type !== 'TypedExtensionConfig');
  expect(sent.length).toBe(rendered.length - 2);
  const xds = `127.0.0.1:${await freePort()}`;
  const made = makeBootstrap({ nodeId: 'alone', cluster: 'alone', xds, wire, adminPort: 0 });
  const { ads_config } = DYNAMIC.parse(made['dynamic_resources']);
  const { static_resources } = staticBootstrap(sent);
  const envoy = await launchEnvoy({
    binary: (await ensureEnvoy({ version })).path,
    bootstrap: { ...made, dynamic_resources: { ads_config }, static_resources },
  });
  await envoy.ready(120_000);
  return { envoy, port };
}

it.each(days)('Envoy $version lets nobody in where a filter has no config, $wire', async (day) => {
  const { port } =
    running.find(({ version, wire }) => version === day.version && wire === day.wire) ?? {};
  const headers = { authorization: `Bearer ${house.token({ iss: 'house' })}` };
  const status = async (path: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${String(port)}${path}`, { headers })).status;
  expect(await status('/token')).toBe(403);
  expect(await status('/limit')).toBe(403);
  expect(await status('/who')).toBe(200);
  expect(await status('/open')).toBe(200);
});
