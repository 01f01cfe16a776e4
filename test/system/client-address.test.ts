import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';

const LISTENERS = {
  plain: '',
  hops: 'http: {clientIp: {hops: 1}}',
  near: 'http: {clientIp: {trusted: [127.0.0.0/8, 10.0.0.0/8]}}',
  far: 'http: {clientIp: {trusted: [10.0.0.0/8]}}',
  header: 'http: {clientIp: {header: x-real-ip}}',
  proxy: 'proxyProtocol: true',
  both: 'proxyProtocol: true\nhttp: {clientIp: {trusted: [198.51.100.0/24]}}',
} as const;
type Name = keyof typeof LISTENERS;
const NAMES = Object.keys(LISTENERS) as Name[];

const SEEN = {
  'x-seen': '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%',
  'x-chain': '%REQ(x-forwarded-for)%',
  'x-external': '%REQ(x-envoy-external-address)%',
};

/** What the answer says of who asked; null: the connection was closed without one. */
type Answer = { readonly client: string; readonly chain: string; readonly external: string };

function ask(
  port: number,
  headers: Record<string, string>,
  before: Uint8Array | string = '',
): Promise<Answer | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    let isConnected = false;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    // Envoy resets what it refuses; only a connection that never was is a mistake of the test.
    socket.on('error', (error) => {
      if (!isConnected) reject(error);
    });
    socket.on('connect', () => {
      isConnected = true;
    });
    socket.on('close', () => {
      const field = (name: string): string =>
        new RegExp(`^${name}: (.*?)\\r$`, 'm').exec(text)?.[1] ?? '';
      const answer = {
        client: field('x-seen'),
        chain: field('x-chain'),
        external: field('x-external'),
      };
      resolve(text === '' ? null : answer);
    });
    socket.write(before);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${lines.join('')}\r\n`);
  });
}

const version1 = (from: string): string => `PROXY TCP4 ${from} 192.0.2.1 5000 80\r\n`;
const version2 = (from: string): Uint8Array =>
  Buffer.concat([
    Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex'),
    Buffer.from([...from.split('.').map(Number), 192, 0, 2, 1]),
    Buffer.from([0x13, 0x88, 0, 80]),
  ]);

interface Row {
  readonly at: Name;
  readonly headers?: Record<string, string>;
  readonly before?: Uint8Array | string;
  readonly client: string | null;
}

const forwarded = (chain: string): Record<string, string> => ({ 'x-forwarded-for': chain });
const ROWS: readonly Row[] = [
  { at: 'plain', client: '127.0.0.1' },
  { at: 'plain', headers: forwarded('203.0.113.9'), client: '127.0.0.1' },
  { at: 'hops', client: '127.0.0.1' },
  { at: 'hops', headers: forwarded('6.6.6.6, 203.0.113.9'), client: '203.0.113.9' },
  { at: 'near', client: '127.0.0.1' },
  { at: 'near', headers: forwarded('6.6.6.6, 203.0.113.9'), client: '203.0.113.9' },
  { at: 'near', headers: forwarded('6.6.6.6, 203.0.113.9, 10.1.1.1'), client: '203.0.113.9' },
  { at: 'far', headers: forwarded('203.0.113.9'), client: '127.0.0.1' },
  { at: 'far', headers: forwarded('203.0.113.9, 10.1.1.1'), client: '127.0.0.1' },
  { at: 'header', headers: { 'x-real-ip': '203.0.113.9' }, client: '203.0.113.9' },
  { at: 'header', headers: { 'x-real-ip': 'nobody' }, client: '127.0.0.1' },
  { at: 'header', headers: forwarded('203.0.113.9'), client: '127.0.0.1' },
  { at: 'proxy', client: null },
  { at: 'proxy', before: version1('203.0.113.9'), client: '203.0.113.9' },
  { at: 'proxy', before: version2('203.0.113.9'), client: '203.0.113.9' },
  {
    at: 'proxy',
    before: version1('203.0.113.9'),
    headers: forwarded('6.6.6.6'),
    client: '203.0.113.9',
  },
  {
    at: 'both',
    before: version2('198.51.100.7'),
    headers: forwarded('203.0.113.9'),
    client: '203.0.113.9',
  },
  {
    at: 'both',
    before: version1('203.0.113.1'),
    headers: forwarded('6.6.6.6'),
    client: '203.0.113.1',
  },
];

describe.each(['1.36.4', '1.40.0'])('whose address is the client in Envoy %s', (version) => {
  let rig: Rig;
  const ports = new Map<Name, number>();

  beforeAll(async () => {
    rig = await createRig();
    const a = await rig.upstream('a');
    for (const name of NAMES) ports.set(name, await freePort());
    const listeners = NAMES.map((name) => {
      const head = `kind: Listener\nname: ${name}\naddress: 127.0.0.1\nport: ${ports.get(name)}\n`;
      return `${head}${LISTENERS[name]}\n`;
    });
    const all = `listeners: [${NAMES.join(', ')}]`;
    const route = `kind: Route\nname: all\n${all}\nto: a\nheaders: {response: {set: ${JSON.stringify(SEEN)}}}\n`;
    await rig.write('all.yaml', [...listeners, clusterText('a', [a]), route].join('---\n'));
    await rig.startHelve();
    await rig.helve.ready();
    await rig.startEnvoy({ version });
    await rig.inStep();
  });
  afterAll(() => rig.close());

  const portOf = (name: Name): number => ports.get(name) ?? 0;

  it.each(ROWS)('$at, $headers, $before: $client', async ({ at, headers = {}, before, client }) => {
    const answer = await ask(portOf(at), headers, before);
    expect(answer?.client ?? null).toBe(client);
  });

  it.each(['plain', 'hops', 'near', 'far'] as const)('%s shows upstreams every hop', async (at) => {
    const answer = await ask(portOf(at), forwarded('203.0.113.9'));
    expect(answer?.chain).toMatch(/^203\.0\.113\.9,\S+$/);
  });

  it.each(['plain', 'hops', 'near', 'far', 'header'] as const)(
    '%s takes no x-envoy-external-address of clients',
    async (at) => {
      const answer = await ask(portOf(at), { 'x-envoy-external-address': '6.6.6.6' });
      expect(answer?.external).toMatch(/^(-|127\.0\.0\.1)?$/);
    },
  );
});
