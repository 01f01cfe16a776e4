// From a save to the last ACK, for fleets of several sizes; and the same bytes pushed to the same
// fleets by the peers, in turns.
import { join } from 'node:path';
import { pause } from '../rig/clock.mjs';
import { EDITED, editedText } from '../rig/documents.mjs';
import { startFleet } from '../rig/fleet.mjs';
import { createFolder } from '../rig/folder.mjs';
import { startHelve } from '../rig/helve.mjs';
import { startPeer } from '../rig/peers.mjs';
import { saveRecording } from '../rig/recording.mjs';
import { measureRounds, nextMarker } from '../rig/rounds.mjs';

/** Longer than the sources rest after a change that may be one of many. */
const QUIET_MS = 300;

/**
 * One row for each server and number of clients.
 *
 * @param {object} options
 * @param {string} options.layout what the shape is called in the table
 * @param {object} options.shape
 * @param {readonly number[]} options.clients
 * @param {readonly object[]} options.peers
 * @param {number} options.edits
 * @param {(line: string) => void} options.say
 */
export async function measureDelivery({ layout, shape, clients, peers, edits, say }) {
  const folder = await createFolder(shape);
  const fleet = startFleet();
  const started = [];
  const rows = [];
  try {
    const helve = await startHelve(folder.root);
    started.push(helve);
    await helve.ready();
    const servers = [{ name: 'helve', ...helve, edit: editOf(folder) }];
    const recording = await record(fleet, servers[0], folder);
    for (const peer of peers) {
      const server = await startPeer(peer, recording);
      started.push(server);
      servers.push({ name: peer.name, ...server });
    }
    for (const count of clients) {
      for (const server of servers) {
        const isHelve = server.name === 'helve';
        const afterwards = isHelve ? () => touch(folder, fleet, server) : undefined;
        say(`${layout}, ${shape.routes} routes, ${count} clients: ${server.name}`);
        const figures = await measureRounds({ fleet, server, clients: count, edits, afterwards });
        const tableBytes = recording.table.bytes;
        rows.push({ server: server.name, layout, routes: shape.routes, tableBytes, ...figures });
      }
    }
  } finally {
    fleet.end();
    for (const one of started) await one.stop();
    await folder.remove();
  }
  return rows;
}

/** An edit as a user makes it: the text of one file is replaced. */
const editOf = (folder) => (marker) => folder.save(EDITED, editedText(marker));

async function record(fleet, helve, folder) {
  const marker = nextMarker();
  const { accepted } = await helve.status();
  await (
    await helve.edit(marker)
  )();
  await helve.accepted(accepted?.revision);
  await fleet.boot({ address: helve.address, count: 1, records: true });
  const resources = await fleet.record();
  await fleet.drop();
  return saveRecording(join(folder.root, 'recording'), resources, marker);
}

/** An edit that changes no resource: how many responses come of it. */
async function touch(folder, fleet, server) {
  const { accepted } = await server.status();
  const before = await folder.read(EDITED);
  await fleet.counts();
  await (
    await folder.save(EDITED, `# touched\n${before}`)
  )();
  await server.accepted(accepted.revision);
  await pause(QUIET_MS);
  const { responses } = await fleet.counts();
  return { responsesToNothing: responses };
}
