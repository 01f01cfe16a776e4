import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { readPins } from '../../src/envoy/index.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { startTcpServer, type TcpServer } from './support/tcp-server.ts';

// To redirect a connection takes rights that a test does not have. A PROXY header says a
// destination as well, and a cluster does not ask who said it.

let rig: Rig;
let servers: readonly TcpServer[] = [];
afterEach(async () => {
  await rig.close();
  for (const server of servers) await server.close();
});

/** The first line that comes, or `closed` where none does. */
function hear(port: number, said: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('utf8');
    socket.once('data', (text: string) => {
      socket.destroy();
      resolve(text.trim());
    });
    // Envoy may reset what it cannot send anywhere.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      resolve('closed');
    });
    if (said !== '') socket.write(said);
  });
}

const listener = (name: string, port: number, more: string): string =>
  `kind: Listener\nname: ${name}\naddress: 127.0.0.1\nport: ${port}\nprotocol: tcp\n` +
  `${more}: true\nto: out\n`;

it.each(Object.keys(readPins().versions))(
  'connections go where they were meant to go, Envoy %s',
  async (version) => {
    rig = await createRig();
    servers = [await startTcpServer('first'), await startTcpServer('second')];
    const [redirected, proxied] = [await freePort(), await freePort()];
    await rig.write(
      'all.yaml',
      [
        listener('redirected', redirected, 'originalDst'),
        listener('proxied', proxied, 'proxyProtocol'),
        'kind: Cluster\nname: out\noriginalDestination: true\n',
      ].join('---\n'),
    );
    await rig.startHelve();
    await rig.helve.ready();
    const envoy = await rig.startEnvoy({ version });
    await rig.inStep();
    for (const { name, port } of servers) {
      const header = `PROXY TCP4 127.0.0.1 127.0.0.1 5000 ${port}\r\n`;
      expect(await hear(proxied, header)).toBe(name);
    }
    const dump = JSON.stringify(await envoy.configDump('resource=dynamic_listeners'));
    expect(dump).toContain('"envoy.filters.listener.original_dst"');
    // Nobody redirected this one: it has no destination, and comes back to no listener.
    expect(await hear(redirected, '')).toBe('closed');
    const stats = await envoy.stats('^listener\\.127\\.0\\.0\\.1_\\d+\\.downstream_cx_total$');
    expect(stats.get(`listener.127.0.0.1_${redirected}.downstream_cx_total`)).toBe(1);
  },
);
