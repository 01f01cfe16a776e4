// `npm run demo`: helve and two real Envoys under real traffic, while their configuration changes.
// `npm run demo -- --keep` leaves it running.
import { clusters, route, save } from './demo/documents.mjs';
import { certificateLive, routesLive, until } from './demo/envoys.mjs';
import { openStage } from './demo/stage.mjs';
import { setUp } from './setup.mjs';

const RPS = 200;
const LOOK_MS = 1_500;

const keeps = process.argv.includes('--keep');
const say = (line) => process.stdout.write(`${line}\n`);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function demo() {
  const { startLoad } = await import('../test/support/load.mjs');
  const { issue } = await import('../test/support/certificate.mjs');
  const first = await issue(['shop.example.com']);
  const stage = await openStage({ certificate: first, say });
  const interrupted = new Promise((resolve) => process.once('SIGINT', resolve));
  const show = play(stage, { startLoad, issue, first }, interrupted);
  try {
    return await Promise.race([show, interrupted.then(() => (keeps ? show : 1))]);
  } finally {
    await stage.close();
  }
}

/** The show itself; with `--keep` it lasts until Ctrl-C. */
async function play(stage, { startLoad, issue, first }, interrupted) {
  const load = startLoad({ targets: targetsOf(stage), rps: RPS, newConnectionShare: 0.5 });
  say(`\n${RPS} requests/s through both Envoys, half on new connections, half of them TLS\n`);
  try {
    await pause(LOOK_MS);
    const steps = await run(STEPS, { stage, load, issue, first });
    await pause(LOOK_MS);
    if (!keeps) return report(await load.stop(), steps) ? 0 : 1;
    const isClean = report(load.stats(), steps);
    sayAddresses(stage);
    await interrupted;
    return isClean ? 0 : 1;
  } finally {
    // A failed step must not leave requests that keep the process alive.
    await load.stop();
  }
}

const STEPS = [
  {
    name: 'a weight moved',
    why: 'routes.yaml: cart-v2 goes from 10% to 90% of the traffic',
    act: async ({ stage, load }) => {
      const before = await share(load);
      const startedAt = performance.now();
      const weights = { 'cart-v1': 10, 'cart-v2': 90 };
      await save(stage.folder, { 'routes.yaml': route(weights) });
      const ms = await routesLive(stage.envoys, weights, startedAt);
      return { ms, seen: `v2 served ${before}% before, ${await share(load)}% after` };
    },
  },
  {
    name: 'a certificate rotated',
    why: 'certs/shop/tls.key and tls.crt are rewritten; open connections stay',
    act: async ({ stage, issue, first }) => {
      const next = await issue(['shop.example.com']);
      const startedAt = performance.now();
      await save(stage.folder, {
        'certs/shop/tls.key': next.key,
        'certs/shop/tls.crt': next.cert,
      });
      const ports = Object.values(stage.ports).map(({ https }) => https);
      const ms = await certificateLive(ports, next.serial, startedAt);
      return { ms, seen: `serial ${first.serial} before, ${next.serial} after` };
    },
  },
  {
    name: 'a broken edit held',
    why: 'routes.yaml: a typo, "crat-v1" is no cluster; nothing may reach an Envoy',
    act: async ({ stage }) => {
      const startedAt = performance.now();
      await save(stage.folder, { 'routes.yaml': route({ 'crat-v1': 10, 'cart-v2': 90 }) });
      const { input } = await until('the edit is held', async () => inputIs(stage, 'held'));
      const [found] = input.diagnostics;
      const place = `${found.file}:${found.line}:${found.column}`;
      const seen = `${place}  ${found.severity}  ${found.code}  ${found.message}`;
      return { ms: performance.now() - startedAt, seen };
    },
  },
  {
    name: 'the fix',
    why: 'routes.yaml: the right name again, 50:50',
    act: async ({ stage }) => {
      const startedAt = performance.now();
      const weights = { 'cart-v1': 50, 'cart-v2': 50 };
      await save(stage.folder, { 'routes.yaml': route(weights) });
      const ms = await routesLive(stage.envoys, weights, startedAt);
      await until('the input is clean', async () => inputIs(stage, 'clean'));
      return { ms, seen: 'the input is clean again' };
    },
  },
  {
    name: 'a cluster renamed with its route',
    why: 'clusters.yaml and routes.yaml: cart-v1 becomes cart-stable in one go',
    act: async ({ stage }) => {
      const startedAt = performance.now();
      const weights = { 'cart-stable': 50, 'cart-v2': 50 };
      await save(stage.folder, {
        'clusters.yaml': clusters('cart-stable', stage.upstreams),
        'routes.yaml': route(weights),
      });
      const ms = await routesLive(stage.envoys, weights, startedAt);
      return { ms, seen: 'added, switched, and removed only after a grace: make before break' };
    },
  },
];

async function run(steps, scene) {
  const done = [];
  for (const { name, why, act } of steps) {
    say(`• ${name}: ${why}`);
    const failedBefore = scene.load.stats().failed;
    const { ms, seen } = await act(scene);
    say(`  ${seen}`);
    await pause(LOOK_MS);
    done.push({ name, ms, failed: scene.load.stats().failed - failedBefore });
  }
  return done;
}

/** The share of v2 in the requests of the next moment, in percent. */
async function share(load) {
  const before = load.stats().byUpstream;
  await pause(LOOK_MS);
  const after = load.stats().byUpstream;
  const served = (name) => (after[name] ?? 0) - (before[name] ?? 0);
  return Math.round((100 * served('v2')) / Math.max(1, served('v1') + served('v2')));
}

async function inputIs({ admin }, state) {
  const status = await (await fetch(`http://${admin}/v1/status`)).json();
  return status.input.state === state ? status : null;
}

function targetsOf({ ports }) {
  return Object.values(ports).flatMap(({ http, https }) => [
    { port: http, path: '/cart' },
    { port: https, path: '/cart', tls: true, host: 'shop.example.com' },
  ]);
}

/** Prints the table; returns whether no request failed. */
function report(stats, steps) {
  const width = Math.max(...steps.map(({ name }) => name.length));
  const line = (name, ms, failed) =>
    say(`${name.padEnd(width)}  ${ms.padStart(12)}  ${failed.padStart(6)}`);
  say('');
  line('', 'save to live', 'failed');
  for (const { name, ms, failed } of steps) line(name, `${ms.toFixed(0)} ms`, String(failed));
  say('');
  say(`requests ${stats.requests}, failures ${stats.failed}`);
  for (const { atMs, reason, target } of stats.failures.slice(0, 10)) {
    say(`  at ${atMs} ms: ${reason} (${target})`);
  }
  return stats.failed === 0;
}

function sayAddresses({ folder, admin, ports, envoys }) {
  say(`\nfolder  ${folder}`);
  say(`helve   http://${admin}/v1/status`);
  for (const [index, [wire, { http, https }]] of Object.entries(ports).entries()) {
    const own = `http://127.0.0.1:${http}/ https://127.0.0.1:${https}/`;
    say(`${wire.padEnd(6)}  ${own} admin http://${envoys[index].adminAddress}`);
  }
  say('Edit the folder and watch; Ctrl-C ends everything.');
}

// At the end, so that everything above is there.
try {
  await setUp({ say });
  process.exitCode = await demo();
} catch (error) {
  say(`the demo failed: ${error.message}`);
  process.exitCode = 1;
}
