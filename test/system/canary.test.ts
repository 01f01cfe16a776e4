import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issue } from './support/certificates.ts';
import { clusterText, listenerText, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { servedSerial } from './support/tls.ts';
import { until } from './support/until.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const run = promisify(execFile);
const HOST = 'shop.test';

/** Longer than any accident: a line from the middle of a key's base64. */
const canaryOf = (key: string): string => key.split('\n')[1]?.slice(8, 56) ?? '';

describe('secrets appear in no output', () => {
  let rig: Rig;
  const canaries: string[] = [];
  /** Secrets that do not look like keys: documents hold them as text. */
  const tokens: string[] = [];
  let port: number;
  /** Another folder, to tell the differences to. */
  let before = '';

  const pair = async (): ReturnType<typeof issue> => {
    const made = await issue([HOST]);
    canaries.push(canaryOf(made.key));
    return made;
  };

  beforeAll(async () => {
    rig = await createRig();
    const a = await rig.upstream('a');
    port = await freePort();
    const first = await pair();
    await rig.write('certs/shop.crt', first.cert);
    await rig.write('certs/shop.key', first.key);
    const raw = await pair();
    await rig.write('certs/raw.crt', raw.cert);
    await rig.write('certs/raw.key', raw.key);
    const inline = await pair();
    await rig.write(
      'shop.yaml',
      [
        'kind: Certificate\nname: shop\ncert: certs/shop.crt\nkey: certs/shop.key\n',
        listenerText('tls', port, ['shop']).replace(']}', '], sessionTickets: [tickets]}'),
        'kind: Secret\nname: tickets\nfile: keys/tickets\n',
        clusterText('a', [a]),
        routeText('main', ['tls'], 'a'),
        GUARDED(TOKEN),
      ].join('---\n'),
    );
    await rig.write('raw-credentials.yaml', rawCredentials(TOKEN));
    before = await mkdtemp(join(tmpdir(), 'helve-canary-'));
    tokens.push(PREVIOUS);
    await writeFile(
      join(before, 'shop.yaml'),
      [clusterText('a', [a]), 'kind: Listener\nname: web\nport: 80\n', GUARDED(PREVIOUS)].join(
        '---\n',
      ),
    );
    await writeFile(join(before, 'raw.yaml'), rawCredentials(PREVIOUS));
    await rig.write('raw.yaml', rawSecrets(inline.cert, inline.key));
    tokens.push(TOKEN, BASE64, KEY, Buffer.from(KEY).toString('base64'), NEXT_KEY);
    await rig.write('keys/alpha', `${KEY}\n`);
    await rig.write('keys/tickets', ticketKey(TICKET, 80));
    for (const key of [TICKET, NEXT_TICKET])
      canaries.push(key, Buffer.from(key).toString('base64'));
    await rig.write('alpha.yaml', 'kind: Secret\nname: alpha\nfile: keys/alpha\n');
    await rig.write('tokens.yaml', TOKENS);
    await rig.startHelve(['--log-level', 'debug']);
    await rig.helve.ready();
    await rig.startEnvoy();
    await rig.inStep();
  });
  afterAll(async () => {
    await rig.close();
    await rm(before, { recursive: true, force: true });
  });

  it('SDS-06 after a start, a rotation, a torn pair and a refusal', async () => {
    const next = await pair();
    await rig.write('certs/shop.crt', next.cert);
    await rig.write('certs/shop.key', next.key);
    await until('the new certificate is served', async () =>
      (await servedSerial(port, HOST)) === next.serial ? true : null,
    );
    await rig.write('keys/alpha', ` ${NEXT_KEY} `);
    await until('the key with spaces is held', async () =>
      (await rig.helve.status()).input.diagnostics.some((d) => d.code === 'SECRET_WHITESPACE')
        ? true
        : null,
    );
    await rig.write('keys/tickets', ticketKey(NEXT_TICKET, 81));
    await until('the ticket key with a byte too many is held', async () =>
      (await rig.helve.status()).input.diagnostics.some((d) => d.code === 'TICKET_KEY')
        ? true
        : null,
    );
    expectSilence('with held keys', await outputs());
    await rig.write('keys/tickets', ticketKey(NEXT_TICKET, 80));
    await rig.write('keys/alpha', `${NEXT_KEY}\n`);
    const torn = await pair();
    await rig.write('certs/shop.key', torn.key);
    await until('the torn pair is held', async () =>
      (await rig.helve.status()).input.state === 'held' ? true : null,
    );
    // A key where a document is expected, and one where a string is.
    const pasted = await pair();
    await rig.write(
      'oops.yaml',
      `kind: Cluster\nname: ${JSON.stringify(pasted.key)}\n${JSON.stringify(pasted.key)}: x\n`,
    );
    await until('the pasted key is refused', async () =>
      (await rig.helve.status()).input.diagnostics.some((d) => d.file === 'oops.yaml')
        ? true
        : null,
    );
    expectSilence('while held', await outputs());
    // Findings whose places are the secrets themselves.
    await rig.write('oops.yaml', MISPLACED);
    await until('the misplaced secrets are refused', async () =>
      (await rig.helve.status()).input.diagnostics.some((d) => d.file === 'oops.yaml')
        ? true
        : null,
    );
    expectSilence('with secrets in wrong places', await outputs());
    await rig.remove('oops.yaml');
    await rig.write('certs/shop.crt', torn.cert);
    await rig.inStep();
    expectSilence('when clean', await outputs());
  });

  it('keeps private keys in the material folder only, for its owner only', async () => {
    await rig.helve.stop();
    const leaks: string[] = [];
    const open: string[] = [];
    for (const path of await filesOf(rig.state)) {
      const bytes = await readFile(join(rig.state, path), 'latin1');
      const isLeak = canaries.some((canary) => bytes.includes(canary));
      if (isLeak && !path.startsWith('material/')) leaks.push(path);
      const isSecret = isLeak || tokens.some((token) => bytes.includes(token));
      if (isSecret && ((await stat(join(rig.state, path))).mode & 0o077) !== 0) open.push(path);
    }
    expect(leaks).toEqual([]);
    expect(open).toEqual([]);
  });

  const outputs = async (): Promise<Readonly<Record<string, string>>> => {
    const paths = ['/readyz', '/healthz', '/metrics', '/v1/status', '/v1/nodes', '/v1/snapshot'];
    const found: Record<string, string> = { log: rig.helve.logs() };
    for (const path of paths) found[path] = (await rig.helve.get(path)).text;
    const { admin } = rig.helve.options;
    const commands = [
      ['translate', rig.dir],
      ['validate', rig.dir],
      ['validate', rig.dir, '-o', 'json'],
      ['diff', before, rig.dir],
      ['diff', before, rig.dir, '-o', 'json'],
      ['explain', 'route', rig.dir, `https://${HOST}:${port}/`],
      ['explain', 'route', rig.dir, `https://${HOST}:${port}/`, '-o', 'json'],
      ['explain', 'route', before, 'http://guarded.test/?token=x', '-H', 'x-token: x'],
      ['explain', 'route', before, 'http://guarded.test/', '-o', 'json'],
      ['status', '--admin', admin],
      ['nodes', '--admin', admin],
    ];
    for (const args of commands) {
      const done = await run(process.execPath, [MAIN, ...args]).catch((error: unknown) => error);
      const { stdout, stderr } = done as { stdout: string; stderr: string };
      found[args.join(' ')] = stdout + stderr;
    }
    return found;
  };

  const expectSilence = (when: string, all: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(all)) {
      expect(text.length, `${name} ${when} says something`).toBeGreaterThan(0);
      const leaked = [...canaries, ...tokens].filter((canary) => text.includes(canary));
      expect(leaked.length, `${name} ${when}`).toBe(0);
      expect(/BEGIN [A-Z ]*PRIVATE KEY/.test(text), `${name} ${when}`).toBe(false);
    }
  };
});

