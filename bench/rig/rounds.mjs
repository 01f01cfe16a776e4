// Edits against a server with clients, one after the other: times, CPU, memory and bytes.
import { markerOf } from './documents.mjs';
import { median, now, pause } from './clock.mjs';
import { cpuMs, memoryMb, resetPeak } from './process-figures.mjs';

/** What a server still does after the last client has answered counts as well, ms. */
const SETTLE_MS = 60;
/** The first rounds find code that was not compiled yet. */
const WARM_UP = 2;

let markers = 0;

/** A text that no edit of this run has had. */
export function nextMarker() {
  markers += 1;
  return markerOf(markers);
}

/**
 * Boots `clients` against a server, makes `edits` of one route, and lets the clients go.
 *
 * @param {object} options
 * @param {object} options.fleet
 * @param {object} options.server `address`, `pids`, and `edit`, which resolves to what does it
 * @param {number} options.clients
 * @param {number} options.edits
 * @param {() => Promise<void>} [options.afterwards] with the clients still there
 */
export async function measureRounds({ fleet, server, clients, edits, afterwards }) {
  const before = memoryMb(server.pids());
  const cpuBefore = cpuMs(server.pids());
  const booted = await fleet.boot({ address: server.address, count: clients });
  await pause(SETTLE_MS);
  const bootCpuMs = between(cpuBefore, cpuMs(server.pids()));
  const idle = memoryMb(server.pids());
  resetPeak(server.pids());
  const rounds = [];
  for (let edit = 0; edit < edits + WARM_UP; edit += 1) rounds.push(await round(fleet, server));
  const peakMb = memoryMb(server.pids()).peak;
  const extra = await afterwards?.();
  await fleet.drop();
  const counted = rounds.slice(WARM_UP);
  const of = (field) => counted.map((one) => one[field]);
  return {
    clients,
    edits: counted.length,
    bootMs: booted.ms,
    bootCpuMs,
    lastAckMs: median(of('lastMs')),
    lastAckMsWorst: Math.max(...of('lastMs')),
    middleAckMs: median(of('middleMs')),
    cpuMs: medianOrNull(of('cpuMs')),
    servingCpuMs: medianOrNull(of('servingCpuMs')),
    responsesPerClient: median(of('responses')) / clients,
    bytesPerClient: median(of('socketBytes')) / clients,
    memoryMb: { without: before.now, idle: idle.now, peak: peakMb },
    ...extra,
  };
}

async function round(fleet, server) {
  const marker = nextMarker();
  const make = await server.edit(marker);
  await fleet.watchFor(marker);
  await fleet.counts();
  const serving = [server.pids()[0]];
  const cpu = [cpuMs(server.pids()), cpuMs(serving)];
  const startedAt = now();
  await make();
  const times = await fleet.seen();
  await pause(SETTLE_MS);
  const { responses, socketBytes } = await fleet.counts();
  return {
    lastMs: Math.max(...times) - startedAt,
    middleMs: median(times) - startedAt,
    cpuMs: between(cpu[0], cpuMs(server.pids())),
    servingCpuMs: between(cpu[1], cpuMs(serving)),
    ...{ responses, socketBytes },
  };
}

const between = (before, after) => (before === null || after === null ? null : after - before);
const medianOrNull = (values) => (values.includes(null) ? null : median(values));
