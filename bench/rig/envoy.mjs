// A real Envoy, asked over one connection what it answers.
import { Agent, request } from 'node:http';
import { pause } from './clock.mjs';
import { EDITED_HOST, EDITED_PATH } from './documents.mjs';

const READY_MS_MAX = 240_000;

/**
 * Starts an Envoy that is served by `address` and listens on `port`; ends it after `use`.
 *
 * @template T
 * @param {{address: string, port: number}} where
 * @param {(envoy: {pid: number, shows: (marker: string) => Promise<void>}) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withEnvoy({ address, port }, use) {
  const { ensureEnvoy, launchEnvoy, makeBootstrap } = await import('../../dist/envoy/index.js');
  const { path } = await ensureEnvoy({});
  const bootstrap = makeBootstrap({
    ...{ nodeId: 'bench', cluster: 'bench', xds: address, adminPort: 0 },
  });
  const envoy = await launchEnvoy({ binary: path, bootstrap, concurrency: 1 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const shows = async (marker) => {
    while ((await answerOf(agent, port)) !== marker) await pause(0);
  };
  try {
    await envoy.ready(READY_MS_MAX);
    return await use({ pid: envoy.pid, shows });
  } finally {
    agent.destroy();
    await envoy.stop();
  }
}

/** The body of an answer; empty where there is none. */
function answerOf(agent, port) {
  return new Promise((resolve) => {
    const headers = { host: EDITED_HOST };
    const asked = request(
      { agent, host: '127.0.0.1', port, path: EDITED_PATH, headers },
      (reply) => {
        let body = '';
        reply.setEncoding('utf8').on('data', (text) => {
          body += text;
        });
        reply.once('end', () => resolve(body));
      },
    );
    asked.once('error', () => resolve(''));
    asked.end();
  });
}
