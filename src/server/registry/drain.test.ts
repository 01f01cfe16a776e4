import { expect, test } from 'vitest';
import { clientId } from '../../base/index.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { drainClients } from './drain.ts';
import { newClient } from './live-client.ts';

test('TRN-14 T-39 streams end with OK, a tenth at once and the others after', async () => {
  const ended: string[] = [];
  const stream = {
    peer: 'test',
    send: () => true,
    end: (code: string) => void ended.push(code),
  };
  const method = { path: '/x', wire: 'delta', scope: null } as const;
  const clients = Array.from({ length: 25 }, (_, at) =>
    newClient(clientId(`c${at}`), stream, method, 0),
  );
  const drained = drainClients(
    clients,
    50,
    createMetrics(() => 0),
  );
  expect(ended).toEqual(['OK', 'OK', 'OK']);
  await drained;
  expect(ended).toEqual(clients.map(() => 'OK'));
});
