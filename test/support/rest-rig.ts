import { mkdir, writeFile } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { join } from 'node:path';
import type { Host, HostOptions } from '../../src/host/index.ts';
import { startedHost } from './started-host.ts';

export const SECRET = 'only-for-nodes-that-ask';
const SOURCE = `
kind: Cluster
name: app
endpoints: ["127.0.0.1:8001"]
---
kind: Secret
name: alpha-key
file: alpha.txt
---
kind: Listener
name: web
address: 127.0.0.1
port: 18080
to: app
`;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A host in this process that can be polled. */
export interface Polled {
  readonly host: Host;
  readonly log: readonly string[];
  readonly send: (path: string, sent: Sent) => Promise<Reply>;
  /** As an Envoy does. */
  readonly poll: (path: string, request: object) => Promise<Reply>;
  readonly metric: (name: string) => Promise<string | undefined>;
}

/** Its source is `config` in the folder `own`. */
export async function startedRest(
  own: string,
  options: Partial<HostOptions> = {},
): Promise<Polled> {
  await mkdir(join(own, 'config'), { recursive: true });
  await writeFile(join(own, 'config', 'alpha.txt'), SECRET);
  await writeFile(join(own, 'config', 'all.yaml'), SOURCE);
  const log: string[] = [];
  const host = await startedHost(own, {
    rest: '127.0.0.1:0',
    logLevel: 'debug',
    logTo: (line: string) => void log.push(line),
    ...options,
  });
  await host.ready;
  const send = (path: string, { method = 'POST', headers = {}, body = '' }: Sent) =>
    new Promise<Reply>((resolve, reject) => {
      const sent = requestHttp(`http://${host.restAddress ?? ''}${path}`, { method, headers });
      sent.on('error', reject);
      sent.on('response', (found) => {
        const chunks: Buffer[] = [];
        found.on('data', (chunk: Buffer) => chunks.push(chunk));
        found.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: found.statusCode ?? 0, headers: found.headers, body: text });
        });
      });
      sent.end(body);
    });
  return {
    ...{ host, log, send },
    poll: (path, request) => send(path, { headers: ENVOY, body: JSON.stringify(request) }),
    metric: async (line) => {
      const text = await (await fetch(`http://${host.adminAddress}/metrics`)).text();
      return text.split('\n').find((one) => one.startsWith(line));
    },
  };
}

/** Envoy names its cluster as the host. */
export const ENVOY = { host: 'helve_rest', 'content-type': 'application/json' };
export const NODE = { id: 'n', cluster: 'edge' };
export const CLUSTERS = '/v3/discovery:clusters';
