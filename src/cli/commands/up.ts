import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import {
  type EnvoyBinary,
  ensureEnvoy,
  launchEnvoy,
  makeBootstrap,
  makeTempFolder,
  type RunningEnvoy,
  sweepTempFolders,
} from '../../envoy/index.ts';
import type { Host } from '../../host/index.ts';
import { parseListenAddress } from '../../server/index.ts';
import type { CommandContext } from '../context.ts';
import type { PortClaim } from '../ports.ts';
import { addServingFlags, hostOptions, type ServingFlags } from '../serving-flags.ts';
import type { ExitCode, Terminal } from '../terminal.ts';
import { checkSource } from '../up-source.ts';
import { watchServedAddresses } from '../served-addresses.ts';

/**
 * `helve up`: the control plane and one local Envoy in one, for a first look. Unlike `serve`, it
 * keeps its state in a temporary folder unless told otherwise, so that any folder can be tried.
 */
export function upCommand({ terminal, finish }: CommandContext): Command {
  const command = new Command('up')
    .description('run a folder in a local Envoy: control plane and proxy in one')
    .argument('[dir]', 'the folder', '.');
  const texts = {
    xds: 'a socket in a temporary folder',
    state: 'a temporary folder',
    proxyAdmin: 'where the local Envoy opens its admin, 127.0.0.1:PORT; port 0 takes a free one',
  };
  return addServingFlags(command, texts).action(async (dir: string, flags: ServingFlags) => {
    const folder = await makeTempFolder('up');
    const isDefault = (name: string): boolean => command.getOptionValueSource(name) === 'default';
    const chosen: ServingFlags = {
      ...flags,
      state: isDefault('state') ? join(folder, 'state') : flags.state,
      xds: isDefault('xds') ? `unix:${join(folder, 'xds.sock')}` : flags.xds,
    };
    try {
      finish(await up(dir, chosen, terminal));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function up(dir: string, flags: ServingFlags, terminal: Terminal): Promise<ExitCode> {
  // Its terminal may be closed: unlike a server, it must not outlive that.
  const stopped = terminal.untilStopped('SIGHUP');
  await sweepTempFolders();
  const { cwd, command } = terminal;
  const proxy = proxyClaim(flags.proxyAdmin);
  const source = { dir, cwd, command, allowPath: flags.allowPath, claims: [proxy] };
  const isChecked = await checkSource({ ...source, claims: [...ownClaims(flags), proxy] });
  const binary = await ensureEnvoy({ onProgress: terminal.err });
  const { startHost } = await import('../../host/index.ts');
  const started = await startHost(hostOptions(dir, flags, terminal));
  if (!started.ok) {
    terminal.err(started.why);
    return 1;
  }
  const { host } = started;
  if (!isChecked) terminal.out(heldText(`${command} validate ${dir}`));
  const check = async (): Promise<unknown> => isChecked || checkSource(source);
  try {
    return await runEnvoy({ host, flags, terminal, stopped, binary, check });
  } finally {
    await host.close();
  }
}

/** The log has the findings; this is for whoever wonders why nothing is served. */
const heldText = (validate: string): string =>
  `the folder has errors, so that no Envoy is started yet: mend them and save, and it starts ` +
  `by itself; ${validate} shows them at their lines; Ctrl-C stops`;

interface Scene {
  readonly host: Host;
  readonly flags: ServingFlags;
  readonly terminal: Terminal;
  readonly stopped: AbortSignal;
  readonly binary: EnvoyBinary;
  /** Rejects where a port is taken. */
  readonly check: () => Promise<unknown>;
}

async function runEnvoy(scene: Scene): Promise<ExitCode> {
  const { host, terminal, stopped } = scene;
  const stop = stopped.aborted ? Promise.resolve() : once(stopped, 'abort');
  // Until something is accepted, there is nothing to run; the log says what is wrong.
  await Promise.race([host.ready, stop]);
  if (stopped.aborted) return 0;
  await scene.check();
  const envoy = await launch(scene);
  const watching = watchServedAddresses(envoy, (addresses) => {
    terminal.out(
      addresses.length === 0 ? 'no listener is open' : `serving at ${addresses.join(', ')}`,
    );
  });
  terminal.out(`admin: http://${host.adminAddress}  Envoy: http://${envoy.adminAddress}`);
  terminal.out('Edit a file and save it; Ctrl-C stops both.');
  const gone = envoy.exited.then(() => 'gone' as const);
  const end = await Promise.race([stop, gone]);
  watching.stop();
  if (end === 'gone') {
    terminal.err(`Envoy ended:\n${envoy.logs().split('\n').slice(-20).join('\n')}`);
    return 1;
  }
  await envoy.stop();
  return 0;
}

/** Envoy's own admin port is bound at its start; it says so less plainly. */
const proxyClaim = (address: string): PortClaim => ({
  host: '127.0.0.1',
  port: proxyAdminPort(address),
  what: "Envoy's admin address",
  cure: 'name another --proxy-admin',
});

/** What the control plane itself listens on; sockets are left to it to judge. */
function ownClaims({ xds, admin }: ServingFlags): readonly PortClaim[] {
  const own = [
    { flag: '--xds', what: 'the xDS address', text: xds },
    { flag: '--admin', what: 'the admin address', text: admin },
  ];
  return own.flatMap(({ flag, what, text }) => {
    const parsed = parseListenAddress(text);
    if (!parsed.ok || parsed.address.kind === 'unix') return [];
    const { host, port } = parsed.address;
    return [{ host, port, what, cure: `name another ${flag}` }];
  });
}

/** 0, any free one, where the address is none of TCP. */
function proxyAdminPort(address: string): number {
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  return Number.isInteger(port) ? port : 0;
}

async function launch({ host, flags, binary, stopped }: Scene): Promise<RunningEnvoy> {
  const envoy = await launchEnvoy({
    binary: binary.path,
    logLevel: 'warning',
    bootstrap: makeBootstrap({
      nodeId: 'local',
      cluster: 'local',
      xds: host.xdsAddress() ?? flags.xds,
      adminPort: proxyAdminPort(flags.proxyAdmin),
    }),
  });
  if (stopped.aborted) await envoy.stop();
  return envoy;
}
