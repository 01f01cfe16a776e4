import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureEnvoy, readPins, run } from '../../src/envoy/index.ts';
import { FORMAT_COMMANDS, formatProblem } from '../../src/model/index.ts';
import { compareReleases, type JsonObject } from '../../src/schema/index.ts';

// Which Envoy has which formatter command: the table of helve against each pinned Envoy.
const versions = Object.keys(readPins().versions);

/** Arguments of those that take none but with one. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  CEL: '(request.path)',
  CLUSTER_METADATA: '(a:b)',
  COALESCE: '({"operators": ["PROTOCOL"]})',
  COMMON_DURATION: '(DS_RX_BEG:DS_RX_END:ms)',
  DYNAMIC_METADATA: '(a:b)',
  ENVIRONMENT: '(HOME)',
  FILTER_STATE: '(a)',
  METADATA: '(ROUTE:a:b)',
  PER_REQUEST_STATE: '(a)',
  QUERY_PARAM: '(a)',
  REQ: '(a)',
  REQUEST_HEADER: '(a)',
  RESP: '(a)',
  RESPONSE_HEADER: '(a)',
  RESPONSE_TRAILER: '(a)',
  TRAILER: '(a)',
  UPSTREAM_FILTER_STATE: '(a)',
  UPSTREAM_METADATA: '(a:b)',
};

const written = (command: string): string => `%${command}${ARGUMENTS[command] ?? ''}%`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helve-formats-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const type = (name: string): string => `type.googleapis.com/envoy.extensions.${name}`;
const ECHO = { '@type': type('filters.network.echo.v3.Echo') };

/** One that takes the format in its log, where most formats stand. */
const logging = (format: string): JsonObject => ({
  filter_chains: [{ filters: [{ name: 'echo', typed_config: ECHO }] }],
  access_log: [
    {
      name: 'log',
      typed_config: {
        '@type': type('access_loggers.stream.v3.StdoutAccessLog'),
        log_format: { text_format_source: { inline_string: format } },
      },
    },
  ],
});

/** One that writes a header by it. */
const answering = (value: string): JsonObject => {
  const manager = {
    '@type': type('filters.network.http_connection_manager.v3.HttpConnectionManager'),
    stat_prefix: 'x',
    http_filters: [
      { name: 'router', typed_config: { '@type': type('filters.http.router.v3.Router') } },
    ],
    route_config: {
      virtual_hosts: [
        { name: 'v', domains: ['*'], response_headers_to_add: [{ header: { key: 'x', value } }] },
      ],
    },
  };
  return { filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }] };
};

/** What an Envoy says against a listener; '' where it takes it. */
async function refusalOf(version: string, listener: JsonObject): Promise<string> {
  const { path } = await ensureEnvoy({ version });
  const file = join(folder, 'bootstrap.json');
  const address = { socket_address: { address: '127.0.0.1', port_value: 0 } };
  const static_resources = { listeners: [{ name: 'l', address, ...listener }] };
  await writeFile(file, JSON.stringify({ static_resources }));
  const args = ['--mode', 'validate', '--config-path', file, '--log-level', 'error'];
  const { code, stderr } = await run(path, args, { timeoutMs: 120_000 });
  return code === 0 ? '' : stderr;
}

describe.each(versions)('Envoy %s', (version) => {
  const isThere = (since: string | null): boolean =>
    since === null || compareReleases(version, since) >= 0;
  const known = [...FORMAT_COMMANDS].filter(([, since]) => isThere(since));
  const missing = [...FORMAT_COMMANDS].filter(([, since]) => !isThere(since));

  it('takes all that it is said to have', async () => {
    const commands = known.map(([command]) => written(command));
    expect(await refusalOf(version, answering(commands.join(' ')))).toBe('');
    const elsewhere = commands.filter((command) => formatProblem(command) === null);
    expect(commands.length - elsewhere.length).toBe(1);
    expect(await refusalOf(version, logging(elsewhere.join(' ')))).toBe('');
  });

  it.each(missing)('lacks %s, which came with %s', async (command) => {
    expect(await refusalOf(version, logging(written(command)))).toContain(command);
    expect(await refusalOf(version, answering(written(command)))).toContain(command);
  });

  it('lacks what there is not', async () => {
    for (const format of ['%NO_SUCH_COMMAND%', '%PER_REQUEST_STATE(a)%']) {
      expect(await refusalOf(version, logging(format))).not.toBe('');
    }
  });
});
