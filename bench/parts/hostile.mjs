// Beside one real Envoy stand clients that are stuck, slow, or mean harm: how long an edit takes
// until the Envoy shows it, and what memory is left when they have gone.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../scripts/free-ports.mjs';
import { endWithUs } from '../rig/children.mjs';
import { median, now, pause, quantile } from '../rig/clock.mjs';
import { EDITED, editedText } from '../rig/documents.mjs';
import { withEnvoy } from '../rig/envoy.mjs';
import { startFleet } from '../rig/fleet.mjs';
import { createFolder } from '../rig/folder.mjs';
import { startHelve } from '../rig/helve.mjs';
import { memoryMb } from '../rig/process-figures.mjs';
import { nextMarker } from '../rig/rounds.mjs';
import { TYPE } from '../rig/wire.mjs';

const PROGRAM = fileURLToPath(new URL('../rig/hostile-process.mjs', import.meta.url));
const WARM_UP = 3;
const SETTLE_MS = 100;
/** Memory is given back by the collector, which takes its time where nothing happens. */
const MEMORY_MS_MAX = 60_000;
const MEMORY_MS = 500;
const MEMORY_BACK = 1.1;

/**
 * @param {object} options
 * @param {object} options.shape
 * @param {number} options.edits at least, of each half
 * @param {{readers: number, floods: number, garbage: number, reconnects: number}} options.peers
 * @param {(line: string) => void} options.say
 */
export async function measureHostile({ shape, edits, peers, say }) {
  const [port] = await freePorts(1);
  const folder = await createFolder({ ...shape, port });
  const helve = await startHelve(folder.root);
  try {
    await helve.ready();
    const tables = await tablesOf(helve.address);
    return await withEnvoy({ address: helve.address, port }, async (envoy) => {
      const edit = () => editOnce(folder, envoy);
      say('hostile clients: none yet');
      for (let count = 0; count < WARM_UP; count += 1) await edit();
      const quiet = await repeated(edit, (count) => count < edits);
      const before = memoryOf(helve);
      say(`hostile clients: ${JSON.stringify(peers)}`);
      const hostile = await startHostile({ address: helve.address, tables, ...peers });
      const beside = await repeated(edit, (count) => count < edits || !hostile.isDone());
      const counts = await hostile.done;
      const among = memoryOf(helve);
      await hostile.end();
      say('hostile clients: gone');
      const after = await memoryBack(helve, edit, before);
      return {
        ...{ routes: shape.routes, ...peers, ...counts },
        ...{ quiet: figuresOf(quiet), beside: figuresOf(beside) },
        memoryMb: { before, among, after },
      };
    });
  } finally {
    await helve.stop();
    await folder.remove();
  }
}

/** Until the Envoy shows it, ms. */
async function editOnce(folder, envoy) {
  const marker = nextMarker();
  const make = await folder.save(EDITED, editedText(marker));
  const startedAt = now();
  await make();
  await envoy.shows(marker);
  const ms = now() - startedAt;
  await pause(SETTLE_MS);
  return ms;
}

async function repeated(task, goesOn) {
  const found = [];
  while (goesOn(found.length)) found.push(await task());
  return found;
}

const figuresOf = (times) => ({
  edits: times.length,
  ms: median(times),
  ms90: quantile(times, 0.9),
});

/** Names of the tables, as a client finds them. */
async function tablesOf(address) {
  const fleet = startFleet();
  try {
    await fleet.boot({ address, count: 1, records: true });
    const resources = await fleet.record();
    return resources.filter(({ type }) => type === TYPE.route).map(({ name }) => name);
  } finally {
    fleet.end();
  }
}

/** Resolves when all of them stand. */
async function startHostile(options) {
  const child = fork(PROGRAM, [JSON.stringify(options)]);
  endWithUs(child);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let isDone = false;
  const said = (kind) =>
    new Promise((resolve, reject) => {
      child.on('message', (message) => {
        if (message.kind === kind) resolve(message.counts);
      });
      void ended.then(() => reject(new Error('the hostile clients have ended')));
    });
  const done = said('done').then((counts) => {
    isDone = true;
    return counts;
  });
  // It is awaited after the edits.
  done.catch(() => undefined);
  await said('begun');
  return {
    done,
    isDone: () => isDone,
    end: async () => {
      child.disconnect();
      await ended;
    },
  };
}

/** Of the serving process, MB. */
const memoryOf = ({ servingPid }) => memoryMb([servingPid]).now;

/** The least that is seen, with edits going on, until it is near what it was. */
async function memoryBack(helve, edit, before) {
  const until = now() + MEMORY_MS_MAX;
  let least = memoryOf(helve);
  while (least > before * MEMORY_BACK && now() < until) {
    await edit();
    await pause(MEMORY_MS);
    least = Math.min(least, memoryOf(helve));
  }
  return least;
}
