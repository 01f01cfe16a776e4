import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { issue } from './support/certificates.ts';
import { clusterText, listenerText, routeText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { askTcp, openTcp, startTcpServer, type TcpServer } from './support/tcp-server.ts';
import { openLongConnection, servedSerial } from './support/tls.ts';
import { until } from './support/until.ts';

const tidyUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of tidyUp.splice(0).reverse()) await step();
});

const WIRES: readonly Wire[] = ['delta', 'sotw'];
const CONNECTIONS = 60;

const newRig = async (): Promise<Rig> => {
  const rig = await createRig();
  tidyUp.push(() => rig.close());
  return rig;
};

const newServer = async (name: string): Promise<TcpServer> => {
  const server = await startTcpServer(name);
  tidyUp.push(() => server.close());
  return server;
};

const start = async (rig: Rig, wire: Wire): Promise<RunningEnvoy> => {
  await rig.startHelve();
  await rig.helve.ready();
  const envoy = await rig.startEnvoy({ wire });
  await rig.inStep();
  return envoy;
};

const stat = async (envoy: RunningEnvoy, name: string): Promise<number> =>
  (await envoy.stats(name)).get(name) ?? 0;

/** Every one of many connections is answered by the server. */
async function expectAll(port: number, server: string): Promise<void> {
  const answers = await Promise.all(Array.from({ length: CONNECTIONS }, () => askTcp(port)));
  expect(answers).toEqual(answers.map(() => server));
}

const closing =
  (connection: { close(): void }): (() => Promise<void>) =>
  () => {
    connection.close();
    return Promise.resolve();
  };

const servedBy = (port: number, server: string): Promise<true> =>
  until(`${server} answers`, async () => ((await askTcp(port)) === server ? true : null));

describe.each(WIRES)('connections, %s', (wire) => {
  it('fail over by health check, and come back', async () => {
    const rig = await newRig();
    const [first, second] = [await newServer('first'), await newServer('second')];
    const port = await freePort();
    await rig.write(
      'pg.yaml',
      [
        `kind: Listener\nname: pg\naddress: 127.0.0.1\nport: ${port}\nprotocol: tcp\nto: pg\n`,
        `kind: Cluster\nname: pg\nendpoints: ["${first.address}", ` +
          `{address: "${second.address}", priority: 1}]\n` +
          'healthCheck: {tcp: true, interval: 100ms, timeout: 2s, unhealthy: 2, healthy: 2}\n' +
          'panic: 0%\nonUnhealthy: close\n',
      ].join('---\n'),
    );
    const envoy = await start(rig, wire);
    await servedBy(port, 'first');
    const old = await openTcp(port);
    expect(old.server).toBe('first');
    // It goes on with what it has, as a database does that no longer is the primary.
    await first.stopListening();
    await old.closed;
    await until('the loss is seen', async () =>
      (await stat(envoy, 'cluster.pg.membership_healthy')) === 1 ? true : null,
    );
    await servedBy(port, 'second');
    await expectAll(port, 'second');
    await first.listenAgain();
    await servedBy(port, 'first');
    await until('its return is seen', async () =>
      (await stat(envoy, 'cluster.pg.membership_healthy')) === 2 ? true : null,
    );
    await expectAll(port, 'first');
  });

  it('are passed on by server name beside https, and a route more cuts none', async () => {
    const rig = await newRig();
    const port = await freePort();
    const own = await issue(['shop.test']);
    const [vault, mail] = [await issue(['vault.test']), await issue(['mail.test'])];
    const shop = await rig.upstream('shop');
    const vaultServer = await rig.upstream('vault', vault);
    const mailServer = await rig.upstream('mail', mail);
    await rig.write('certs/shop.crt', own.cert);
    await rig.write('certs/shop.key', own.key);
    await rig.write(
      'shop.yaml',
      [
        'kind: Certificate\nname: shop\ncert: certs/shop.crt\nkey: certs/shop.key\n',
        listenerText('public', port, ['shop']),
        clusterText('shop', [shop]),
        routeText('main', ['public'], 'shop'),
      ].join('---\n'),
    );
    const passed = (name: string, sni: string, to: string): string =>
      `kind: TcpRoute\nname: ${name}\nlisteners: [public]\nsni: ["${sni}"]\nto: "${to}"\n`;
    const envoy = await start(rig, wire);
    const long = await openLongConnection(port, 'shop.test');
    tidyUp.push(closing(long));
    const load = underLoad(() => long.request());
    await rig.change('vault.yaml', passed('vault', '*.test', vaultServer.address));
    expect(await servedSerial(port, 'vault.test')).toBe(vault.serial);
    expect(await servedSerial(port, 'shop.test')).toBe(own.serial);
    const kept = await openLongConnection(port, 'vault.test');
    tidyUp.push(closing(kept));
    await rig.change('mail.yaml', passed('mail', 'mail.test', mailServer.address));
    expect(await servedSerial(port, 'mail.test')).toBe(mail.serial);
    // A name beats the wildcard, and neither the one nor the other was touched.
    expect(await kept.request()).toBe(200);
    await rig.change('mail.yaml', passed('mail', 'mail.test', vaultServer.address));
    await until('the changed route is used', async () =>
      (await servedSerial(port, 'mail.test')) === vault.serial ? true : null,
    );
    expect(await kept.request()).toBe(200);
    expect(await load.end()).toEqual({ isOpen: true, others: [] });
    expect(await stat(envoy, 'listener_manager.listener_in_place_updated')).toBe(3);
    expect(await stat(envoy, 'http.public.downstream_cx_drain_close')).toBe(0);
  });
});

