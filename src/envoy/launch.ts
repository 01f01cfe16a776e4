import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedError } from '../base/index.ts';
import type { Bootstrap } from './bootstrap.ts';
import { request, type AdminReply } from './admin-client.ts';
import { Tail } from './tail.ts';
import { makeTempFolder } from './temp-folder.ts';
import { envoyWords } from './words.ts';

export interface EnvoyFlags {
  /** Worker threads. Default 2. */
  readonly concurrency?: number;
  /** `--drain-time-s`. Default 600, as design D6 assumes. */
  readonly drainTimeS?: number;
  /** Shared-memory region of hot restart. Default: Envoy picks a free one. */
  readonly baseId?: number;
  /** Envoy's log level. Default `info`. */
  readonly logLevel?: string;
}

export interface LaunchOptions extends EnvoyFlags {
  /** Path of the binary, from `ensureEnvoy`. */
  readonly binary: string;
  readonly bootstrap: Bootstrap;
  /** Further command line arguments. */
  readonly args?: readonly string[];
  /** Called with each piece of Envoy's output; the last of it is kept in any case. */
  readonly onLog?: (text: string) => void;
}

export interface EnvoyExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** An Envoy process that was started here and has opened its admin port. */
export interface RunningEnvoy {
  readonly pid: number;
  /** `127.0.0.1:41234`. */
  readonly adminAddress: string;
  readonly exited: Promise<EnvoyExit>;
  /** Resolves once `/ready` says LIVE; rejects with the log's end when that takes too long. */
  ready(timeoutMs?: number): Promise<void>;
  /** Counters and gauges whose names match the regular expression `filter`. */
  stats(filter?: string): Promise<ReadonlyMap<string, number>>;
  /** `/config_dump` with an optional query such as `resource=dynamic_listeners`. */
  configDump(query?: string): Promise<unknown>;
  /** Any admin path, e.g. `POST /drain_listeners`. */
  admin(path: string, method?: 'GET' | 'POST'): Promise<AdminReply>;
  /** The last 256 KiB of its log. */
  logs(): string;
  /** SIGTERM, and SIGKILL after `graceMs` (default 5,000). */
  stop(graceMs?: number): Promise<EnvoyExit>;
}

/** An Envoy did not come up; the message has its last complaint, `log` the rest. */
export class EnvoyStartError extends ExpectedError {
  override readonly name = 'EnvoyStartError';
  readonly log: string;

  constructor(what: string, log: string) {
    super(`Envoy ${what}: ${lastComplaint(log)}`);
    this.log = log;
  }
}

const STARTUP_MS_MAX = 30_000;
const POLL_MS = 10;

/** The command line that belongs to a bootstrap file, `drainTimeS` included. */
export function envoyArgs(bootstrapPath: string, flags: EnvoyFlags = {}): readonly string[] {
  return [
    '--config-path',
    bootstrapPath,
    '--concurrency',
    String(flags.concurrency ?? 2),
    '--drain-time-s',
    String(flags.drainTimeS ?? 600),
    '--log-level',
    flags.logLevel ?? 'info',
    ...(flags.baseId === undefined
      ? ['--use-dynamic-base-id']
      : ['--base-id', String(flags.baseId)]),
  ];
}

/** Starts an Envoy; resolves once its admin port is open, rejects with its log if it exits. */
export async function launchEnvoy(options: LaunchOptions): Promise<RunningEnvoy> {
  const folder = await makeTempFolder('envoy');
  const bootstrapPath = join(folder, 'bootstrap.json');
  const addressPath = join(folder, 'admin');
  await writeFile(bootstrapPath, JSON.stringify(options.bootstrap), { mode: 0o600 });
  const args = [...envoyArgs(bootstrapPath, options), '--admin-address-path', addressPath];
  const child = spawn(options.binary, [...args, ...(options.args ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tail = new Tail();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      tail.add(text);
      options.onLog?.(text);
    });
  }
  const exited = exitOf(child, tail);
  void exited.then(() => rm(folder, { recursive: true, force: true }));
  const adminAddress = await adminAddressOf(child, addressPath, tail);
  return runningEnvoy({ child, exited, adminAddress, tail });
}

function exitOf(child: ChildProcess, tail: Tail): Promise<EnvoyExit> {
  return new Promise((resolve) => {
    child.once('error', (cause) => {
      tail.add(`${cause.message}\n`);
      resolve({ code: null, signal: null });
    });
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
}

async function adminAddressOf(child: ChildProcess, path: string, tail: Tail): Promise<string> {
  const deadline = Date.now() + STARTUP_MS_MAX;
  while (Date.now() < deadline && isRunning(child)) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (/:\d+$/.test(text)) return text;
    await delay(POLL_MS);
  }
  const why = isRunning(child) ? 'did not open its admin port' : 'exited at start';
  child.kill('SIGKILL');
  throw new EnvoyStartError(why, tail.text());
}

const isRunning = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null;

interface Started {
  readonly child: ChildProcess;
  readonly exited: Promise<EnvoyExit>;
  readonly adminAddress: string;
  readonly tail: Tail;
}

function runningEnvoy({ child, exited, adminAddress, tail }: Started): RunningEnvoy {
  const admin = (path: string, method: 'GET' | 'POST' = 'GET'): Promise<AdminReply> =>
    request(adminAddress, path, method);
  return {
    pid: child.pid ?? -1,
    adminAddress,
    exited,
    admin,
    logs: () => tail.text(),
    ready: async (timeoutMs = STARTUP_MS_MAX) => {
      const deadline = Date.now() + timeoutMs;
      while (Date.now() < deadline && isRunning(child)) {
        const reply = await admin('/ready').catch(() => null);
        if (reply?.status === 200) return;
        await delay(POLL_MS);
      }
      throw new EnvoyStartError('did not become ready', tail.text());
    },
    stats: async (filter) => {
      const query = filter === undefined ? '' : `?filter=${encodeURIComponent(filter)}`;
      return parseStats((await admin(`/stats${query}`)).body);
    },
    configDump: async (query = '') => {
      const parsed: unknown = JSON.parse((await admin(`/config_dump?${query}`)).body);
      return parsed;
    },
    stop: async (graceMs = 5_000) => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const exit = await exited;
      clearTimeout(timer);
      return exit;
    },
  };
}

/** `name: 12` lines; histograms and text readouts are left out. */
function parseStats(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^(.*): (\d+)$/.exec(line);
    if (match?.[1] !== undefined) found.set(match[1], Number(match[2]));
  }
  return found;
}

/** What it says last of what is wrong; of a crash, what it says last. */
function lastComplaint(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const wrong = lines.filter((line) => /^\[[^\]]*\]\[[^\]]*\]\[(?:critical|error)\]/.test(line));
  const last = wrong.at(-1) ?? lines.at(-1);
  return last === undefined ? 'it said nothing' : envoyWords(last);
}
