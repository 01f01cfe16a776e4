import { createServer } from 'node:net';
import {
  FETCH_METHODS,
  type GrpcMethod,
  type ListenAddress,
  listenOn,
  METHODS,
  openGrpcTransport,
  type Registry,
  serveFetch,
  type Transport,
  type TransportStream,
} from '../server/index.ts';
import type { Log } from './log.ts';
import type { Services } from './services.ts';

/** The port that Envoys connect to. Closed until there is something to serve. */
export interface XdsPort {
  /** Opens it, and tries again each second where it cannot be had. Resolves once it is open. */
  open(): Promise<void>;
  /** It is open. Never rejects; for ever pending where it is closed before that. */
  readonly opened: Promise<void>;
  /** As bound; null while it is closed. */
  address(): string | null;
  /** Why it could not be opened the last time; null where it is open, or need not be yet. */
  trouble(): string | null;
  /** Ends the streams with OK, then cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

const RETRY_MS = 1_000;
const SPREAD_MS = 1_000;

export interface XdsPortOptions {
  readonly address: ListenAddress;
  readonly registry: Registry;
  readonly services: Services;
  readonly log: Log;
  /** How old a connection may become, ms; null: as old as it will. */
  readonly connectionAgeMs: number | null;
}

export function createXdsPort(options: XdsPortOptions): XdsPort {
  const { address, registry, services, log } = options;
  const age =
    options.connectionAgeMs === null
      ? {}
      : { connectionAge: { maxMs: options.connectionAgeMs, random: Math.random } };
  let transport: Transport | null = null;
  let opening: Promise<void> | null = null;
  let isClosed = false;
  let trouble: string | null = null;
  let wake: (() => void) | null = null;
  let tellOpened = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    tellOpened = resolve;
  });

  const hasEnded = (): boolean => isClosed;
  const open = async (): Promise<void> => {
    while (!hasEnded()) {
      try {
        const methods = [...methodsOf(registry), ...services.methods];
        services.serving(true);
        const onRefused = registry.refused.bind(registry);
        transport = await openGrpcTransport({ address, methods, onRefused, ...age });
        trouble = null;
        // It was closed while it opened: then it is closed at once, and nobody is told.
        if (hasEnded()) return;
        log.info(`xDS is open on ${transport.address}`, { event: 'xds-open' });
        tellOpened();
        return;
      } catch (cause) {
        const why = `the xDS address cannot be had (${textOf(cause)}); trying again each second`;
        // Once, not each second.
        if (trouble !== why) log.error(why, { event: 'xds-trouble' });
        trouble = why;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, RETRY_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    }
  };
  return {
    opened,
    open: () => (opening ??= open()),
    address: () => transport?.address ?? null,
    trouble: () => trouble,
    close: async (graceMs) => {
      isClosed = true;
      services.serving(false);
      wake?.();
      await opening;
      // The spread counts against the grace.
      await registry.drain(Math.min(SPREAD_MS, graceMs / 2));
      services.close();
      await transport?.close(graceMs / 2);
      registry.close();
    },
  };
}

/** The streams and the unary calls of xDS. */
const methodsOf = (registry: Registry): readonly GrpcMethod[] => [
  ...METHODS.map((method) => ({
    path: method.path,
    outlivesRequests: false,
    open: (stream: TransportStream) => registry.accept(stream, method),
  })),
  ...FETCH_METHODS.map(({ path, scope }) => ({
    path,
    outlivesRequests: true,
    open: (stream: TransportStream) => serveFetch(registry.fetch, stream, scope),
  })),
];

/** Why an address cannot be listened on, or null. Asked at start, since the port opens later. */
export async function addressTrouble(address: ListenAddress): Promise<string | null> {
  const probe = createServer((socket) => socket.destroy());
  try {
    await listenOn(probe, address);
    await new Promise((resolve) => probe.close(resolve));
    return null;
  } catch (cause) {
    return textOf(cause);
  }
}

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
