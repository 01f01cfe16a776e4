// How long the serving process leaves a ping unanswered while many routes compile beside it.
import { quantile } from '../rig/clock.mjs';
import { startFleet } from '../rig/fleet.mjs';
import { createFolder } from '../rig/folder.mjs';
import { startHelve } from '../rig/helve.mjs';
import { nextMarker } from '../rig/rounds.mjs';
import { EDITED, editedText } from '../rig/documents.mjs';

const PING_MS = 10;

/** Starts with few routes; then all others come at once. */
export async function measureStall({ shape, say }) {
  say(`the serving loop while ${shape.routes} routes compile`);
  const folder = await createFolder({ ...shape, routes: shape.hosts });
  const fleet = startFleet();
  const helve = await startHelve(folder.root);
  try {
    await helve.ready();
    await fleet.boot({ address: helve.address, count: 1 });
    const marker = nextMarker();
    await fleet.watchFor(marker);
    await fleet.pingEvery(PING_MS);
    const edit = await folder.save(EDITED, editedText(marker));
    await folder.become(shape);
    await edit();
    await fleet.seen();
    const pings = await fleet.pings();
    return {
      ...{ routes: shape.routes, pings: pings.length },
      ...{ ms99: quantile(pings, 0.99), msMax: Math.max(...pings) },
    };
  } finally {
    fleet.end();
    await helve.stop();
    await folder.remove();
  }
}