it('ends TLS before connections are passed on', async () => {
  const rig = await newRig();
  const port = await freePort();
  const own = await issue(['redis.test']);
  const redis = await rig.upstream('redis');
  await rig.write('certs/a.crt', own.cert);
  await rig.write('certs/a.key', own.key);
  await rig.write(
    'redis.yaml',
    'kind: Certificate\nname: a\ncert: certs/a.crt\nkey: certs/a.key\n---\n' +
      `kind: Listener\nname: redis\naddress: 127.0.0.1\nport: ${port}\nprotocol: tls\n` +
      `tls: {certificates: [a]}\nto: "${redis.address}"\n`,
  );
  await start(rig, 'delta');
  expect(await servedSerial(port, 'redis.test')).toBe(own.serial);
  const long = await openLongConnection(port, 'redis.test');
  expect(await long.request()).toBe(200);
  long.close();
});

it('passes datagrams on, and answers back', async () => {
  const rig = await newRig();
  const port = await freePort();
  const server = await bound();
  server.on('message', (text, { port: to, address }) => {
    server.send(`echo ${text.toString()}`, to, address);
  });
  await rig.write(
    'dns.yaml',
    `kind: Listener\nname: dns\naddress: 127.0.0.1\nport: ${port}\nprotocol: udp\n` +
      `to: "127.0.0.1:${server.address().port}"\n`,
  );
  await start(rig, 'delta');
  const client = await bound();
  const answer = await until('an answer comes', () => exchange(client, port));
  expect(answer).toBe('echo hello');
});

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  tidyUp.push(
    () =>
      new Promise((resolve) => {
        socket.close(() => {
          resolve();
        });
      }),
  );
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  return socket;
}

const exchange = (client: Socket, port: number): Promise<string> =>
  new Promise((resolve) => {
    client.once('message', (text) => {
      resolve(text.toString());
    });
    client.send('hello', port, '127.0.0.1');
  });

interface Load {
  /** Answers other than 200, and whether the connection lives. */
  end(): Promise<{ readonly isOpen: boolean; readonly others: readonly unknown[] }>;
}

/** One request after another, until it is ended. */
function underLoad(request: () => Promise<number>): Load {
  const others: unknown[] = [];
  let isEnding = false;
  let isOpen = true;
  const run = async (): Promise<void> => {
    while (!isEnding && isOpen) {
      try {
        const status = await request();
        if (status !== 200) others.push(status);
      } catch (error) {
        isOpen = false;
        others.push(String(error));
      }
    }
  };
  const running = run();
  return {
    end: async () => {
      isEnding = true;
      await running;
      return { isOpen, others };
    },
  };
}
