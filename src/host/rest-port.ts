import { loadSchema } from '../ingest/index.ts';
import { type HttpPort, type ListenAddress, openRest, type Registry } from '../server/index.ts';
import type { Log } from './log.ts';
import { createRestCodec } from './rest-codec.ts';

/** The port that Envoys poll over REST; null where it is off. */
export async function openRestPort(
  address: ListenAddress | null,
  fetch: Registry['fetch'],
  log: Log,
): Promise<HttpPort | null> {
  if (address === null) return null;
  const server = await openRest({
    address,
    fetch,
    codec: createRestCodec(loadSchema()),
    onFault: (cause) => log.fault('a request to the REST port failed', cause),
  });
  log.info(`REST is open on ${server.address}`, { event: 'rest-open' });
  return server;
}
