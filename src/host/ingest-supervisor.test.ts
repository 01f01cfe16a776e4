import { expect, test } from 'vitest';
import { manifestId, materialId, requestId, type Scan } from '../base/index.ts';
import type { Ingest, IngestListener, Seed } from '../ingest/index.ts';
import type { CompileRequest } from '../snapshot/index.ts';
import { type IngestSupervisor, superviseIngest } from './ingest-supervisor.ts';

/** A process that a test kills: it answers nothing by itself. */
interface Process {
  readonly listener: IngestListener;
  readonly asked: CompileRequest[];
  readonly looks: number[];
  readonly seed: Seed | null;
  fail: (cause: Error) => void;
  kill(): void;
}

const [documents, material] = [manifestId('d'), materialId('m')];
const SCAN: Scan = { documents, material, problems: [], noticedAt: 0, settledAt: 0, files: 1 };
const request = (id: number): CompileRequest => ({
  id: requestId(id),
  base: null,
  documents,
  material,
  allowRemovals: null,
});

interface Scene {
  readonly supervisor: IngestSupervisor;
  readonly deaths: number[];
  readonly whys: string[];
  readonly seeded: unknown[];
  readonly scans: Scan[];
  /** The next process that is started. */
  readonly next: () => Promise<Process>;
}

function open(): Scene {
  const started: Process[] = [];
  const wanted: ((process: Process) => void)[] = [];
  const scene = {
    deaths: [] as number[],
    whys: [] as string[],
    seeded: [] as unknown[],
    scans: [] as Scan[],
  };
  const supervisor = superviseIngest({
    seed: () => Promise.resolve({ sources: [], material: [], filterProfile: 1 }),
    open: (listener) => {
      const { ingest, process } = newProcess(listener);
      const resolve = wanted.shift();
      if (resolve === undefined) started.push(process);
      else resolve(process);
      return ingest;
    },
    onSeeded: (ids) => scene.seeded.push(ids),
    onScan: (scan) => scene.scans.push(scan),
    onDeath: (deaths, why) => {
      scene.deaths.push(deaths);
      scene.whys.push(why);
    },
    onLog: () => undefined,
  });
  supervisor.start();
  const next = (): Promise<Process> => {
    const process = started.shift();
    return process === undefined
      ? new Promise((resolve) => wanted.push(resolve))
      : Promise.resolve(process);
  };
  return { supervisor, next, ...scene };
}

function newProcess(listener: IngestListener): { ingest: Ingest; process: Process } {
  let fail = (_cause: Error): void => undefined;
  const process = {
    listener,
    asked: [] as CompileRequest[],
    looks: [] as number[],
    seed: null as Seed | null,
    fail: (cause: Error) => fail(cause),
    kill: () => {
      fail(new Error('killed'));
      listener.onDeath('killed');
    },
  };
  const ingest: Ingest = {
    start: (seed) => {
      process.seed = seed;
      return Promise.resolve({ documents, material });
    },
    compile: (asked) => {
      process.asked.push(asked);
      return new Promise((_resolve, reject) => {
        fail = reject;
      });
    },
    locate: () => Promise.resolve([]),
    render: () => Promise.resolve([]),
    look: (number) => process.looks.push(number),
    close: () => Promise.resolve(),
  };
  return { ingest, process };
}

test('a death is told once, and another process takes over with the seed', async () => {
  const { supervisor, next, deaths, whys, seeded } = open();
  const first = await next();
  const answer = supervisor.compile(request(1));
  await expect.poll(() => first.asked.length).toBe(1);
  first.kill();
  expect(await answer).toBeNull();
  const second = await next();
  expect(second.seed).toEqual({ sources: [], material: [], filterProfile: 1 });
  expect(deaths).toEqual([1]);
  expect(whys).toEqual(['killed']);
  expect(seeded).toEqual([{ documents, material }]);
  await supervisor.close();
});

test('a compiler that fails is replaced, as if it had died', async () => {
  const { supervisor, next, deaths } = open();
  const first = await next();
  const answer = supervisor.compile(request(1));
  await expect.poll(() => first.asked.length).toBe(1);
  first.fail(new Error('a bug'));
  expect(await answer).toBeNull();
  expect((await next()).asked).toEqual([]);
  expect(deaths).toEqual([1]);
  await supervisor.close();
});

test('a look that died with its process is asked for again', async () => {
  const { supervisor, next } = open();
  expect(supervisor.look()).toBe(1);
  const first = await next();
  await expect.poll(() => first.looks).toEqual([1]);
  expect(supervisor.look()).toBe(2);
  expect(first.looks).toEqual([1, 2]);
  first.listener.onDeath('killed');
  const second = await next();
  await expect.poll(() => second.looks).toEqual([2]);
  await supervisor.close();
});

test('deaths in a row are counted until a scan comes', async () => {
  const { supervisor, next, deaths, scans } = open();
  for (let count = 0; count < 2; count += 1) (await next()).listener.onDeath('killed');
  const third = await next();
  third.listener.onScan(SCAN);
  third.listener.onDeath('killed');
  expect(deaths).toEqual([1, 2, 1]);
  expect(scans).toEqual([SCAN]);
  await supervisor.close();
});

test('what comes from a dead process is ignored', async () => {
  const { supervisor, next, deaths, scans } = open();
  const first = await next();
  first.listener.onDeath('killed');
  first.listener.onDeath('killed');
  first.listener.onScan(SCAN);
  expect(deaths).toEqual([1]);
  expect(scans).toEqual([]);
  await supervisor.close();
});

test('only the newest of the requests that wait is asked', async () => {
  const { supervisor, next } = open();
  const stale = supervisor.compile(request(1));
  void supervisor.compile(request(2));
  const process = await next();
  expect(await stale).toBeNull();
  await expect.poll(() => process.asked.map(({ id }) => id)).toEqual([2]);
  await supervisor.close();
});

test('without a process, lines cannot be asked for', async () => {
  const { supervisor } = open();
  await expect(supervisor.locate([])).rejects.toThrow(/restarted/);
  await supervisor.close();
});
