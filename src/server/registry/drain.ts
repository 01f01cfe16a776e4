import type { Metrics } from '../metrics/metrics.ts';
import { endClient, type LiveClient } from './live-client.ts';

const SLICES = 10;

/**
 * Ends streams with OK, in slices over `spreadMs`: not all at one moment, so that the fleet does
 * not come back at one moment.
 */
export async function drainClients(
  clients: readonly LiveClient[],
  spreadMs: number,
  metrics: Metrics,
): Promise<void> {
  for (let slice = 0; slice < SLICES; slice += 1) {
    for (const [index, client] of clients.entries()) {
      if (index % SLICES !== slice) continue;
      endClient(client, { code: 'OK', message: 'helve is shutting down' }, metrics);
    }
    if (slice + 1 >= Math.min(SLICES, clients.length)) break;
    await new Promise((resolve) => setTimeout(resolve, spreadMs / SLICES));
  }
}
