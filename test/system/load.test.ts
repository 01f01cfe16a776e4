import { get } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clusterText, listenerText, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { until } from './support/until.ts';

const REQUESTS = 20;

let rig: Rig;
let port = 0;

beforeAll(async () => {
  rig = await createRig();
  port = await freePort();
  const upstream = await rig.upstream('a');
  await rig.write('web.yaml', listenerText('web', port));
  await rig.write('a.yaml', clusterText('a', [{ address: upstream.address }]));
  await rig.write('r.yaml', routeText('r', ['web'], 'a'));
  await rig.startHelve(['--load-interval', '1', '--instance', 'here']);
  await rig.startEnvoy({ id: 'reporter', reportsLoad: true });
  await rig.inStep();
});
afterAll(async () => {
  await rig.close();
});

const ask = (): Promise<number> =>
  new Promise((resolve, reject) => {
    get({ port, agent: false }, (response) => {
      response.resume().once('end', () => {
        resolve(response.statusCode ?? 0);
      });
    }).once('error', reject);
  });

it('LRS-01 LRS-02 an Envoy reports each request once, by cluster', async () => {
  // What it counted before its first answer came may never be told.
  await until('it reports', async () => {
    const [node] = await rig.helve.nodes();
    return (node?.load?.reports ?? 0) > 2 ? true : null;
  });
  const before = await successes();
  for (let n = 0; n < REQUESTS; n += 1) expect(await ask()).toBe(200);
  await until('all are reported', async () =>
    (await successes()) >= before + REQUESTS ? true : null,
  );
  const [node] = await rig.helve.nodes();
  const reports = node?.load?.reports ?? 0;
  await until('it has reported twice more', async () => {
    const [later] = await rig.helve.nodes();
    return (later?.load?.reports ?? 0) >= reports + 2 ? true : null;
  });
  expect(await successes()).toBe(before + REQUESTS);
});

async function successes(): Promise<number> {
  const [node] = await rig.helve.nodes();
  return (node?.load?.localities ?? [])
    .filter(({ cluster }) => cluster === 'a')
    .reduce((sum, load) => sum + load.successes, 0);
}
