import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ensureGrpcio } from './grpcio.ts';

/** A program of gRPC that is told words on stdin, and answers each with a line. */
export interface GrpcProcess {
  ask(words: string): Promise<string>;
  /** The next line that it says by itself. */
  hear(): Promise<string>;
  close(): Promise<void>;
}

/** What gRPC starts with: where to ask, and who it is. */
export async function writeGrpcBootstrap(root: string, xds: string): Promise<string> {
  const path = join(root, 'bootstrap.json');
  const text = {
    xds_servers: [
      { server_uri: xds, channel_creds: [{ type: 'insecure' }], server_features: ['xds_v3'] },
    ],
    node: { id: 'caller', cluster: 'callers', locality: { region: 'r', zone: 'z', sub_zone: '' } },
    server_listener_resource_name_template: 'grpc/server?xds.resource.listening_address=%s',
  };
  await writeFile(path, JSON.stringify(text));
  return path;
}

/** A program of test/clients in Python. */
export async function spawnGrpcio(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ChildProcess> {
  const PYTHONPATH = await ensureGrpcio();
  const path = fileURLToPath(new URL(`../../clients/${program}`, import.meta.url));
  return spawn('python3', [path, ...args], { env: { ...env, PYTHONPATH } });
}

export function grpcProcess(child: ChildProcess): GrpcProcess {
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes');
  let said = '';
  stderr.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-2_000)));
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const hear = async (): Promise<string> => {
    const next: IteratorResult<string, unknown> = await lines.next();
    if (next.done === true) throw new Error(`the program has ended: ${said}`);
    return next.value;
  };
  return {
    hear,
    ask: (words) => {
      stdin.write(`${words}\n`);
      return hear();
    },
    close: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
