import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readPinnedApi } from '../../scripts/pinned-api.ts';
import {
  launchEnvoy,
  makeBootstrap,
  ensureEnvoy,
  packageRoot,
  readPins,
} from '../../src/envoy/index.ts';
import { deriveFacts, openSchema, parseFacts } from '../../src/schema/index.ts';

const versions = Object.keys(readPins().versions);
const sets = Promise.all(
  versions.map(async (version) => ({ version, set: await readPinnedApi(version) })),
);

test('envoy/facts.json is what the binaries say (npm run facts)', async () => {
  const kept = parseFacts(readFileSync(join(packageRoot(), 'envoy', 'facts.json'), 'utf8'));
  expect(kept).toEqual(deriveFacts(await sets));
});

const infoSchema = z.object({
  node: z.object({
    extensions: z.array(z.object({ type_urls: z.array(z.string()).default([]) })),
  }),
});

/** Types of the extensions that a running Envoy says it has. */
async function extensionTypes(version: string): Promise<ReadonlySet<string>> {
  const { path } = await ensureEnvoy({ version });
  const options = { nodeId: 'facts', cluster: 'facts', xds: '127.0.0.1:1', adminPort: 0 };
  const envoy = await launchEnvoy({ binary: path, bootstrap: makeBootstrap(options) });
  try {
    const reply = await envoy.admin('/server_info');
    const { extensions } = infoSchema.parse(JSON.parse(reply.body)).node;
    return new Set(extensions.flatMap(({ type_urls }) => type_urls));
  } finally {
    await envoy.stop();
  }
}

test('whether an Envoy has an extension is told by whether it knows the message', async () => {
  const apis = (await sets).map(({ version, set }) => openSchema(version, set));
  const registered = await Promise.all(versions.map(extensionTypes));
  const everywhere = new Set(registered.flatMap((types) => [...types]));
  const isOwn = (type: string): boolean => type.startsWith('envoy.extensions.');
  const liars = apis.flatMap((api, index) =>
    [...everywhere]
      .filter((type) => isOwn(type) && api.hasMessage(type) !== registered[index]?.has(type))
      .map((type) => `${api.version} ${type}`),
  );
  expect(liars).toEqual([]);
  expect([...everywhere].filter(isOwn).length).toBeGreaterThan(250);
});
