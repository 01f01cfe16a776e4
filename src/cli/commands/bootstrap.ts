import { Command, Option } from 'commander';
import { formatBootstrap, makeBootstrap, type BootstrapOptions } from '../../envoy/index.ts';
import type { CommandContext } from '../context.ts';
import { DEFAULT_XDS, parseAddress, parsePort } from '../flags.ts';

interface BootstrapFlags {
  readonly nodeId: string;
  readonly cluster: string;
  readonly xds: string;
  readonly wire: 'delta' | 'sotw';
  readonly adminPort: number;
  readonly rest?: string;
  readonly reportsLoad?: boolean;
  readonly region?: string;
  readonly zone?: string;
  readonly localCluster?: string;
}

/** `helve bootstrap`: the file that an Envoy starts with to be a node of this control plane. */
export function bootstrapCommand({ terminal }: CommandContext): Command {
  return new Command('bootstrap')
    .description('print the bootstrap of an Envoy that takes its configuration from helve')
    .requiredOption('--node-id <id>', 'name of this Envoy, unique in the fleet (required)')
    .option('--cluster <name>', 'what node groups match on', 'default')
    .option('--xds <address>', "helve's xDS address", parseAddress, DEFAULT_XDS)
    .addOption(
      new Option('--wire <variant>', 'variant of xDS').choices(['delta', 'sotw']).default('delta'),
    )
    .option('--admin-port <port>', 'admin port on loopback', parsePort, 9901)
    .option(
      '--rest <address>',
      "poll helve's REST address for clusters and listeners",
      parseAddress,
    )
    .option('--reports-load', 'let it report to helve how many requests it sends where')
    .option('--zone <name>', 'the zone that it runs in, spelled as at the endpoints')
    .option('--region <name>', 'the region of the zone, where the endpoints say one')
    .option(
      '--local-cluster <name>',
      'Cluster with the Envoys themselves as endpoints: its zoneAware clusters prefer their zone',
    )
    .action((flags: BootstrapFlags, command: Command) => {
      if (flags.localCluster !== undefined && flags.zone === undefined) {
        command.error('error: --local-cluster needs --zone: that of this Envoy');
      }
      const text = formatBootstrap(makeBootstrap({ ...flags, ...placeOf(flags) })).trimEnd();
      terminal.out(`# envoy --config-path this-file.yaml --drain-time-s 600\n${text}`);
    });
}

const placeOf = ({ region, zone }: BootstrapFlags): Pick<BootstrapOptions, 'locality'> =>
  region === undefined && zone === undefined
    ? {}
    : {
        locality: {
          ...(region === undefined ? {} : { region }),
          ...(zone === undefined ? {} : { zone }),
        },
      };
