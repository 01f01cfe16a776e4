import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { compileFolder } from '../../src/cli/compile-folder.ts';
import { packageRoot, readPins } from '../../src/envoy/index.ts';
import { runHere } from '../support/run-here.ts';

// No container engine is needed: this is what can be known of docker-compose.yml and the
// Dockerfile without one.

const ROOT = packageRoot();
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const Service = z.object({
  image: z.string().optional(),
  build: z.literal('.').optional(),
  command: z.array(z.string()).optional(),
  network_mode: z.string().optional(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  configs: z.array(z.object({ source: z.string(), target: z.string() })).default([]),
});
/** What Compose reads of `<<: *anchor`. */
const merged = (one: Readonly<Record<string, unknown>>): unknown => {
  const { '<<': base, ...own } = one;
  return typeof base === 'object' ? { ...base, ...own } : own;
};
const Compose = z.object({
  services: z.record(z.string(), z.record(z.string(), z.unknown()).transform(merged).pipe(Service)),
  configs: z.record(z.string(), z.object({ content: z.string() })),
  volumes: z.record(z.string(), z.null()),
});
const compose = Compose.parse(load(read('docker-compose.yml')));
const { services } = compose;
const service = (name: string): z.infer<typeof Service> => Service.parse(services[name]);
const PROXIES = ['envoy-one', 'envoy-two'];

const Scrapes = z.object({
  scrape_configs: z.array(
    z.object({
      job_name: z.string(),
      metrics_path: z.string().default('/metrics'),
      static_configs: z.array(z.object({ targets: z.array(z.string()) })),
    }),
  ),
});

const Bootstrap = z.object({
  node: z.object({ id: z.string() }),
  admin: z.object({
    address: z.object({
      socket_address: z.object({ address: z.string(), port_value: z.number() }),
    }),
  }),
});

/** What the commands of `bootstraps` write, by the path that they write it to. */
async function bootstraps(): Promise<ReadonlyMap<string, z.infer<typeof Bootstrap>>> {
  const lines = (service('bootstraps').command ?? []).join('\n').trim().split('\n');
  const written = new Map<string, z.infer<typeof Bootstrap>>();
  for (const line of lines) {
    const [, args, path] = /^helve (.+) > (\S+)$/.exec(line) ?? [];
    const ran = await runHere(ROOT, (args ?? '').split(' '));
    expect(ran.code, ran.err).toBe(0);
    written.set(path ?? '', Bootstrap.parse(load(ran.out)));
  }
  return written;
}

test('the images are pinned, and those of Envoy are the default pin', () => {
  for (const name of PROXIES) {
    expect(service(name).image).toBe(`envoyproxy/envoy:v${readPins().default}`);
  }
  expect(service('prometheus').image).toMatch(/^prom\/prometheus:v\d+\.\d+\.\d+$/);
  for (const name of ['helve', 'bootstraps']) expect(service(name).build).toBe('.');
});

test('all that serves shares one network, of which only loopback of the host sees some ports', () => {
  const [, ...others] = ['helve', ...PROXIES, 'prometheus'];
  for (const name of others) expect(service(name).network_mode).toBe('service:helve');
  const published = Object.values(services).flatMap(({ ports }) => ports);
  expect(published).toEqual(service('helve').ports);
  for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
});

test('each proxy starts with a bootstrap of its own that helve writes', async () => {
  const written = await bootstraps();
  const taken = PROXIES.map((name) => {
    const [flag, path = ''] = service(name).command ?? [];
    expect(flag).toBe('--config-path');
    return [name, written.get(path)?.node.id];
  });
  expect(taken).toEqual(PROXIES.map((name) => [name, name]));
});

test('Prometheus scrapes helve and the admin address of each proxy', async () => {
  const { content } = z.object({ content: z.string() }).parse(compose.configs['prometheus']);
  const { scrape_configs: jobs } = Scrapes.parse(load(content));
  const targets = new Map(
    jobs.map(({ job_name, metrics_path, static_configs }) => [
      `${job_name} ${metrics_path}`,
      static_configs.flatMap((one) => one.targets),
    ]),
  );
  const admins = [...(await bootstraps()).values()].map(({ admin }) => {
    const { address, port_value } = admin.address.socket_address;
    return `${address}:${port_value}`;
  });
  expect(targets).toEqual(
    new Map([
      ['helve /metrics', ['127.0.0.1:18001']],
      ['envoy /stats/prometheus', admins],
    ]),
  );
  expect((await runHere(ROOT, ['serve', '--help'])).out).toContain('127.0.0.1:18001');
  expect(service('prometheus').configs).toEqual([
    { source: 'prometheus', target: '/etc/prometheus/prometheus.yml' },
  ]);
});

test('the published ports are those of the listeners, on all addresses, and of Prometheus', async () => {
  const source = join(ROOT, 'examples', 'compose');
  const { ingest, outcome } = await compileFolder({ source, allowPaths: [] });
  await ingest.close();
  expect(outcome.ok).toBe(true);
  const ports = [...read('examples/compose/gateway.yaml').matchAll(/^port: (\d+)$/gm)].map(
    ([, port]) => port,
  );
  expect(read('examples/compose/gateway.yaml')).not.toMatch(/^address:/m);
  const published = service('helve').ports.map((port) => port.split(':').at(-1));
  expect(published).toEqual([...ports, '9090']);
});

test('every volume is declared, and what is mounted from here is there', () => {
  for (const { volumes } of Object.values(services)) {
    for (const from of volumes.map((volume) => volume.split(':')[0] ?? '')) {
      const isKnown = from.startsWith('./')
        ? existsSync(join(ROOT, from))
        : Object.hasOwn(compose.volumes, from);
      expect(isKnown, from).toBe(true);
    }
  }
});

test('the image copies what is there, and starts helve as helve is started', async () => {
  const text = read('Dockerfile');
  const list = (name: string): readonly string[] => {
    const found = new RegExp(`^${name} (\\[.*\\])$`, 'm').exec(text)?.[1];
    return z.array(z.string()).parse(JSON.parse(found ?? 'null'));
  };
  expect(list('ENTRYPOINT')).toEqual(['helve']);
  const [command = '', ...args] = list('CMD');
  const help = await runHere(ROOT, [command, '--help']);
  expect(help.code).toBe(0);
  for (const flag of args.filter((one) => one.startsWith('--'))) expect(help.out).toContain(flag);
  const mounted = service('helve').volumes.map((volume) => volume.split(':')[1]);
  expect(list('VOLUME')).toEqual(args.filter((one) => one.startsWith('/')));
  expect(mounted).toEqual(list('VOLUME'));
  expect(text).toContain(`'http://127.0.0.1:18001/readyz'`);
  const majors = [...text.matchAll(/^FROM node:(\d+)-/gm)].map(([, major]) => major);
  const { engines } = z
    .object({ engines: z.object({ node: z.string() }) })
    .parse(JSON.parse(read('package.json')));
  expect(majors).toEqual(majors.map(() => /\d+/.exec(engines.node)?.[0]));
  const MADE = ['node_modules', 'dist', 'generated'];
  const copied = [...text.matchAll(/^COPY (?:--from=build )?(.+) \S+$/gm)].flatMap(([, from]) =>
    (from ?? '').split(' ').map((path) => path.replace('/src/', '')),
  );
  const missing = copied.filter((path) => !MADE.includes(path) && !existsSync(join(ROOT, path)));
  expect(missing).toEqual([]);
});
