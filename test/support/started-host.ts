import { join } from 'node:path';
import { type Host, type HostOptions, startHost } from '../../src/host/index.ts';
import { createInlineIngest } from '../../src/ingest/index.ts';

/**
 * A host in this process, on free ports: the source is the folder `config` of `root`, and the state
 * is beside it. It logs nothing by itself. Throws why it could not start.
 */
export async function startedHost(root: string, options: Partial<HostOptions> = {}): Promise<Host> {
  const started = await startHost({
    source: join(root, 'config'),
    xds: '127.0.0.1:0',
    admin: '127.0.0.1:0',
    stateDir: join(root, 'state'),
    allowPaths: [],
    hasEvents: false,
    proxyAdmin: '127.0.0.1:9901',
    logLevel: 'silent',
    version: '0.0.0',
    openIngest: createInlineIngest,
    ...options,
  });
  if (!started.ok) throw new Error(started.why);
  return started.host;
}
