import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { NodeReport, StatusReport } from '../../../src/server/index.ts';
import { until } from './until.ts';

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

export interface HelveOptions {
  readonly dir: string;
  readonly state: string;
  readonly xds: string;
  readonly admin: string;
  readonly args?: readonly string[];
}

/** A `helve serve` process, as a user would start it. */
export interface HelveProcess {
  readonly pid: number;
  readonly options: HelveOptions;
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
  status(): Promise<StatusReport>;
  nodes(): Promise<readonly NodeReport[]>;
  metric(name: string): Promise<number>;
  ready(): Promise<void>;
  logs(): string;
  signal(signal: NodeJS.Signals): void;
  /** Pids of its child processes, from /proc. */
  children(): Promise<readonly number[]>;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** SIGTERM and wait. */
  stop(): Promise<void>;
  kill9(): Promise<void>;
}

/** Starts `node dist/main.js serve …`; `npm run build` must have run. */
export function startHelve(options: HelveOptions): HelveProcess {
  const child = spawn(
    process.execPath,
    [
      MAIN,
      'serve',
      options.dir,
      '--xds',
      options.xds,
      '--admin',
      options.admin,
      '--state',
      options.state,
      ...(options.args ?? []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log.push(text);
      if (log.length > 5_000) log.shift();
    });
  }
  return running(child, options, log);
}

function running(child: ChildProcess, options: HelveOptions, log: string[]): HelveProcess {
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(`http://${options.admin}${path}`);
    return { status: response.status, text: await response.text() };
  };
  const pid = child.pid ?? -1;
  return {
    pid,
    options,
    exited,
    get,
    status: async () => JSON.parse((await get('/v1/status')).text) as StatusReport,
    nodes: async () => JSON.parse((await get('/v1/nodes')).text) as readonly NodeReport[],
    metric: async (name) => metricOf((await get('/metrics')).text, name),
    ready: async () => {
      await until('helve is ready', async () => {
        if (child.exitCode !== null) throw new Error(`helve exited:\n${log.join('')}`);
        return (await get('/readyz')).status === 200 ? true : null;
      });
    },
    logs: () => log.join(''),
    signal: (signal) => {
      child.kill(signal);
    },
    children: () => childrenOf(pid),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
    kill9: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The sum of all series of a metric. */
function metricOf(text: string, name: string): number {
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  if (lines.length === 0) throw new Error(`no metric ${name}`);
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
