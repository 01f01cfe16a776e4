// The processes of the demo: helve, two real Envoys, two upstreams; all on free loopback ports.
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startUpstream } from '../../test/support/upstream.mjs';
import { freePorts } from '../free-ports.mjs';
import { ROOT } from '../setup.mjs';
import { firstFiles, GROUPS, save } from './documents.mjs';
import { until } from './envoys.mjs';
import { orStopped } from './stop.mjs';

/** What is ended has this long before it is killed, ms. */
const CLOSE_MS_MAX = 600;

/** The two variants of xDS, the protocol that Envoys are configured by. */
const WIRES = { delta: 'only what changed (delta)', sotw: 'whole lists (sotw)' };

/** Starts everything and waits until both Envoys serve; `close` ends what was started. */
export async function openStage({ certificate, say }) {
  // Built by the setup; it cannot be imported before.
  const envoy = await import('../../dist/envoy/index.js');
  // Of a demo that was killed: its processes and folders.
  await envoy.sweepTempFolders();
  const root = await envoy.makeTempFolder('demo');
  const closers = [];
  const close = async () => {
    await Promise.all(closers.map((closer) => closer()));
    await rm(root, { recursive: true, force: true });
  };
  try {
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
    stage.onLog = helve.onLog;
    say(`helve serves ${folder}, admin http://${stage.admin}/v1/status`);
    const { path, version } = await orStopped(envoy.ensureEnvoy({ onProgress: say }));
    for (const wire of GROUPS) {
      const bootstrap = envoy.makeBootstrap({
        nodeId: `demo-${wire}`,
        cluster: wire,
        xds: stage.xds,
        wire,
        adminPort: 0,
      });
      const running = await envoy.launchEnvoy({ binary: path, bootstrap, logLevel: 'warning' });
      closers.push(() => running.stop(CLOSE_MS_MAX));
      endWithUs(running.pid);
      stage.envoys.push(running);
      await orStopped(running.ready(60_000));
      say(`Envoy ${version} runs, told ${WIRES[wire]}; admin http://${running.adminAddress}`);
    }
    return stage;
  } catch (error) {
    await close();
    throw error;
  }
}

/** However this process ends, short of being killed, nothing that it started outlives it. */
function endWithUs(pid) {
  process.on('exit', () => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  });
}

/** `helve serve` as a user starts it, until it is ready. */
async function startHelve({ folder, xds, admin }, state) {
  const args = ['serve', folder, '--xds', xds, '--admin', admin, '--state', state];
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  let tell = () => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      log = (log + text).slice(-20_000);
      tell(text);
    });
  }
  endWithUs(child.pid);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS_MAX);
    await exited;
    clearTimeout(timer);
  };
  await until('helve is ready', async () => {
    if (child.exitCode !== null) return 'gone';
    return (await fetch(`http://${admin}/readyz`)).status === 200;
  }).catch(async () => {
    await stop();
    throw new Error(`helve did not become ready:\n${log}`);
  });
  if (child.exitCode !== null) throw new Error(`helve ended:\n${log}`);
  const { humanLine } = await import('../../dist/host/human-line.js');
  const onLog = (listener) => {
    let rest = '';
    tell = (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) listener(humanLine(line, false));
    };
  };
  return { stop, onLog };
}
