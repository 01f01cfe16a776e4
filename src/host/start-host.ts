import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { mono } from '../base/index.ts';
import {
  createForkedIngest,
  type Ingest,
  type IngestListener,
  readDescriptors,
} from '../ingest/index.ts';
import {
  createMetrics,
  type HttpPort,
  type ListenAddress,
  openAdmin,
  parseListenAddress,
} from '../server/index.ts';
import { openStore, type Store } from '../store/index.ts';
import { type Log, openLog } from './log.ts';
import type { Clock, HostOptions, HostStarted } from './options.ts';
import { openRestPort } from './rest-port.ts';
import { createServing, type Serving } from './serving.ts';
import { addressTrouble } from './xds-port.ts';

/**
 * Starts the server. Admin HTTP opens at once; xDS opens once there is a revision to serve, at
 * once where the state directory has one. `ok: false` where an address or the state directory
 * cannot be had; a bad source is no reason: it is looked at until it is good.
 */
export async function startHost(options: HostOptions): Promise<HostStarted> {
  const log = openLog(options.logLevel, options.logTo ?? null);
  const fail = (why: string): HostStarted => {
    log.flush();
    return { ok: false, why };
  };
  const addresses = await addressesOf(options);
  if (!addresses.ok) return fail(addresses.why);
  const { stateDir, source, clock = CLOCK } = options;
  const opened = await openStore({ dir: stateDir, source, now: clock.wall });
  if (!opened.ok) return fail(opened.why);
  try {
    return { ok: true, host: await run(options, addresses.value, { store: opened.store, log }) };
  } catch (cause) {
    await opened.store.close();
    return fail(`cannot start: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

const LOAD_INTERVAL_MS = 10_000;

const CLOCK: Clock = { now: () => mono(performance.now()), wall: () => Date.now() };

/** All of them, or all that is wrong with them at once. */
async function addressesOf(
  options: HostOptions,
): Promise<{ ok: true; value: Addresses } | { ok: false; why: string }> {
  const xds = parseListenAddress(options.xds);
  const admin = parseListenAddress(options.admin);
  const rest = options.rest === undefined ? null : parseListenAddress(options.rest);
  if (!xds.ok || !admin.ok || rest?.ok === false) {
    const whys = [
      xds.ok ? [] : `--xds ${xds.why}`,
      admin.ok ? [] : `--admin ${admin.why}`,
      rest?.ok === false ? `--rest ${rest.why}` : [],
    ];
    return { ok: false, why: whys.flat().join('\n') };
  }
  const value = { xds: xds.address, admin: admin.address, rest: rest?.address ?? null };
  const named = [
    { flag: '--xds', what: 'xDS', text: options.xds, address: value.xds },
    { flag: '--admin', what: 'admin', text: options.admin, address: value.admin },
    ...(value.rest === null || options.rest === undefined
      ? []
      : [{ flag: '--rest', what: 'REST', text: options.rest, address: value.rest }]),
  ];
  for (const [at, one] of named.entries()) {
    const other = named.slice(at + 1).find(({ address }) => isSameAddress(one.address, address));
    if (other === undefined) continue;
    const both = `${one.flag} and ${other.flag} are both ${other.text}`;
    return { ok: false, why: `${both}; name another for one of them` };
  }
  const troubles = await Promise.all(named.map(({ address }) => addressTrouble(address)));
  const whys = named.flatMap(({ what, text, flag }, at) => {
    const trouble = troubles[at] ?? null;
    return trouble === null ? [] : cannotBeHad(`${what} address ${text}`, trouble, flag);
  });
  return whys.length === 0 ? { ok: true, value } : { ok: false, why: whys.join('\n') };
}

const cannotBeHad = (what: string, why: string, flag: string): string =>
  `the ${what} cannot be had (${why}); name another ${flag}`;

/** Port 0 is another each time. */
function isSameAddress(a: ListenAddress, b: ListenAddress): boolean {
  if (a.kind === 'unix' || b.kind === 'unix') {
    return a.kind === 'unix' && b.kind === 'unix' && resolve(a.path) === resolve(b.path);
  }
  const hostOf = ({ host }: typeof a): string => (host === 'localhost' ? '127.0.0.1' : host);
  return a.port !== 0 && a.port === b.port && hostOf(a) === hostOf(b);
}

interface Addresses {
  readonly xds: ListenAddress;
  readonly admin: ListenAddress;
  /** Null: off. */
  readonly rest: ListenAddress | null;
}

/** How long streams may take to end, ms; what is left then is cut. */
const STREAMS_MS_MAX = 3_000;
/** How long the compile process may take to end, ms: longer than it takes to kill one. */
const INGEST_MS_MAX = 2_500;

async function run(
  options: HostOptions,
  addresses: Addresses,
  { store, log }: { readonly store: Store; readonly log: Log },
): Promise<Extract<HostStarted, { ok: true }>['host']> {
  const { now, wall } = options.clock ?? CLOCK;
  const metrics = createMetrics(wall);
  const { source, version, command = 'helve' } = options;
  const open = options.openIngest ?? createForkedIngest;
  const bound = { admin: options.admin, rest: [options.rest ?? []].flat() };
  const openIngest = (listener: IngestListener): Ingest =>
    open(
      {
        source: options.source,
        allowPaths: options.allowPaths,
        hasEvents: options.hasEvents,
        scanIntervalMs: 1_000,
        forbiddenUpstreams: [options.xds, bound.admin, options.proxyAdmin, ...bound.rest],
        version: options.version,
        command,
      },
      listener,
    );
  const surroundings = { store, log, metrics, openIngest, now, wall };
  const serving = createServing({
    ...{ source, version, command, xds: addresses.xds },
    identifier: options.instance === undefined ? 'helve' : `helve/${options.instance}`,
    answering: {
      hasErrors: options.hasResourceErrors ?? false,
      resendsNamed: options.resendsNamed ?? false,
    },
    loadIntervalMs: options.loadIntervalMs ?? LOAD_INTERVAL_MS,
    connectionAgeMs: options.connectionAgeMs ?? null,
    descriptors: options.hasReflection === true ? readDescriptors : null,
    ...surroundings,
  });
  const adminServer = await openAdmin({
    address: addresses.admin,
    port: serving.admin,
    onFault: (cause) => log.fault('a request to the admin port failed', cause),
  }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(cannotBeHad(`admin address ${options.admin}`, why, '--admin'));
  });
  bound.admin = adminServer.address;
  log.info(`admin HTTP is open on ${adminServer.address}`, { event: 'admin-open' });
  const rest = await openRestPort(addresses.rest, serving.fetch, log).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(cannotBeHad(`REST address ${options.rest ?? ''}`, why, '--rest'));
  });
  if (rest !== null) bound.rest = [rest.address];
  await serving.start();
  let closing: Promise<void> | null = null;
  return {
    adminAddress: adminServer.address,
    restAddress: rest?.address ?? null,
    xdsAddress: () => serving.xds.address(),
    ready: serving.xds.opened,
    look: () => serving.look(),
    close: () => (closing ??= close({ serving, servers: [adminServer, rest], store, log })),
  };
}

interface Closing {
  readonly serving: Serving;
  readonly servers: readonly (HttpPort | null)[];
  readonly store: Store;
  readonly log: Log;
}

/** Nothing is accepted any more, streams end, and what is accepted is kept. */
async function close({ serving, servers, store, log }: Closing): Promise<void> {
  log.info('shutting down', { event: 'shutdown' });
  serving.stop();
  const trouble = (cause: unknown): void => log.fault('closing failed', cause);
  await Promise.all([
    serving.xds.close(STREAMS_MS_MAX).catch(trouble),
    ...servers.map((server) => server?.close().catch(trouble)),
    within(INGEST_MS_MAX, serving.closeIngest()).catch(trouble),
    serving.flush().catch(trouble),
  ]);
  await store.close().catch(trouble);
  log.flush();
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const waiting = new AbortController();
  const late = pause(ms, undefined, { signal: waiting.signal }).catch(() => undefined);
  await Promise.race([work, late]);
  waiting.abort();
}
