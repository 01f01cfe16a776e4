import { Command } from 'commander';
import { readPins } from '../../envoy/index.ts';
import type { CommandContext } from '../context.ts';
import { helveVersion } from '../version.ts';

/** `helve version`: helve's own, and the Envoy whose API it was built with. */
export function versionCommand({ terminal }: CommandContext): Command {
  return new Command('version').description('print versions').action(() => {
    terminal.out(`helve ${helveVersion()}`);
    terminal.out(`Envoy ${readPins().default} (the pinned build)`);
    terminal.out(`Node.js ${process.versions.node}`);
  });
}
