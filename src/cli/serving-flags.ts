import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { HostOptions } from '../host/index.ts';
import {
  allowPathOption,
  DEFAULT_ADMIN,
  DEFAULT_PROXY_ADMIN,
  DEFAULT_STATE,
  DEFAULT_XDS,
  parseAddress,
  parseSeconds,
} from './flags.ts';
import type { Terminal } from './terminal.ts';
import { helveVersion } from './version.ts';

export interface ServingFlags {
  readonly xds: string;
  readonly admin: string;
  readonly rest?: string;
  readonly state: string;
  readonly allowPath: readonly string[];
  readonly poll?: boolean;
  readonly logLevel: HostOptions['logLevel'];
  readonly proxyAdmin: string;
  readonly instance: string;
  readonly reflection?: boolean;
  readonly resourceErrors?: boolean;
  readonly resendNamed?: boolean;
  readonly loadInterval: number;
  readonly connectionAge?: number;
}

/** What `--help` says of defaults that are no fixed text. */
interface Texts {
  readonly xds: string;
  readonly state: string;
  /** What `--proxy-admin` is. */
  readonly proxyAdmin: string;
}

const OF_SERVE: Texts = {
  xds: DEFAULT_XDS,
  state: DEFAULT_STATE,
  proxyAdmin: "the Envoys' own admin address; no document may name it as an upstream",
};

/** The options of a serving process, the same for `serve` and `up`. */
export function addServingFlags(command: Command, texts = OF_SERVE): Command {
  return command
    .addOption(
      new Option('--xds <address>', 'where Envoys connect, HOST:PORT or unix:PATH')
        .argParser(parseAddress)
        .default(DEFAULT_XDS, texts.xds),
    )
    .addOption(
      new Option('--admin <address>', 'admin HTTP, HOST:PORT or unix:PATH')
        .argParser(parseAddress)
        .default(DEFAULT_ADMIN, DEFAULT_ADMIN),
    )
    .addOption(
      new Option('--rest <address>', 'where Envoys poll over REST, HOST:PORT or unix:PATH')
        .argParser(parseAddress)
        .default(undefined, 'off'),
    )
    .addOption(
      new Option('--state <dir>', 'state directory: history and the last good state').default(
        DEFAULT_STATE,
        texts.state,
      ),
    )
    .addOption(allowPathOption())
    .option('--poll', 'look at intervals only, for file systems without events')
    .addOption(
      new Option('--proxy-admin <address>', texts.proxyAdmin)
        .argParser(parseAddress)
        .default(DEFAULT_PROXY_ADMIN, DEFAULT_PROXY_ADMIN),
    )
    .option('--instance <name>', 'which helve this is, in what Envoys are told', hostname())
    .option('--reflection', 'gRPC reflection on the xDS port, for tools such as grpcurl')
    .option('--resource-errors', 'tell clients what cannot be served; Envoy does not read it')
    .option('--resend-named', 'send what an Envoy names again when it comes back over delta')
    .option('--load-interval <seconds>', 'between two load reports of an Envoy', parseSeconds, 10)
    .option(
      '--connection-age <seconds>',
      'after which an Envoy is made to connect anew, so that many spread over several helves',
      parseSeconds,
    )
    .addOption(
      new Option('--log-level <level>', 'what to log')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    );
}

export function hostOptions(dir: string, flags: ServingFlags, terminal: Terminal): HostOptions {
  const absolute = (path: string): string => resolve(terminal.cwd, path);
  return {
    source: absolute(dir),
    xds: flags.xds,
    admin: flags.admin,
    ...(flags.rest === undefined ? {} : { rest: flags.rest }),
    stateDir: absolute(flags.state),
    allowPaths: flags.allowPath.map(absolute),
    hasEvents: flags.poll !== true,
    proxyAdmin: flags.proxyAdmin,
    logLevel: flags.logLevel,
    instance: flags.instance,
    hasReflection: flags.reflection === true,
    hasResourceErrors: flags.resourceErrors === true,
    resendsNamed: flags.resendNamed === true,
    loadIntervalMs: flags.loadInterval * 1_000,
    ...(flags.connectionAge === undefined ? {} : { connectionAgeMs: flags.connectionAge * 1_000 }),
    version: helveVersion(),
    command: terminal.command,
  };
}
