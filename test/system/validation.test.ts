import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureEnvoy, run } from '../../src/envoy/index.ts';
import type { Json, JsonObject, Schema } from '../../src/schema/index.ts';
import { openGenerated } from '../support/generated-schema.ts';
import { cluster } from '../support/raw-resources.ts';
import { REGEX_SIZES } from '../support/regex-samples.ts';
import { CLUSTER_CASES, LISTENER_CASES, samplesOf } from '../support/raw-samples.ts';
import { CLUSTERS, LISTENERS, type Sample } from './support/validation-samples.ts';

/**
 * Our codec against the real Envoy, which is the oracle: what one takes the other takes. Where we
 * are stricter, the sample says why.
 */
let envoy = '';
let folder = '';
let schema: Schema;

beforeAll(async () => {
  envoy = (await ensureEnvoy({ onProgress: () => undefined })).path;
  folder = await mkdtemp(join(tmpdir(), 'helve-validation-'));
  schema = openGenerated();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function envoyTakes(resources: Json, layered_runtime: Json = {}): Promise<string> {
  const file = join(folder, 'bootstrap.json');
  const admin = { address: { socket_address: { address: '127.0.0.1', port_value: 0 } } };
  await writeFile(file, JSON.stringify({ admin, layered_runtime, static_resources: resources }));
  const args = ['--mode', 'validate', '--config-path', file, '--log-level', 'error'];
  const { code, stderr } = await run(envoy, args, { timeoutMs: 60_000 });
  return code === 0 ? '' : stderr;
}

async function check(message: string, kind: 'clusters' | 'listeners', row: Sample): Promise<void> {
  const { problems } = schema.encode(message, row.value);
  const errors = problems.filter(({ code }) => code !== 'ENVOY_DEPRECATED');
  const words = await envoyTakes({ [kind]: [row.value] });
  const ours = errors.length === 0;
  expect(ours, JSON.stringify(errors)).toBe(row.isGood && row.stricter === undefined);
  expect(words === '', words).toBe(row.isGood);
}

describe('validation, as Envoy does it', () => {
  for (const row of CLUSTERS) {
    it(`cluster: ${row.name}`, () => check('envoy.config.cluster.v3.Cluster', 'clusters', row));
  }
  for (const row of LISTENERS) {
    it(`listener: ${row.name}`, () => check('envoy.config.listener.v3.Listener', 'listeners', row));
  }
});

/** The unit suite asks the compiler about the same. */
async function checkVerdict(resources: JsonObject, isGood: boolean): Promise<void> {
  const words = await envoyTakes(resources);
  expect(words === '', words).toBe(isGood);
}

/** What stands in a bootstrap names no type of its own. */
const untyped = (resource: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(resource).filter(([key]) => key !== '@type'));

describe('what no rule of the API says', () => {
  for (const { name, resource, isGood } of samplesOf(CLUSTER_CASES)) {
    it(`cluster: ${name}`, () => checkVerdict({ clusters: [untyped(resource)] }, isGood));
  }
  for (const { name, resource, isGood } of samplesOf(LISTENER_CASES)) {
    const listeners = [untyped(resource)];
    it(`listener: ${name}`, () =>
      checkVerdict({ listeners, clusters: [untyped(cluster())] }, isGood));
  }
});

/** With a limit below each: an expression that does not reach two instructions says nothing. */
async function envoySize(expression: string): Promise<number> {
  const route = { match: { safe_regex: { regex: expression } }, direct_response: { status: 200 } };
  const type = (name: string): string => `type.googleapis.com/envoy.extensions.filters.${name}`;
  const manager = {
    '@type': type('network.http_connection_manager.v3.HttpConnectionManager'),
    stat_prefix: 'x',
    http_filters: [{ name: 'router', typed_config: { '@type': type('http.router.v3.Router') } }],
    route_config: { virtual_hosts: [{ name: 'v', domains: ['*'], routes: [route] }] },
  };
  const listener = {
    name: 'l',
    address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
    filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
  };
  const words = await envoyTakes(
    { listeners: [listener] },
    { layers: [{ name: 'size', static_layer: { 're2.max_program_size.error_level': 1 } }] },
  );
  return words === '' ? 1 : Number(/RE2 program size of (\d+)/.exec(words)?.[1]);
}

describe('sizes of expressions, as Envoy counts them', () => {
  for (const [expression, size] of REGEX_SIZES.filter(([text]) => text !== '')) {
    it(`${expression}: ${size}`, async () => {
      expect(await envoySize(expression)).toBe(size);
    });
  }
});
