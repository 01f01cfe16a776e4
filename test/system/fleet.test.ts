import { generateKeyPairSync } from 'node:crypto';
import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { readPins, type RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad } from '../support/load.mjs';
import type { Upstream } from '../support/upstream.mjs';
import { issue } from './support/certificates.ts';
import { clusterText } from './support/documents.ts';
import { it } from './support/in-turn.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { tell } from './support/tell.ts';
import { refusals } from './support/steady.ts';
import { servedSerial } from './support/tls.ts';
import { during, until } from './support/until.ts';

// The main job with all of the language at once: two groups of Envoys of other versions, sharded
// route tables beside whole ones behind TLS, and policies, certificates, endpoints and names that
// come, change and go under load.
const SECONDS = Number(process.env['HELVE_CHURN_SECONDS'] ?? 20);
const RPS = 300;

const pins = readPins();
const OLDEST = Object.keys(pins.versions).sort()[0] ?? '';

const HOSTS = ['a.test', 'b.test', 'c.test', 'd.test'];

const group = (name: string, envoy: string): string =>
  `kind: NodeGroup\nname: ${name}\nmatch: {cluster: ${name}}\nenvoy: "${envoy}"\n`;

const listener = (name: string, port: number, nodes: string): string =>
  [
    'kind: Listener',
    `name: ${name}`,
    'address: 127.0.0.1',
    `port: ${port}`,
    `nodes: [${nodes}]`,
    '',
  ].join('\n');

/** Sharded where Envoys take that while they run. */
const webListener = (name: string, port: number): string =>
  listener(`web-${name}`, port, name) + (name === 'newest' ? 'shards: true\n' : '');

/** Whole tables, beside the sharded ones. */
const tlsListener = (name: string, port: number): string =>
  listener(`tls-${name}`, port, name) + 'tls: {certificates: [fleet]}\n';

const route = (host: string, fields: readonly string[]): string =>
  [
    'kind: Route',
    `name: ${host.replace('.test', '')}`,
    'listeners: [web-newest, web-oldest, tls-newest, tls-oldest]',
    `hosts: [${host}]`,
    ...fields,
    '',
  ].join('\n');

/** `*.test.yaml` are no documents. */
const fileOf = (host: string): string => `routes-of-${host.slice(0, 1)}.yaml`;

const PLAIN = ['to: {one: 50, two: 50}'];

/** Its cluster is called otherwise all the time. */
const RENAMED = 'e.test';

/** What one host's rules become, one after the other; each leaves the loaded path answering 200. */
const STEPS: readonly (readonly string[])[] = [
  ['to: {one: 90, two: 10}'],
  ['to: {one: 90, two: 10}', 'rateLimit: [{limit: 100000/s}]'],
  ['to: {one: 10, two: 90}', 'rateLimit: [{limit: 200000/s, by: [clientAddress]}]'],
  ['to: one', 'authorize: {allow: [{address: 127.0.0.0/8}]}'],
  [
    'to: one',
    'authorize: {deny: [{address: 10.0.0.0/8}]}',
    'headers: {response: {set: {x-step: "4"}}}',
  ],
  [
    'rules:',
    '- {name: all, match: {prefix: /}, to: two}',
    '- {name: closed, match: {prefix: /closed}, to: one, jwt: {issuer: a, jwks: {file: keys.json}}}',
  ],
  PLAIN,
];

const ask = (port: number, host: string): Promise<readonly [number, string]> =>
  new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', headers: { host } }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (text: string) => {
        body += text;
      });
      answer.on('end', () => resolve([answer.statusCode ?? 0, body.trim()]));
    }).on('error', reject);
  });

