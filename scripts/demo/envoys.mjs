// What an Envoy itself says that it runs: the demo believes nobody else.
import { connect } from 'node:tls';
import { orStopped, pause } from './stop.mjs';

const POLL_MS = 5;
const WAIT_MS_MAX = 60_000;

/**
 * Asks until `probe` gives something other than null or false, and returns it.
 *
 * @template T
 * @param {string} what
 * @param {() => Promise<T | null | false>} probe
 * @returns {Promise<T>}
 */
export async function until(what, probe) {
  const deadline = performance.now() + WAIT_MS_MAX;
  while (performance.now() < deadline) {
    const found = await orStopped(probe().catch(() => null));
    if (found !== null && found !== false) return found;
    await pause(POLL_MS);
  }
  throw new Error(`gave up waiting until ${what}`);
}

/** Milliseconds since `startedAt` until every Envoy sends this share of its routes' traffic. */
export async function routesLive(envoys, weights, startedAt) {
  await Promise.all(
    envoys.map((envoy) =>
      until('the route is live', async () => hasWeights(await routeTables(envoy), weights)),
    ),
  );
  return performance.now() - startedAt;
}

/** Milliseconds since `startedAt` until no Envoy has a cluster of that name any more. */
export async function clusterGone(envoys, name, startedAt) {
  await Promise.all(
    envoys.map((envoy) =>
      until(`${name} is gone`, async () => {
        const { body } = await envoy.admin('/clusters');
        return !body.startsWith(`${name}::`) && !body.includes(`\n${name}::`);
      }),
    ),
  );
  return performance.now() - startedAt;
}

async function routeTables(envoy) {
  return envoy.configDump('resource=dynamic_route_configs');
}

/** Whether every weighted route of the dump has exactly these weights, and there is one. */
function hasWeights(dump, weights) {
  const found = [];
  collect(dump, found);
  const want = JSON.stringify(Object.entries(weights).sort());
  return found.length > 0 && found.every((entry) => JSON.stringify(entry) === want);
}

function collect(value, found) {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value.weighted_clusters?.clusters)) {
    found.push(value.weighted_clusters.clusters.map(({ name, weight }) => [name, weight]).sort());
  }
  for (const child of Object.values(value)) collect(child, found);
}

/** Milliseconds since `startedAt` until new TLS connections to every port see `serial`. */
export async function certificateLive(ports, serial, startedAt) {
  await Promise.all(
    ports.map((port) =>
      until('the certificate is live', async () => (await servedSerial(port)) === serial),
    ),
  );
  return performance.now() - startedAt;
}

/** The serial number that a fresh handshake shows, lower-case hex. */
export function servedSerial(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'shop.example.com',
      rejectUnauthorized: false,
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      resolve(serialNumber.toLowerCase().replace(/^0+/, ''));
    });
  });
}
