import { cp, mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startLoad, type LoadTarget } from '../support/load.mjs';
import { clusterText, listenerText, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { during, until } from './support/until.ts';

interface Wipe {
  readonly name: string;
  readonly codes: readonly string[];
  readonly run: (rig: Rig) => Promise<void>;
}

const away = (rig: Rig): string => `${rig.dir}.away`;

const WIPES: readonly Wipe[] = [
  {
    name: 'the folder is moved away',
    codes: ['SOURCE_MISSING'],
    run: (rig) => rename(rig.dir, away(rig)),
  },
  {
    name: 'the folder is deleted',
    codes: ['SOURCE_MISSING'],
    run: (rig) => rm(rig.dir, { recursive: true }),
  },
  {
    name: 'the folder is emptied',
    codes: ['SOURCE_INCOMPLETE', 'SOURCE_MISSING'],
    run: async (rig) => {
      await rm(rig.dir, { recursive: true });
      await mkdir(rig.dir);
    },
  },
  {
    name: 'another, empty folder takes its place',
    codes: ['SOURCE_INCOMPLETE'],
    run: async (rig) => {
      await mkdir(`${rig.dir}.new`);
      await rename(rig.dir, away(rig));
      await rename(`${rig.dir}.new`, rig.dir);
    },
  },
  {
    name: 'it becomes a dangling link',
    codes: ['SOURCE_MISSING', 'SOURCE_UNREADABLE'],
    run: async (rig) => {
      await rename(rig.dir, away(rig));
      await symlink('/nowhere/at/all', rig.dir);
    },
  },
  {
    name: 'every file is truncated',
    codes: ['DOC_EMPTY'],
    run: async (rig) => {
      for (const file of ['web.yaml', 'clusters.yaml', 'route.yaml']) {
        await truncate(join(rig.dir, file));
      }
    },
  },
  {
    name: 'every document is deleted, the folder stays',
    codes: ['GUARD_SHRINK', 'SOURCE_INCOMPLETE'],
    run: async (rig) => {
      for (const file of ['web.yaml', 'clusters.yaml', 'route.yaml']) await rig.remove(file);
    },
  },
  {
    name: 'most clusters of a large file are cut off',
    codes: ['GUARD_SHRINK'],
    run: async (rig) => {
      await writeFile(join(rig.dir, 'clusters.yaml'), clusterText('a', [{ address: keep }]));
    },
  },
];

let keep = '';

describe('every way to wipe the folder', () => {
  let rig: Rig;
  let targets: readonly LoadTarget[];
  let backup: string;

  beforeAll(async () => {
    rig = await createRig();
    const a = await rig.upstream('a');
    keep = a.address;
    const port = await freePort();
    const spares = Array.from({ length: 30 }, (_, i) => clusterText(`spare-${i}`, [a]));
    await rig.write('web.yaml', listenerText('web', port));
    await rig.write('clusters.yaml', [clusterText('a', [a]), ...spares].join('---\n'));
    await rig.write('route.yaml', routeText('main', ['web'], 'a'));
    backup = `${rig.dir}.backup`;
    await cp(rig.dir, backup, { recursive: true });
    await rig.startHelve();
    await rig.helve.ready();
    await rig.startEnvoy();
    await rig.inStep();
    targets = [{ port, host: 'shop.test' }];
  });
  afterAll(() => rig.close());

  beforeEach(async () => {
    await rm(rig.dir, { recursive: true, force: true });
    await rm(away(rig), { recursive: true, force: true });
    await cp(backup, rig.dir, { recursive: true });
    await rig.inStep();
  });

  it.each(WIPES)('T-27 $name: nothing is wiped', async ({ codes, run }) => {
    const accepted = (await rig.helve.status()).accepted;
    const load = startLoad({ targets, rps: 50 });
    await run(rig);
    const input = await until('the input is held', async () => {
      const status = await rig.helve.status();
      return status.input.state === 'held' ? status.input : null;
    });
    expect(codes).toContain(input.diagnostics[0]?.code);
    await during(300);
    expect((await load.stop()).failures).toEqual([]);
    expect((await rig.helve.status()).accepted).toEqual(accepted);
    expect((await rig.helve.get('/readyz')).status).toBe(200);
  });

  it('serves the last good revision after a restart with the folder gone', async () => {
    const accepted = (await rig.helve.status()).accepted;
    await rename(rig.dir, away(rig));
    await rig.helve.kill9();
    await rig.startHelve();
    await rig.helve.ready();
    const load = startLoad({ targets, rps: 50 });
    await until('the loss is reported', async () =>
      (await rig.helve.status()).input.state === 'held' ? true : null,
    );
    expect((await load.stop()).failures).toEqual([]);
    expect((await rig.helve.status()).accepted).toEqual(accepted);
    await rename(away(rig), rig.dir);
    await rig.inStep();
  });

  it('removes much when it is told to', async () => {
    await writeFile(join(rig.dir, 'clusters.yaml'), clusterText('a', [{ address: keep }]));
    await until('the input is held', async () =>
      (await rig.helve.status()).input.state === 'held' ? true : null,
    );
    const refused = await apply(29);
    expect(refused.outcome).toBe('held');
    const accepted = await apply(30);
    expect(accepted.outcome).toBe('accepted');
    expect((await rig.helve.status()).input.state).toBe('clean');
  });

  async function apply(allowRemovals: number): Promise<{ outcome: string }> {
    const response = await fetch(`http://${rig.helve.options.admin}/v1/apply`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ allowRemovals }),
    });
    return (await response.json()) as { outcome: string };
  }
});