describe.concurrent.each<Wire>(['delta', 'sotw'])('a mixed fleet under load, %s', (wire) => {
  let rig: Rig;
  let envoys: readonly RunningEnvoy[];
  let ports: readonly number[];
  let tlsPorts: readonly number[];
  let one: Upstream;
  let two: Upstream;

  beforeAll(async () => {
    rig = await createRig();
    [one, two] = [await rig.upstream('one'), await rig.upstream('two')];
    ports = [await freePort(), await freePort()];
    tlsPorts = [await freePort(), await freePort()];
    await rig.write(
      'groups.yaml',
      [group('newest', '1.40'), group('oldest', '1.36')].join('---\n'),
    );
    await rig.write(
      'listeners.yaml',
      ['newest', 'oldest']
        .flatMap((name, at) => [
          webListener(name, ports[at] ?? 0),
          tlsListener(name, tlsPorts[at] ?? 0),
        ])
        .join('---\n'),
    );
    await rotate();
    await rig.write(
      'certificate.yaml',
      'kind: Certificate\nname: fleet\ncert: fleet.crt\nkey: fleet.key\n',
    );
    await rename(0);
    await rig.write(
      'clusters.yaml',
      [clusterText('one', [one]), clusterText('two', [two])].join('---\n'),
    );
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = { ...publicKey.export({ format: 'jwk' }), kid: 'a' };
    await rig.write('keys.json', JSON.stringify({ keys: [key] }));
    for (const host of HOSTS) await rig.write(fileOf(host), route(host, PLAIN));
    await rig.startHelve();
    await rig.helve.ready();
    envoys = [
      await rig.startEnvoy({ wire, cluster: 'newest', version: pins.default }),
      await rig.startEnvoy({ wire, cluster: 'oldest', version: OLDEST }),
    ];
    await rig.inStep();
  });
  afterAll(() => rig.close());

  /** The serial of the new certificate. */
  async function rotate(): Promise<string> {
    const pair = await issue([...HOSTS, RENAMED]);
    await rig.write('fleet.crt', pair.cert);
    await rig.write('fleet.key', pair.key);
    return pair.serial;
  }

  /** The cluster and the route to it, in one edit. */
  const rename = (round: number): Promise<void> => {
    const name = `renamed-${round}`;
    const text = `${route(RENAMED, [`to: ${name}`])}---\n${clusterText(name, [one])}`;
    return rig.write(fileOf(RENAMED), text);
  };

  /** What changes beside the rules, one after the other. */
  async function change(second: number): Promise<void> {
    const round = Math.floor(second / 4);
    // A host and a cluster of its own come and go meanwhile.
    const extra = `${route('extra.test', ['to: extra'])}---\n${clusterText('extra', [two])}`;
    switch (second % 4) {
      case 0: {
        const serial = await rotate();
        for (const port of tlsPorts) {
          await until('the new certificate is served', async () =>
            (await servedSerial(port, RENAMED)) === serial ? true : null,
          );
        }
        return;
      }
      case 1:
        return rig.write('extra.yaml', extra);
      case 2: {
        const ofOne = round % 2 === 0 ? [one, two] : [one];
        const texts = [clusterText('one', ofOne), clusterText('two', [two])];
        return rig.write('clusters.yaml', texts.join('---\n'));
      }
      default:
        await rename(round + 1);
        return rig.remove('extra.yaml');
    }
  }

  const stats = (): Promise<readonly ReadonlyMap<string, number>[]> =>
    Promise.all(envoys.map((envoy) => envoy.stats('^listener_manager\\.|update_rejected')));

  it('loses nothing, drains nothing and is refused nothing', async () => {
    const before = await stats();
    const hosts = [...HOSTS, RENAMED];
    const targets = hosts.flatMap((host) => [
      ...ports.map((port) => ({ port, host })),
      ...tlsPorts.map((port) => ({ port, host, tls: true })),
    ]);
    const load = startLoad({ targets, rps: RPS });
    for (let second = 0; second < SECONDS; second += 1) {
      const host = HOSTS[second % HOSTS.length] ?? '';
      await rig.write(fileOf(host), route(host, STEPS[second % STEPS.length] ?? PLAIN));
      await change(second);
      await during(1_000);
    }
    await rig.inStep();
    const { requests, failures } = await load.stop();
    tell(`mixed fleet (${wire}): ${requests} requests, ${failures.length} failed`);
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(SECONDS * RPS * 0.2);
    for (const [at, after] of (await stats()).entries()) {
      const changed = [...after].filter(([name, count]) => {
        const isStill = /listener_modified|draining|update_rejected/.test(name);
        return isStill && count !== (before[at]?.get(name) ?? 0);
      });
      expect(changed).toEqual([]);
    }
  });

  it('T-29 sends a field of the newest Envoy to its group only, and says where it cannot go', async () => {
    const { accepted } = await rig.helve.status();
    const json = (name: string): string =>
      `kind: Route\nname: who\nlisteners: [web-${name}]\nhosts: [who.test]\n` +
      'respond: {status: 200, json: {ip: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"}}\n';
    await rig.write('who.yaml', json('oldest'));
    await until('the input is held', async () => {
      const { input } = await rig.helve.status();
      const [found] = input.diagnostics;
      return found?.code === 'NODE_VERSION' && found.file === 'who.yaml' ? true : null;
    });
    expect((await rig.helve.status()).accepted).toEqual(accepted);
    await rig.write('who.yaml', json('newest'));
    await rig.inStep();
    const [newest = 0, oldest = 0] = ports;
    expect(await ask(newest, 'who.test')).toEqual([200, '{"ip":"127.0.0.1"}']);
    expect((await ask(oldest, 'who.test'))[0]).toBe(404);
  });

  it('sends what only the newest Envoy has to its group, and shows others since when', async () => {
    const { accepted } = await rig.helve.status();
    const document = (name: string): string =>
      `kind: Route\nname: new\nlisteners: [web-${name}]\nhosts: [new.test]\nto: new\n---\n` +
      `${clusterText('new', [two])}---\n` +
      'kind: Patch\nname: quiet\ntarget: {kind: Cluster, name: new}\n' +
      'merge: {stats_matcher: {reject_all: true}}\n';
    await rig.write('new.yaml', document('oldest'));
    const line =
      document('oldest')
        .split('\n')
        .findIndex((one) => one.startsWith('merge')) + 1;
    const found = await until('the input is held', async () => {
      const { input } = await rig.helve.status();
      return input.diagnostics.find(({ code }) => code === 'NODE_VERSION') ?? null;
    });
    expect(found).toMatchObject({ file: 'new.yaml', line, severity: 'error' });
    expect(found.message).toContain('"stats_matcher" of Cluster exists since Envoy 1.40');
    expect((await rig.helve.status()).accepted).toEqual(accepted);
    await rig.write('new.yaml', document('newest'));
    await rig.inStep();
    const [newest = 0, oldest = 0] = ports;
    expect(await ask(newest, 'new.test')).toEqual([200, expect.stringMatching(/^two\b/)]);
    expect((await ask(oldest, 'new.test'))[0]).toBe(404);
    expect(await Promise.all(envoys.map(refusals))).toEqual([[], []]);
  });
});