const KEY = 'CANARY-key-0123456789';
const PREVIOUS = 'CANARY-previous-0123456789';
const NEXT_KEY = 'CANARY-next-0123456789';
/** Of 24 bytes: in base64 their end is no other text. */
const TICKET = 'CANARY-ticket-0123456789';
const NEXT_TICKET = 'CANARY-tomorrow-01234567';
const ticketKey = (text: string, length: number): Buffer =>
  Buffer.concat([Buffer.from(text), Buffer.alloc(length - text.length)]);
const TOKEN = 'CANARY-token-0123456789';
const BASE64 = Buffer.from(`${TOKEN}${TOKEN}`).toString('base64');
const SECRET = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';
const BASIC_AUTH = 'type.googleapis.com/envoy.extensions.filters.http.basic_auth.v3.BasicAuth';

const TOKENS = `resources:
- "@type": ${SECRET}
  name: token
  generic_secret: {secret: {inline_string: ${TOKEN}}}
- "@type": ${SECRET}
  name: bytes
  generic_secret:
    secret: {inline_bytes: "${BASE64}"}
- "@type": ${SECRET}
  name: tickets
  session_ticket_keys: {keys: [{inline_bytes: "${BASE64}"}]}
- "@type": type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig
  name: users
  typed_config:
    "@type": ${BASIC_AUTH}
    users: {inline_string: "${TOKEN}:{SHA}tESsBmE/yNY3lb6a0L6vVQEZNqw="}
`;

