import { readdirSync, readFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/envoy/index.ts';
import { startLoad } from '../support/load.mjs';
import type { Upstream } from '../support/upstream.mjs';
import { newAuthority } from './support/authority.ts';
import { issue, type Pair } from './support/certificates.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { askTcp, openTcp, startTcpServer } from './support/tcp-server.ts';
import { openLongConnection, readOverTls, servedSerial } from './support/tls.ts';
import { until } from './support/until.ts';

// The examples as they are read, their ports alone changed to free ones.
const USERS = 10_000;
const AT_ONCE = 100;

const tidyUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of tidyUp.splice(0).reverse()) await step();
});

type Ports = ReadonlyMap<string, number>;

const portOf = (ports: Ports, written: string): number => {
  const port = ports.get(written);
  if (port === undefined) throw new Error(`the example has no port ${written}`);
  return port;
};

/** A file of an example with the ports of this run. */
const textOf = (example: string, file: string, ports: Ports): string => {
  const text = readFileSync(`${packageRoot()}/examples/${example}/${file}`, 'utf8');
  return [...ports].reduce(
    (changed, [written, port]) =>
      changed.replaceAll(new RegExp(`\\b${written}\\b`, 'g'), String(port)),
    text,
  );
};

/** The rig with the documents of an example in it; not started yet. */
async function layOut(example: string, ports: Ports): Promise<Rig> {
  const rig = await createRig();
  tidyUp.push(() => rig.close());
  const files = readdirSync(`${packageRoot()}/examples/${example}`);
  for (const file of files.filter((name) => name.endsWith('.yaml'))) {
    await rig.write(file, textOf(example, file, ports));
  }
  return rig;
}

async function start(rig: Rig): Promise<void> {
  await rig.startHelve();
  await rig.helve.ready();
  await rig.startEnvoy();
  await rig.inStep();
}

const upstreams = async (rig: Rig, names: readonly string[]): Promise<readonly Upstream[]> =>
  Promise.all(names.map((name) => rig.upstream(name)));

interface Side {
  readonly upstream: string;
  /** '' where none is set. */
  readonly cookie: string;
}

/** Many are asked: connections are used again. */
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

const side = (port: number, path: string, headers: Record<string, string>): Promise<Side> =>
  new Promise((resolve, reject) => {
    const request = get({ port, host: '127.0.0.1', path, headers, agent }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        const [set = ''] = answer.headers['set-cookie'] ?? [];
        const upstream = String(answer.headers['x-upstream']);
        const [cookie = ''] = set.split(';');
        if (answer.statusCode === 200) resolve({ upstream, cookie });
        else reject(new Error(`status ${String(answer.statusCode)}`));
      });
    });
    request.on('error', reject);
  });

async function forAll<T>(count: number, ask: (at: number) => Promise<T>): Promise<readonly T[]> {
  const answers: T[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - from);
    answers.push(...(await Promise.all(Array.from({ length: size }, (_, at) => ask(from + at)))));
  }
  return answers;
}

const shareOf = (sides: readonly Side[], name: string): number =>
  sides.filter(({ upstream }) => upstream === name).length / sides.length;

/** Four standard deviations of a share of so many. */
const tolerance = (share: number, count: number): number =>
  4 * Math.sqrt((share * (1 - share)) / count);

describe('ab-split', () => {
  it('splits by user and by cookie, and moves only whom new weights move', async () => {
    const ports = new Map<string, number>();
    const port = await freePort();
    ports.set('8080', port);
    const servers = await createRig();
    tidyUp.push(() => servers.close());
    const [current, next] = await upstreams(servers, ['current', 'next']);
    ports.set('8001', current?.port ?? 0).set('8002', next?.port ?? 0);
    const rig = await layOut('ab-split', ports);
    await start(rig);

    const asUser = (at: number): Promise<Side> =>
      side(port, '/api/', { 'x-user-id': `user-${at}` });
    const before = await forAll(USERS, asUser);
    expect(Math.abs(shareOf(before, 'next') - 0.05)).toBeLessThan(tolerance(0.05, USERS));
    expect(await forAll(USERS, asUser)).toEqual(before);

    const asGuest = await forAll(USERS, () => side(port, '/', {}));
    expect(Math.abs(shareOf(asGuest, 'next') - 0.05)).toBeLessThan(tolerance(0.05, USERS));
    const again = await forAll(USERS, (at) =>
      side(port, '/', { cookie: asGuest[at]?.cookie ?? '' }),
    );
    expect(again.map(({ upstream }) => upstream)).toEqual(asGuest.map(({ upstream }) => upstream));

    const text = textOf('ab-split', 'gateway.yaml', ports);
    await rig.change(
      'gateway.yaml',
      text.replace('{ current: 95, next: 5 }', '{ current: 90, next: 10 }'),
    );
    const after = await forAll(USERS, asUser);
    expect(Math.abs(shareOf(after, 'next') - 0.1)).toBeLessThan(tolerance(0.1, USERS));
    const moved = after.filter(({ upstream }, at) => upstream !== before[at]?.upstream);
    expect(new Set(moved.map(({ upstream }) => upstream))).toEqual(new Set(['next']));
    expect(moved.length / USERS).toBeCloseTo(shareOf(after, 'next') - shareOf(before, 'next'), 9);
  });
});

