// `npm run bench`: how fast, how small. See README.md beside this file.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { barsOf } from './bars.mjs';
import { measureCold } from './parts/cold.mjs';
import { measureDelivery } from './parts/delivery.mjs';
import { measureEnvoy } from './parts/envoy.mjs';
import { measureHostile } from './parts/hostile.mjs';
import { measureStall } from './parts/stall.mjs';
import { PLANS } from './plan.mjs';
import { reportOf } from './report.mjs';
import { writeFigures } from './readme.mjs';
import { FLOOR, buildLinear } from './rig/peers.mjs';

const HERE = (path) => fileURLToPath(new URL(path, import.meta.url));
const HELP = `npm run bench -- [options]
  --quick        a short run: under two minutes on two cores
  --tiny         as small as it goes: shows that the programs run, measures nothing
  --only PARTS   some of: delivery, envoy, compile, sets, cold, stall,
                 hostile
  --no-go        without the peer in Go
  --json PATH    where the figures go (default: build/bench/latest.json)
  --write        put the tables into bench/README.md`;

const startedAt = performance.now();
const say = (line) => {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${line}\n`);
};

async function main() {
  const { values: flags } = parseArgs({
    options: {
      ...{ quick: { type: 'boolean' }, tiny: { type: 'boolean' }, only: { type: 'string' } },
      ...{ json: { type: 'string' }, write: { type: 'boolean' }, 'no-go': { type: 'boolean' } },
      help: { type: 'boolean' },
    },
  });
  if (flags.help === true) {
    process.stdout.write(`${HELP}\n`);
    return;
  }
  const size = flags.tiny === true ? 'tiny' : flags.quick === true ? 'quick' : 'full';
  const figures = await measure(size, flags);
  const json = flags.json ?? HERE('../build/bench/latest.json');
  mkdirSync(dirname(json), { recursive: true });
  writeFileSync(json, `${JSON.stringify(figures, null, 1)}\n`);
  const report = reportOf(figures);
  process.stdout.write(`${report}\nThe same as JSON: ${json}\n`);
  if (flags.write === true) writeFigures(HERE('README.md'), report);
}

async function measure(size, flags) {
  const plan = PLANS[size];
  const wanted = flags.only?.split(',') ?? Object.keys(plan);
  const unknown = wanted.filter((part) => !(part in plan));
  if (unknown.length > 0) throw new Error(`there is no part "${unknown[0]}"\n${HELP}`);
  const isIn = (part) => wanted.includes(part) && plan[part] !== null;
  const loadBefore = loadavg()[0];
  const { peer, why } = isIn('delivery')
    ? await peerOf(flags)
    : { peer: null, why: 'not asked for' };
  const measured = { envoy: [], delivery: [], cold: [], compile: [], sets: [] };
  if (isIn('compile')) measured.compile = await inProcess('compile', plan);
  if (isIn('sets')) measured.sets = await inProcess('sets', plan);
  for (const one of isIn('cold') ? plan.cold : []) {
    measured.cold.push(await measureCold({ shape: one, say }));
  }
  for (const one of isIn('envoy') ? plan.envoy : []) {
    measured.envoy.push(...(await measureEnvoy({ ...one, say })));
  }
  const peers = peer === null ? [FLOOR] : [FLOOR, peer];
  for (const one of isIn('delivery') ? plan.delivery : []) {
    const rows = await measureDelivery({ ...one, peers: one.hasPeers ? peers : [], say });
    measured.delivery.push(...rows);
  }
  const stall = isIn('stall') ? await measureStall({ shape: plan.stall, say }) : null;
  const hostile = isIn('hostile') ? await measureHostile({ ...plan.hostile, say }) : null;
  const machine = {
    ...{ cpu: cpus()[0]?.model.trim(), cores: cpus().length, memoryGb: totalmem() / 2 ** 30 },
    ...{ node: process.versions.node, loadBefore, loadAfter: loadavg()[0] },
  };
  const command = ['npm run bench', ...process.argv.slice(2)]
    .join(' ')
    .replace('bench -', 'bench -- -');
  const seconds = (performance.now() - startedAt) / 1000;
  const all = { command, size, seconds, machine, linear: why, ...measured, stall, hostile };
  return { ...all, bars: barsOf(all) };
}

const peerOf = (flags) =>
  flags['no-go'] === true ? { peer: null, why: 'left out by --no-go' } : buildLinear(say);

/** A part that has a process, and with it a heap and compiled code, of its own. */
async function inProcess(part, plan) {
  say(`${part}: ${JSON.stringify(plan[part])}`);
  const program = HERE(`parts/${part}-process.mjs`);
  const args = [program, JSON.stringify(plan[part])];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

main().then(
  () => process.exit(),
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
