import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { clusterText, listenerText, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { listenerMoves } from './support/steady.ts';
import { until } from './support/until.ts';

const HTTP = 'type.googleapis.com/envoy.extensions';

/** A patch of the HTTP part of the listener `web`. */
const ofManager = (name: string, config: string): string => `kind: Patch
name: ${name}
target: {kind: Listener, name: web}
merge:
  filter_chains:
  - filters:
    - name: envoy.filters.network.http_connection_manager
      typed_config: ${config}
`;

const ofRoute = (value: string): string => `kind: Patch
name: tag
target: {kind: Route, name: main, rule: all}
merge: {response_headers_to_add: [{header: {key: x-tag, value: "${value}"}}]}
`;

/** Envoy takes it, until it opens the file. */
const LOG = ofManager(
  'log',
  `{access_log: [{name: file, typed_config: {"@type": ${HTTP}.access_loggers.file.v3.FileAccessLog, path: /nowhere/helve/log}}]}`,
);

const CREDENTIALS = ofManager(
  'credentials',
  `{http_filters: [{name: credentials, typed_config: {
        "@type": ${HTTP}.filters.http.credential_injector.v3.CredentialInjector,
        overwrite: true,
        credential: {name: generic, typed_config: {
          "@type": ${HTTP}.http.injected_credentials.generic.v3.Generic,
          header: x-api-key,
          credential: {name: secret/alpha, sds_config: {ads: {}}}}}}}]}`,
);

describe.each<Wire>(['delta', 'sotw'])('patches and secrets, %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let server: Server;
  let port: number;

  const answer = async (): Promise<Headers> => {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    await response.text();
    return response.headers;
  };
  const header = (name: string, value: string | null): Promise<true> =>
    until(`${name} is ${value}`, async () => ((await answer()).get(name) === value ? true : null));
  const changes = async (): Promise<number> => (await listenerMoves(envoy)).modified;

  beforeAll(async () => {
    rig = await createRig();
    port = await freePort();
    // Says which key it was asked with.
    server = createServer((request, response) => {
      response.setHeader('x-got', String(request.headers['x-api-key'] ?? 'nothing'));
      response.end('ok');
    });
    const upstream = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    await rig.write(
      'web.yaml',
      [
        listenerText('web', port),
        routeText('main', ['web'], 'up'),
        clusterText('up', [{ address: `127.0.0.1:${upstream}` }]),
      ].join('---\n'),
    );
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    await header('x-got', 'nothing');
  });
  afterAll(async () => {
    await rig.close();
    server.closeAllConnections();
    server.close();
  });

  it('a patch of a rule is live, edited and gone without touching the listener', async () => {
    const before = await changes();
    await rig.write('tag.yaml', ofRoute('one'));
    await header('x-tag', 'one');
    await rig.write('tag.yaml', ofRoute('two'));
    await header('x-tag', 'two');
    await rig.remove('tag.yaml');
    await header('x-tag', null);
    expect(await changes()).toBe(before);
  });

  it('a patch of a listener is live', async () => {
    await rig.write(
      'name.yaml',
      ofManager('name', '{server_header_transformation: OVERWRITE, server_name: patched}'),
    );
    await header('server', 'patched');
  });

  it('a refusal names the patch, and what was live stays', async () => {
    await rig.write('log.yaml', LOG);
    const rejected = await until('it is refused', async () => {
      const [node] = await rig.helve.nodes();
      return node?.types.flatMap((type) => type.rejected)[0] ?? null;
    });
    expect(rejected.name).toBe('web');
    expect(rejected.origins.map(({ file, line }) => [file, line])).toEqual([['log.yaml', 5]]);
    await header('server', 'patched');
    await rig.remove('log.yaml');
    await rig.inStep();
  });

  it('a secret rotates while the listener stays, and a cut one holds the last', async () => {
    await rig.write('keys/alpha', 'key-one\n');
    await rig.write('alpha.yaml', 'kind: Secret\nname: alpha\nfile: keys/alpha\n');
    await rig.write('credentials.yaml', CREDENTIALS);
    await header('x-got', 'key-one');
    await rig.inStep();
    const before = await changes();
    await rig.write('keys/alpha', 'key-two\n');
    await header('x-got', 'key-two');
    await rig.write('keys/alpha', '');
    const held = await until('the empty file is held', async () => {
      const { input } = await rig.helve.status();
      return input.state === 'held' ? input : null;
    });
    expect(held.diagnostics[0]).toMatchObject({
      code: 'SECRET_EMPTY',
      file: 'alpha.yaml',
      line: 3,
    });
    await header('x-got', 'key-two');
    await rig.write('keys/alpha', 'key-three');
    await header('x-got', 'key-three');
    expect(await changes()).toBe(before);
  });
});
