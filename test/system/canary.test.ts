import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
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
  let port: number;

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
        listenerText('tls', port, ['shop']),
        clusterText('a', [a]),
        routeText('main', ['tls'], 'a'),
      ].join('---\n'),
    );
    await rig.write('raw.yaml', rawSecrets(inline.cert, inline.key));
    await rig.startHelve(['--log-level', 'debug']);
    await rig.helve.ready();
    await rig.startEnvoy();
    await rig.inStep();
  });
  afterAll(() => rig.close());

  it('after a start, a rotation, a torn pair and a refusal', async () => {
    const next = await pair();
    await rig.write('certs/shop.crt', next.cert);
    await rig.write('certs/shop.key', next.key);
    await until('the new certificate is served', async () =>
      (await servedSerial(port, HOST)) === next.serial ? true : null,
    );
    const torn = await pair();
    await rig.write('certs/shop.key', torn.key);
    await until('the torn pair is held', async () =>
      (await rig.helve.status()).input.state === 'held' ? true : null,
    );
    // A key where a document is expected, and one where a string is.
    const pasted = await pair();
    await rig.write('oops.yaml', `kind: Cluster\nname: ${JSON.stringify(pasted.key)}\n`);
    await until('the pasted key is refused', async () =>
      (await rig.helve.status()).input.diagnostics.some((d) => d.file === 'oops.yaml')
        ? true
        : null,
    );
    expectSilence('while held', await outputs());
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
      if (isLeak && ((await stat(join(rig.state, path))).mode & 0o077) !== 0) open.push(path);
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
      const leaked = canaries.filter((canary) => text.includes(canary));
      expect(leaked.length, `${name} ${when}`).toBe(0);
      expect(/BEGIN [A-Z ]*PRIVATE KEY/.test(text), `${name} ${when}`).toBe(false);
    }
  };
});

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