const MISPLACED = `resources:
- "@type": ${SECRET}
  name: listed
  generic_secret: {secret: [${TOKEN}]}
- "@type": ${SECRET}
  name: number
  generic_secret: {secret: {inline_bytes: "!!${TOKEN}"}}
- "@type": ${SECRET}
  name: bare
  generic_secret: ${TOKEN}
- "@type": ${SECRET}
  name: keys
  ${TOKEN}: x
  generic_secret: {${TOKEN}: x, secret: {${TOKEN}: x, inline_string: y}}
- "@type": ${SECRET}
  name: certificates
  tls_certificate: {${TOKEN}: x, private_key_provider: {${TOKEN}: x}}
- "@type": ${SECRET}
  name: nested
  tls_certificate: {private_key: {inline_string: 1}, password: {inline_string: {x: ${TOKEN}}}}
---
kind: Patch
name: pasted
target: {kind: Listener, name: tls}
merge:
  filter_chains:
  - name: shop
    transport_socket:
      typed_config:
        common_tls_context:
          tls_certificates: [{private_key: {inline_string: ${TOKEN}}}]
---
kind: Secret
name: pasted
env: "${TOKEN} "
`;

/** Credentials where documents have headers, parameters and conditions on them. */
const GUARDED = (token: string): string => `kind: Route
name: guarded
hosts: [guarded.test]
rules:
- {to: a, match: {headers: {x-token: ${token}}, query: {apikey: {prefix: ${token}}}}}
- to: a
  match: {prefix: /set, query: {token: ${token}}}
  headers: {request: {set: {authorization: "Bearer ${token}", x-api-key: ${token}}}}
`;

const rawCredentials = (token: string): string => `resources:
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: checked
  type: STATIC
  health_checks:
  - timeout: 1s
    interval: 60s
    unhealthy_threshold: 1
    healthy_threshold: 1
    http_health_check:
      path: /
      request_headers_to_add: [{header: {key: authorization, value: "Bearer ${token}"}}]
  load_assignment: {cluster_name: checked}
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: raw
  request_headers_to_add: [{header: {key: x-api-key, value: ${token}}}]
  virtual_hosts: []
`;

const rawSecrets = (cert: string, key: string): string => `resources:
- "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
  name: from-files
  tls_certificate:
    certificate_chain: {filename: certs/raw.crt}
    private_key: {filename: certs/raw.key}
- "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
  name: inline
  tls_certificate:
    certificate_chain: {inline_string: ${JSON.stringify(cert)}}
    private_key: {inline_string: ${JSON.stringify(key)}}
`;

async function filesOf(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
