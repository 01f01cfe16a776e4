// `npm run demo`: helve and two real Envoys under real traffic, while their configuration changes.
// `npm run demo -- --keep` leaves it running.
import { parseFlags } from './demo/flags.mjs';
import { report, soFar, totals } from './demo/report.mjs';
import { openStage } from './demo/stage.mjs';
import { STEPS } from './demo/steps.mjs';
import { listenForStop, orStopped, pause, Stopped, stopped } from './demo/stop.mjs';
import { setUp } from './setup.mjs';

const RPS = 200;
const LOOK_MS = 1_500;
/** How long requests under way may take at the end, ms. */
const LOAD_MS_MAX = 500;

const say = (line) => process.stdout.write(`${line}\n`);

async function demo(keeps) {
  const { startLoad } = await import('../test/support/load.mjs');
  const { issue } = await import('../test/support/certificate.mjs');
  const first = await issue(['shop.example.com']);
  const stage = await openStage({ certificate: first, say });
  const load = startLoad({ targets: targetsOf(stage), rps: RPS, newConnectionShare: 0.5 });
  try {
    return await play({ stage, load, issue, first, say }, keeps);
  } finally {
    await Promise.race([load.stop(), new Promise((done) => setTimeout(done, LOAD_MS_MAX))]);
    await stage.close();
  }
}

/** The show itself; with `--keep` it lasts until Ctrl-C. */
async function play(scene, keeps) {
  const { stage, load } = scene;
  say(`\n${RPS} requests/s through both Envoys, half on new connections, half of them TLS\n`);
  await pause(LOOK_MS);
  const steps = await run(scene);
  await pause(LOOK_MS);
  const stats = load.stats();
  for (const line of report(stats, steps)) say(line);
  if (!keeps) return stats.failed === 0 ? 0 : 1;
  sayAddresses(stage);
  stage.onLog((text) => process.stdout.write(text));
  await orStopped(new Promise(() => undefined)).catch(() => undefined);
  say('');
  for (const line of totals(load.stats())) say(line);
  return load.stats().failed === 0 ? 0 : 1;
}

async function run(scene) {
  const done = [];
  for (const { name, why, act } of STEPS) {
    say(`• ${name}: ${why}`);
    const failedBefore = scene.load.stats().failed;
    const { took, seen } = await act(scene);
    await pause(LOOK_MS);
    const stats = scene.load.stats();
    say(`  ${seen}`);
    say(`  ${took}; ${soFar(stats)}`);
    done.push({ name, took, failed: stats.failed - failedBefore });
  }
  return done;
}

function targetsOf({ ports }) {
  return Object.values(ports).flatMap(({ http, https }) => [
    { port: http, path: '/cart' },
    { port: https, path: '/cart', tls: true, host: 'shop.example.com' },
  ]);
}

function sayAddresses({ folder, admin, ports, envoys }) {
  say(`\nfolder  ${folder}`);
  for (const [index, [wire, { http, https }]] of Object.entries(ports).entries()) {
    const own = `http://127.0.0.1:${http}/ https://127.0.0.1:${https}/`;
    say(`${wire.padEnd(6)}  ${own} admin http://${envoys[index].adminAddress}`);
  }
  say(`look    npx --no-install helve status --admin ${admin}`);
  say(`        npx --no-install helve nodes --admin ${admin}`);
  say("Edit the folder and watch helve's log below; Ctrl-C ends everything.\n");
}

async function main() {
  const { help, keeps } = parseFlags(process.argv.slice(2));
  if (help !== null) {
    say(help);
    return 0;
  }
  listenForStop();
  await setUp({ say, signal: stopped });
  const code = await demo(keeps);
  if (stopped.aborted) say('stopped, cleaned up');
  return code;
}

/** What is left open by then (a request, a download) must not keep the process. */
const end = (code) => process.stdout.write('', () => process.exit(code));

main().then(end, (error) => {
  if (error instanceof Stopped || stopped.aborted) {
    say('\nstopped, cleaned up');
    end(130);
  } else {
    say(`the demo failed: ${error.message}`);
    end(1);
  }
});
