// From a save to the first answer of a real Envoy that shows it; and the same table pushed to the
// same Envoy by the floor, which is what Envoy itself takes.
import { join } from 'node:path';
import { median, now, pause, quantile } from '../rig/clock.mjs';
import { EDITED, editedText, markerOf } from '../rig/documents.mjs';
import { withEnvoy } from '../rig/envoy.mjs';
import { startFleet } from '../rig/fleet.mjs';
import { createFolder } from '../rig/folder.mjs';
import { freePorts } from '../../scripts/free-ports.mjs';
import { startHelve } from '../rig/helve.mjs';
import { FLOOR, startPeer } from '../rig/peers.mjs';
import { cpuMs } from '../rig/process-figures.mjs';
import { saveRecording } from '../rig/recording.mjs';
import { nextMarker } from '../rig/rounds.mjs';

const WARM_UP = 2;
const SETTLE_MS = 100;

/** One row for helve and one for the floor. */
export async function measureEnvoy({ layout, shape, edits, say }) {
  const [port] = await freePorts(1);
  const folder = await createFolder({ ...shape, port });
  const fleet = startFleet();
  const started = [];
  const what = { layout, routes: shape.routes };
  try {
    const helve = await startHelve(folder.root);
    started.push(helve);
    await helve.ready();
    await fleet.boot({ address: helve.address, count: 1, records: true });
    const resources = await fleet.record();
    await fleet.drop();
    const recording = await saveRecording(join(folder.root, 'recording'), resources, markerOf(0));
    const floor = await startPeer(FLOOR, recording);
    started.push(floor);
    const save = (marker) => folder.save(EDITED, editedText(marker));
    const servers = [
      { name: 'helve', ...helve, edit: save },
      { name: FLOOR.name, ...floor },
    ];
    const rows = [];
    for (const server of servers) {
      say(`through Envoy, ${layout}, ${shape.routes} routes: ${server.name}`);
      const figures = await throughEnvoy(server, port, edits);
      rows.push({ server: server.name, ...what, tableBytes: recording.table.bytes, ...figures });
    }
    return rows;
  } finally {
    fleet.end();
    for (const one of started) await one.stop();
    await folder.remove();
  }
}

function throughEnvoy(server, port, edits) {
  return withEnvoy({ address: server.address, port }, async (envoy) => {
    const rounds = [];
    for (let edit = 0; edit < edits + WARM_UP; edit += 1) {
      const marker = nextMarker();
      const make = await server.edit(marker);
      const cpu = cpuMs([envoy.pid]);
      const startedAt = now();
      await make();
      await envoy.shows(marker);
      rounds.push({ ms: now() - startedAt, envoyCpuMs: cpuMs([envoy.pid]) - cpu });
      await pause(SETTLE_MS);
    }
    const counted = rounds.slice(WARM_UP).map(({ ms }) => ms);
    return {
      edits: counted.length,
      seenMs: median(counted),
      seenMsP90: quantile(counted, 0.9),
      envoyCpuMs: median(rounds.slice(WARM_UP).map(({ envoyCpuMs }) => envoyCpuMs)),
    };
  });
}