describe('backend-swap', () => {
  it('swaps the backend, and cuts no stream', async () => {
    const servers = await createRig();
    tidyUp.push(() => servers.close());
    const [blue, green] = await upstreams(servers, ['blue', 'green']);
    const port = await freePort();
    const ports = new Map([
      ['8080', port],
      ['8001', blue?.port ?? 0],
      ['8002', green?.port ?? 0],
    ]);
    const rig = await layOut('backend-swap', ports);
    await start(rig);
    const stream = await openStream(port);
    const load = startLoad({ targets: [{ port }], rps: 100 });
    tidyUp.push(async () => {
      await load.stop();
    });
    const served = (name: string): true | null =>
      (load.stats().byUpstream[name] ?? 0) > 20 ? true : null;
    await until('blue serves', () => served('blue'));
    expect(load.stats().byUpstream['green'] ?? 0).toBe(0);
    const text = textOf('backend-swap', 'gateway.yaml', ports);
    await rig.change(
      'gateway.yaml',
      text.replace('{ blue: 100, green: 0 }', '{ blue: 0, green: 100 }'),
    );
    await until('green serves', () => served('green'));
    const heard = stream.chunks();
    await until('the stream goes on', () => (stream.chunks() > heard + 3 ? true : null));
    expect(stream.isCut()).toBe(false);
    stream.close();
    // Nothing uses blue any more, and it goes with the rule that named it.
    await rig.change(
      'gateway.yaml',
      text
        .replace('{ blue: 100, green: 0 }', 'green')
        .replace(/---\nkind: Cluster\nname: blue[^]*?(?=---\n)/, ''),
    );
    const { failures } = await load.stop();
    expect(failures).toEqual([]);
  });
});

describe('tls', () => {
  it('rotates the certificate, and open connections stay', async () => {
    const port = await freePort();
    const ports = new Map([
      ['8443', port],
      ['8080', await freePort()],
    ]);
    const rig = await layOut('tls', ports);
    const host = 'shop.example.com';
    const write = async (pair: Awaited<ReturnType<typeof issue>>): Promise<void> => {
      await rig.write('certs/shop/tls.crt', pair.cert);
      await rig.write('certs/shop/tls.key', pair.key);
    };
    const first = await issue([host]);
    await write(first);
    await start(rig);
    expect(await servedSerial(port, host)).toBe(first.serial);
    const long = await openLongConnection(port, host);
    const second = await issue([host]);
    await write(second);
    await until('the new certificate is served', async () => {
      return (await servedSerial(port, host)) === second.serial ? true : null;
    });
    expect(await long.request()).toBe(200);
    long.close();
    const plain = await fetch(`http://127.0.0.1:${portOf(ports, '8080')}/a`, {
      redirect: 'manual',
    });
    expect([plain.status, plain.headers.get('location')]).toEqual([
      308,
      `https://127.0.0.1:${port}/a`,
    ]);
  });
});

describe('mtls', () => {
  it('lets in by certificates of clients, and answers who shows none otherwise', async () => {
    const port = await freePort();
    const rig = await layOut('mtls', new Map([['8443', port]]));
    const host = 'shop.example.com';
    const partners = await newAuthority('partners');
    const pair = await issue([host]);
    await rig.write('certs/shop/tls.crt', pair.cert);
    await rig.write('certs/shop/tls.key', pair.key);
    await rig.write('certs/partners/ca.pem', partners.cert);
    await start(rig);
    const ops = await partners.issue(['spiffe://partner.example/ops']);
    const sales = await partners.issue(['spiffe://partner.example/sales']);
    const stranger = await (await newAuthority('others')).issue(['spiffe://partner.example/ops']);
    const status = async (client: Pair | null, path: string): Promise<number | undefined> =>
      (await readOverTls(port, { host, client, path }))?.[0];
    expect(await readOverTls(port, { host, client: null })).toEqual([200, 'hello stranger\n']);
    expect(await readOverTls(port, { host, client: ops })).toEqual([200, 'hello partner\n']);
    expect(await readOverTls(port, { host, client: stranger })).toBeNull();
    const paths = ['/orders', '/admin'];
    const all = [null, sales, ops].map((client) =>
      Promise.all(paths.map((path) => status(client, path))),
    );
    expect(await Promise.all(all)).toEqual([
      [403, 403],
      [200, 403],
      [200, 200],
    ]);
  });
});

describe('tcp-failover', () => {
  it('goes to the standby, closes what is open to the primary, and comes back', async () => {
    const [primary, standby] = [await startTcpServer('primary'), await startTcpServer('standby')];
    tidyUp.push(
      () => primary.close(),
      () => standby.close(),
    );
    const port = await freePort();
    const ports = new Map([
      ['5432', port],
      ['15432', primary.port],
      ['25432', standby.port],
    ]);
    await start(await layOut('tcp-failover', ports));
    const answers = (name: string): Promise<true> =>
      until(`${name} answers`, async () => ((await askTcp(port)) === name ? true : null));
    await answers('primary');
    const writer = await openTcp(port);
    expect(writer.server).toBe('primary');
    await primary.stopListening();
    await writer.closed;
    await answers('standby');
    await primary.listenAgain();
    await answers('primary');
  });
});

interface Stream {
  chunks(): number;
  isCut(): boolean;
  close(): void;
}

/** An answer without end, read as it comes. */
async function openStream(port: number): Promise<Stream> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/?chunks=1000000' }, resolve).on('error', reject);
  });
  let chunks = 0;
  let isCut = false;
  response.on('data', () => {
    chunks += 1;
  });
  for (const name of ['end', 'error', 'aborted']) {
    response.on(name, () => {
      isCut = true;
    });
  }
  return { chunks: () => chunks, isCut: () => isCut, close: () => response.destroy() };
}
