import { Command } from 'commander';
import { installedEnvoy, readPins } from '../../envoy/index.ts';
import type { CommandContext } from '../context.ts';
import { helveVersion } from '../version.ts';

/** `helve version`: helve's own, and the Envoy whose API it was built with. */
export function versionCommand({ terminal }: CommandContext): Command {
  const description = 'print versions, and where the Envoy of `up` is';
  return new Command('version').description(description).action(async () => {
    terminal.out(`helve ${helveVersion()}`);
    terminal.out(`Envoy ${readPins().default} (the pinned build)`);
    terminal.out(`  ${await whereEnvoyIs()}`);
    terminal.out(`Node.js ${process.versions.node}`);
  });
}

async function whereEnvoyIs(): Promise<string> {
  const found = await installedEnvoy();
  return found ?? 'not here yet; `up` and `validate --with-envoy` download it';
}
