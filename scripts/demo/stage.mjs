// The processes of the demo: helve, two real Envoys, two upstreams; all on free loopback ports.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startUpstream } from '../../test/support/upstream.mjs';
import { ROOT } from '../setup.mjs';
import { firstFiles, GROUPS, save } from './documents.mjs';
import { until } from './envoys.mjs';

/** Starts everything and waits until both Envoys serve; `close` ends what was started. */
export async function openStage({ certificate, say }) {
  // Built by the setup; it cannot be imported before.
  const { ensureEnvoy, launchEnvoy, makeBootstrap } = await import('../../dist/envoy/index.js');
  const closers = [];
  const close = async () => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const root = await mkdtemp(join(tmpdir(), 'helve-demo-'));
    closers.push(() => rm(root, { recursive: true, force: true }));
    const upstreams = [];
    for (const name of ['v1', 'v2']) {
      const upstream = await startUpstream({ name });
      upstreams.push(upstream.address);
      closers.push(upstream.close);
    }
    const [http1, https1, http2, https2, xdsPort, adminPort] = await freePorts(6);
    const ports = {
      delta: { http: http1, https: https1 },
      sotw: { http: http2, https: https2 },
    };
    const folder = join(root, 'config');
    await save(folder, {
      ...firstFiles(ports, upstreams),
      'certs/shop/tls.crt': certificate.cert,
      'certs/shop/tls.key': certificate.key,
    });
    const stage = {
      folder,
      ports,
      upstreams,
      xds: `127.0.0.1:${xdsPort}`,
      admin: `127.0.0.1:${adminPort}`,
      envoys: [],
      close,
    };
    const helve = await startHelve(stage, join(root, 'state'));
    closers.push(helve.stop);
    say(`helve serves ${folder}, admin http://${stage.admin}/v1/status`);
    const { path, version } = await ensureEnvoy({ onProgress: say });
    for (const wire of GROUPS) {
      const bootstrap = makeBootstrap({
        nodeId: `demo-${wire}`,
        cluster: wire,
        xds: stage.xds,
        wire,
        adminPort: 0,
      });
      const envoy = await launchEnvoy({ binary: path, bootstrap, logLevel: 'warning' });
      closers.push(envoy.stop);
      stage.envoys.push(envoy);
      await envoy.ready(60_000);
      say(`Envoy ${version} (${wire}) runs, admin http://${envoy.adminAddress}`);
    }
    return stage;
  } catch (error) {
    await close();
    throw error;
  }
}

/** `helve serve` as a user starts it, until it is ready. */
async function startHelve({ folder, xds, admin }, state) {
  const args = ['serve', folder, '--xds', xds, '--admin', admin, '--state', state];
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      log = (log + text).slice(-20_000);
    });
  }
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  await until('helve is ready', async () => {
    if (child.exitCode !== null) return 'gone';
    return (await fetch(`http://${admin}/readyz`)).status === 200;
  }).catch(async () => {
    await stop();
    throw new Error(`helve did not become ready:\n${log}`);
  });
  if (child.exitCode !== null) throw new Error(`helve ended:\n${log}`);
  return { stop };
}

/** Free ports below the ephemeral range, so that outgoing connections cannot take them. */
async function freePorts(count) {
  const found = new Set();
  while (found.size < count) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
