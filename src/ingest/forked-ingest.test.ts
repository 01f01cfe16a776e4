import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { manifestId, materialId, requestId, type Scan } from '../base/index.ts';
import { writeFiles } from '../../test/support/lookout-rig.ts';
import { until } from '../../test/system/support/until.ts';
import { createForkedIngest } from './forked-ingest.ts';
import type { IngestOptions } from './port.ts';
import type { ForkOptions } from './process-channel.ts';

const LOADER = ['--import', new URL('../../test/support/ts-loader.mjs', import.meta.url).href];
const PARENT = new URL('../../test/support/ingest-parent.ts', import.meta.url);
/** Its main thread never comes back once it is told to look. */
const STUCK = new URL('../../test/support/stuck-ingest.ts', import.meta.url);
const WATCHED: ForkOptions = { entry: STUCK, answerMsMax: 2_000 };
const CLUSTER = 'kind: Cluster\nname: a\nendpoints: ["10.0.0.1:8000"]\n';

type TidyUp = TestContext['onTestFinished'];

function optionsOf(files: Readonly<Record<string, string>>, tidyUp: TidyUp): IngestOptions {
  const source = mkdtempSync(join(tmpdir(), 'helve-forked-'));
  tidyUp(() => rmSync(source, { recursive: true, force: true }));
  writeFiles(source, files);
  return {
    source,
    allowPaths: [],
    hasEvents: true,
    scanIntervalMs: 200,
    forbiddenUpstreams: [],
    version: '0.0.0',
  };
}

function open({ onTestFinished: tidyUp }: TestContext, forkOptions: ForkOptions = {}) {
  const options = optionsOf({ 'a.yaml': CLUSTER }, tidyUp);
  const scans: Scan[] = [];
  const logs: string[] = [];
  const deaths: string[] = [];
  const before = childrenOf(process.pid);
  const listener = {
    onScan: (scan: Scan) => void scans.push(scan),
    onDeath: (why: string) => void deaths.push(why),
    onLog: (_level: 'info' | 'warn', message: string) => void logs.push(message),
  };
  const ingest = createForkedIngest(options, listener, { execArgv: LOADER, ...forkOptions });
  tidyUp(() => ingest.close());
  // The process is there when the call returns: no other test can have started one in between.
  const pid = childrenOf(process.pid).find((one) => !before.includes(one));
  return { ingest, options, scans, logs, deaths, pid: pid ?? 0 };
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);
}

const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

const stuckPid = (lines: readonly unknown[]): Promise<number> =>
  until('it is stuck', () => {
    const line = lines.map(String).find((one) => one.startsWith('stuck '));
    return line === undefined ? null : Number(line.slice('stuck '.length));
  });

const firstScan = (scans: readonly Scan[]): Promise<Scan> =>
  until('there is a scan', () => scans[0] ?? null);

it.concurrent('looks, compiles, renders and locates in a process of its own', async (context) => {
  const { ingest, options, scans, deaths } = open(context);
  expect(await ingest.start(null)).toBeNull();
  const { documents, material } = await firstScan(scans);
  if (documents === null) throw new Error('no documents');
  const request = { base: null, documents, material, allowRemovals: null };
  const outcome = await ingest.compile({ id: requestId(1), ...request });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  expect(outcome.value).toMatchObject({ base: null, documents, material });
  const rendered = await ingest.render('', null);
  expect(rendered.map(({ key }) => key.type)).toContain('Cluster');
  writeFiles(options.source, { 'b.yaml': CLUSTER.replace('name: a', 'name: b') });
  await until('the new file is told', () => scans.at(-1)?.files === 2 || null);
  expect(deaths).toEqual([]);
});

it.concurrent('tells its death once, and rejects what waits and what comes', async (context) => {
  const { ingest, deaths, pid } = open(context);
  await ingest.start(null);
  process.kill(pid, 'SIGSTOP');
  const waiting = [ingest.locate([]), ingest.render('', null)];
  process.kill(pid, 'SIGKILL');
  for (const result of await Promise.allSettled(waiting)) expect(result.status).toBe('rejected');
  await expect(ingest.locate([])).rejects.toThrow(/SIGKILL/);
  expect(deaths).toHaveLength(1);
  await ingest.close();
  expect(deaths).toHaveLength(1);
});

it.concurrent('dies of a fault in the core, with the fault in the log', async (context) => {
  const { ingest, logs, deaths } = open(context);
  await ingest.start(null);
  const never = { documents: manifestId('never'), material: materialId('told') };
  const request = { id: requestId(1), base: null, ...never, allowRemovals: null };
  await expect(ingest.compile(request)).rejects.toThrow(/exit code/);
  expect(deaths).toHaveLength(1);
  await until(
    'the fault is logged',
    () => logs.find((line) => line.includes('never told')) ?? null,
  );
});

it.concurrent('tells of a process that cannot begin', async (context) => {
  const { ingest, deaths } = open(context, { execArgv: ['--no-such-option'] });
  await expect(ingest.start(null)).rejects.toThrow(/exit code/);
  expect(deaths).toHaveLength(1);
});

it.concurrent('leaves signals to its parent, and ends when it is closed', async (context) => {
  const { ingest, pid, deaths } = open(context);
  await ingest.start(null);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(pid, signal);
  expect(await ingest.locate([])).toEqual([]);
  await ingest.close();
  expect(isAlive(pid)).toBe(false);
  expect(deaths).toEqual([]);
});

it.concurrent('is killed when it does not answer', async (context) => {
  const { ingest, logs, deaths } = open(context, WATCHED);
  await ingest.start(null);
  ingest.look(1);
  const pid = await stuckPid(logs);
  await expect(ingest.render('', null)).rejects.toThrow(/no answer for 2 s/);
  expect(deaths).toEqual([expect.stringContaining('no answer for 2 s')]);
  await until('it has ended', () => (isAlive(pid) ? null : true));
});

it.concurrent('is killed when it is stuck, though nobody asks it anything', async (context) => {
  const { ingest, logs, deaths } = open(context, WATCHED);
  await ingest.start(null);
  ingest.look(1);
  const pid = await stuckPid(logs);
  await until('its death is told', () => deaths[0] ?? null);
  expect(deaths).toEqual([expect.stringContaining('no answer for 2 s')]);
  await until('it has ended', () => (isAlive(pid) ? null : true));
});

it.concurrent('is left alone when it has nothing to do', async (context) => {
  const { ingest, logs, deaths } = open(context, WATCHED);
  await ingest.start(null);
  const pings = () => logs.filter((line) => line === 'ping').length;
  // Four of them come in the time that it has for an answer.
  await until('it was asked for longer than that', () => pings() > 5 || deaths.length > 0 || null);
  expect(deaths).toEqual([]);
  expect(await ingest.locate([])).toEqual([]);
});

it.concurrent.for([
  ['', []],
  [' and its own thread is stuck', [STUCK.href]],
] as const)('ends when its parent is killed%s', async ([, args], { onTestFinished }) => {
  const { source } = optionsOf({ 'a.yaml': CLUSTER }, onTestFinished);
  const parent = fork(PARENT, [source, ...args], { execArgv: [...LOADER] });
  const said: unknown[] = [];
  parent.on('message', (message) => said.push(message));
  await until('the process answers', () => said.includes('started') || null);
  if (args.length > 0) await stuckPid(said);
  const [pid] = childrenOf(parent.pid ?? 0);
  if (pid === undefined) throw new Error('no process was started');
  expect(isAlive(pid)).toBe(true);
  onTestFinished(() => {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  parent.kill('SIGKILL');
  await until('the ingest process has ended', () => (isAlive(pid) ? null : true));
});
