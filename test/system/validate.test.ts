import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { runHere } from '../support/run-here.ts';

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'helve-validate-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const API = 'type.googleapis.com/envoy.';
const HCM = 'extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** Lua is compiled by Envoy alone. */
const textOf = (lua: string): string => `kind: Cluster
name: one
endpoints: [127.0.0.1:1]
---
resources:
  - '@type': ${API}config.listener.v3.Listener
    name: raw
    address: {socket_address: {address: 127.0.0.1, port_value: 8081}}
    filter_chains:
      - filters:
          - name: hcm
            typed_config:
              '@type': ${API}${HCM}
              stat_prefix: s
              route_config:
                name: x
                virtual_hosts:
                  - {name: a, domains: ['*'], routes: [{match: {prefix: /}, route: {cluster: one}}]}
              http_filters:
                - name: lua
                  typed_config:
                    '@type': ${API}extensions.filters.http.lua.v3.Lua
                    default_source_code: {inline_string: '${lua}'}
                - name: router
                  typed_config: {'@type': ${API}extensions.filters.http.router.v3.Router}
`;

test('what an Envoy refuses is an error at its document', async () => {
  await writeFile(join(cwd, 'raw.yaml'), textOf('function ('));
  const { code, out } = await runHere(cwd, ['validate', '--with-envoy']);
  expect(code).toBe(1);
  expect(out).toMatch(
    /^raw.yaml:6:5 {2}error {2}ENVOY_REFUSES {2}Envoy [\d.]+ refuses LDS raw: script load error/,
  );
  expect(out).toMatch(/\nEnvoy [\d.]+ refuses it\n1 error in 1 file /);
  const json = await runHere(cwd, ['validate', '--with-envoy', '-o', 'json']);
  const place = { code: 'ENVOY_REFUSES', file: 'raw.yaml', line: 6, column: 5 };
  const shape = z.object({ valid: z.boolean(), diagnostics: z.array(z.looseObject({})) });
  expect(shape.parse(JSON.parse(json.out))).toMatchObject({ valid: false, diagnostics: [place] });
  expect(json.code).toBe(1);
});

test('what it takes has no problems', async () => {
  await writeFile(join(cwd, 'raw.yaml'), textOf('function envoy_on_request(h) end'));
  const { code, out } = await runHere(cwd, ['validate', '--with-envoy']);
  expect(out).toMatch(/^Envoy [\d.]+ accepts it\nno problems in 1 file /);
  expect(code).toBe(0);
});
