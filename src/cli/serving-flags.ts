import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { HostOptions } from '../host/index.ts';
import {
  collect,
  DEFAULT_ADMIN,
  DEFAULT_PROXY_ADMIN,
  DEFAULT_STATE,
  DEFAULT_XDS,
  parseAddress,
} from './flags.ts';
import type { Terminal } from './terminal.ts';
import { helveVersion } from './version.ts';

export interface ServingFlags {
  readonly xds: string;
  readonly admin: string;
  readonly state: string;
  readonly allowPath: readonly string[];
  readonly poll: boolean;
  readonly logLevel: HostOptions['logLevel'];
  readonly proxyAdmin: string;
}

/** The options of a serving process, the same for `serve` and `up`. */
export function addServingFlags(command: Command): Command {
  return command
    .option(
      '--xds <address>',
      'where Envoys connect, HOST:PORT or unix:PATH',
      parseAddress,
      DEFAULT_XDS,
    )
    .option('--admin <address>', 'admin HTTP, HOST:PORT or unix:PATH', parseAddress, DEFAULT_ADMIN)
    .option('--state <dir>', 'state directory: history and the last good state', DEFAULT_STATE)
    .option('--allow-path <path>', 'root outside the folder to read files from', collect, [])
    .option('--poll', 'look at intervals only, for file systems without events', false)
    .option(
      '--proxy-admin <address>',
      "the proxies' own admin address, which no upstream may be",
      parseAddress,
      DEFAULT_PROXY_ADMIN,
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
    stateDir: absolute(flags.state),
    allowPaths: flags.allowPath.map(absolute),
    hasEvents: !flags.poll,
    proxyAdmin: flags.proxyAdmin,
    logLevel: flags.logLevel,
    version: helveVersion(),
  };
}
