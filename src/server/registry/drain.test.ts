import { expect, test } from 'vitest';
import { clientId } from '../../base/index.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { drainClients } from './drain.ts';
import type { LiveClient } from './live-client.ts';

test('TRN-14 T-39 streams end with OK, a tenth at once and the others after', async () => {
  const ended: string[] = [];
  const clients = Array.from({ length: 25 }, (_, at): LiveClient => ({
    id: clientId(`c${at}`),
    stream: { peer: 'test', send: () => true, end: (code) => void ended.push(code) },
    method: { path: '/x', wire: 'delta', scope: null },
    since: 0,
    node: null,
    groups: [],
    floorMissed: null,
    followed: null,
    held: [],
    given: [],
    state: null,
    target: null,
    isOver: false,
  }));
  const drained = drainClients(
    clients,
    50,
    createMetrics(() => 0),
  );
  expect(ended).toEqual(['OK', 'OK', 'OK']);
  await drained;
  expect(ended).toEqual(clients.map(() => 'OK'));
});
