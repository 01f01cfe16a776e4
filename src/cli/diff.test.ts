import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { issue } from '../../test/support/certificate.mjs';
import { runHere, type Ran } from '../../test/support/run-here.ts';

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'helve-diff-'));
});
afterAll(async () => {
  await rm(cwd, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string>>;

async function write(folder: string, files: Files): Promise<void> {
  await rm(join(cwd, folder), { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, folder, path)), { recursive: true });
    await writeFile(join(cwd, folder, path), text);
  }
}

async function diff(before: Files, after: Files, ...args: readonly string[]): Promise<Ran> {
  await write('a', before);
  await write('b', after);
  return runHere(cwd, ['diff', 'a', 'b', ...args]);
}

const WEB = 'kind: Listener\nname: web\nport: 8080\n';
const ROUTE = 'kind: Route\nname: shop\nrules:\n- {name: cart, match: {prefix: /cart}, to: cart}\n';
const GIFT = '- {name: gift, match: {path: /gift}, to: cart}\n';
const CART = 'kind: Cluster\nname: cart\nendpoints: ["10.0.0.1:80"]\n';
const BEFORE: Files = { 'web.yaml': WEB, 'shop.yaml': ROUTE, 'cart.yaml': CART };

const MIRRORED = (mirrors: string): string =>
  [ROUTE.replace('to: cart}', `to: cart, mirror: [${mirrors}]}`), CART.replace('cart', 'old')].join(
    '---\n',
  );

test.each<[what: string, after: Files, before?: Files]>([
  ['nothing', BEFORE],
  ['only the files', { 'all.yaml': [CART, ROUTE, WEB].join('---\n') }],
  [
    'only the form',
    { ...BEFORE, 'shop.yaml': ROUTE.replace('to: cart}', 'to: cart, timeout: 15s}') },
  ],
  [
    'only the order',
    {
      ...BEFORE,
      'shop.yaml': ROUTE.replace('rules:\n', `rules:\n${GIFT}`),
      'cart.yaml': CART.replace('["10.0.0.1:80"]', '["10.0.0.2:80", "10.0.0.1:80"]'),
    },
    {
      ...BEFORE,
      'shop.yaml': ROUTE + GIFT,
      'cart.yaml': CART.replace('["10.0.0.1:80"]', '["10.0.0.1:80", "10.0.0.2:80"]'),
    },
  ],
  ['only a setting that is the default', { ...BEFORE, 'helve.yaml': 'language: 1\n' }],
  [
    'only the order of mirrors',
    { ...BEFORE, 'shop.yaml': MIRRORED('{to: cart, share: 5%}, {to: old}') },
    { ...BEFORE, 'shop.yaml': MIRRORED('{to: old}, {to: cart, share: 5%}') },
  ],
])('%s is another', async (_, after, before = BEFORE) => {
  expect(await diff(before, after)).toEqual({ code: 0, out: 'no difference', err: '' });
});

test('T-32 documents with their fields, what nodes get, and what drains', async () => {
  const group = '---\nkind: NodeGroup\nname: edge\nmatch: {cluster: edge}\n';
  const { code, out } = await diff(
    { ...BEFORE, 'web.yaml': WEB + group, 'old.yaml': CART.replace('cart', 'old') },
    {
      ...BEFORE,
      'web.yaml': WEB.replace('8080', '8081') + group,
      'shop.yaml': ROUTE.replace('to: cart}', 'to: cart, timeout: 5s}') + GIFT,
    },
  );
  expect(code).toBe(2);
  expect(out.split('\n').map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
    '- Cluster old  old.yaml:2:7',
    '~ Listener web  web.yaml:2:7',
    '  port  8080 → 8081  web.yaml:3:7',
    '~ Route shop  shop.yaml:2:7',
    '  rules[cart].timeout  + 5s  shop.yaml:4:59',
    '  rules[gift]  + {"name":"gift","match":{"path":"/gift"},"to":"cart"}  shop.yaml:5:3',
    '',
    'nodes in no group, nodes of edge',
    '  CDS  -old',
    '  EDS  -old',
    '  LDS  ~web',
    '  RDS  ~web (rules: 1 added, 1 changed)',
    '  the listener web drains: address.socket_address.port_value cannot change in place',
  ]);
});

const HOSTED = 'kind: Route\nname: shop\nhosts: [a.test, b.test]\nrules:\n';
const HOSTED_CART = '- {name: cart, match: {methods: [GET, POST]}, to: cart}\n';

test.each<[what: string, before: string, after: string, fields: readonly string[]]>([
  [
    'a default that is written out',
    HOSTED + HOSTED_CART,
    HOSTED + HOSTED_CART.replace('to: cart', 'to: cart, timeout: 15s'),
    [],
  ],
  [
    'the same beside a change',
    HOSTED + HOSTED_CART,
    HOSTED + HOSTED_CART.replace('to: cart', 'to: "10.0.0.1:80", timeout: 15s'),
    ['rules[cart].to'],
  ],
  [
    'another order beside a change',
    HOSTED + HOSTED_CART,
    HOSTED.replace('a.test, b.test', 'b.test, a.test') +
      HOSTED_CART.replace('GET, POST', 'POST, GET').replace('to: cart', 'to: cart, timeout: 3s'),
    ['rules[cart].timeout'],
  ],
  [
    'a field that has moved beside a change',
    `${HOSTED}${HOSTED_CART}timeout: 3s\n`,
    HOSTED + HOSTED_CART.replace('to: cart', 'to: cart, timeout: 3s, idleTimeout: 1m'),
    ['rules[cart].idleTimeout'],
  ],
  [
    'a label that is called like a place',
    'kind: Cluster\nname: app\nlabels: {at: eu}\nendpoints: [10.0.0.1:80]\n',
    'kind: Cluster\nname: app\nlabels: {at: us}\nendpoints: [10.0.0.1:80]\n',
    ['labels.at'],
  ],
])('only what means another thing is named: %s', async (_, before, after, fields) => {
  const found = await diff(
    { ...BEFORE, 'shop.yaml': before },
    { ...BEFORE, 'shop.yaml': after },
    ...['-o', 'json'],
  );
  const shape = z.object({
    documents: z.array(z.object({ fields: z.array(z.object({ path: z.string() })) })),
  });
  const { documents } = shape.parse(JSON.parse(found.out));
  expect(documents.flatMap((one) => one.fields.map(({ path }) => path))).toEqual(fields);
});

test('nodes of a group that is new or gone were, or are, in none', async () => {
  const group = { 'edge.yaml': 'kind: NodeGroup\nname: edge\nmatch: {cluster: edge}\n' };
  for (const [a, b, sign] of [
    [BEFORE, { ...BEFORE, ...group }, '+'],
    [{ ...BEFORE, ...group }, BEFORE, '-'],
  ] as const) {
    const { out } = await diff(a, b);
    expect(out).toContain(`${sign} NodeGroup edge`);
    expect(out).toMatch(/^nodes in no group, nodes of edge\n {2}get nothing new$/m);
  }
  const own = { ...group, 'web.yaml': WEB.replace('port', 'nodes: [edge]\nport') };
  const { out } = await diff(BEFORE, { ...BEFORE, ...own });
  expect(out).toMatch(/^nodes of edge\n {2}get nothing new$/m);
  expect(out).toMatch(/^nodes in no group\n[^]*LDS +-web/m);
});

test('a certificate is told by its fingerprint, and the chain that it is of drains', async () => {
  const [a, b, c] = [await issue(['a.test']), await issue(['b.test']), await issue(['c.test'])];
  const files = (of: Readonly<Record<string, Awaited<ReturnType<typeof issue>>>>): Files => ({
    'web.yaml':
      `${WEB}tls: {certificates: [${Object.keys(of).join(', ')}]}\nto: 10.0.0.1:80\n` +
      Object.keys(of)
        .map(
          (name) => `---\nkind: Certificate\nname: ${name}\ncert: ${name}.crt\nkey: ${name}.key\n`,
        )
        .join(''),
    ...Object.fromEntries(
      Object.entries(of).flatMap(([name, pair]) => [
        [`${name}.crt`, pair.cert],
        [`${name}.key`, pair.key],
      ]),
    ),
  });
  const rotated = await diff(files({ a, b }), files({ a, b: c }));
  expect(rotated.out).toMatch(/^~ material Certificate\/b {2}[0-9a-f]{8} → [0-9a-f]{8}$/m);
  expect(rotated.out).toMatch(/^ {2}the chain b of web drains: filter_chain_match.*changes$/m);
  expect(rotated.out + rotated.err).not.toContain('PRIVATE KEY');
  const removed = await diff(files({ a, b }), files({ a }));
  expect(removed.out).toMatch(/^- Certificate b /m);
  expect(removed.out).toMatch(/^ {2}the chain b of web drains: it is removed$/m);
  const added = await diff(files({ a }), files({ a, b }));
  expect(added.out).toContain('no listener drains');
});

test('a chain that has no name is told by its number', async () => {
  const to = 'to: 10.0.0.1:80\n';
  const files = { 'web.yaml': WEB + to };
  const { out } = await diff(files, { 'web.yaml': `${WEB}protocol: tcp\n${to}` });
  expect(out).toMatch(/^ {2}the chain #1 of web drains: filters.* changes$/m);
  expect(out).toMatch(/^ {2}RDS +-web$/m);
});

test('settings and raw resources are documents too', async () => {
  const raw = (seconds: number): string =>
    'resources:\n- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\n  name: legacy\n' +
    `  type: STATIC\n  connect_timeout: ${seconds}s\n`;
  const { code, out } = await diff(
    { ...BEFORE, 'raw.yaml': raw(1), 'helve.yaml': 'drainTime: 60s\n' },
    { ...BEFORE, 'raw.yaml': raw(2), 'helve.yaml': 'drainTime: 90s\n' },
  );
  expect(code).toBe(2);
  expect(out).toMatch(/^~ helve.yaml[^]*drainTime +60s → 90s/m);
  expect(out).toMatch(
    /^~ raw Cluster legacy +raw.yaml:2:3\n +connect_timeout +1s → 2s +raw.yaml:5:20$/m,
  );
  expect(out).toMatch(/^ {2}CDS +~legacy; changed ones connect anew$/m);
});

test('errors are shown, and JSON has it all', async () => {
  const wrong = await diff(BEFORE, {
    ...BEFORE,
    'shop.yaml': ROUTE.replace('to: cart', 'to: crat'),
  });
  expect([wrong.code, wrong.out]).toEqual([1, '']);
  expect(wrong.err).toMatch(/^b has errors\nshop.yaml:4:\d+ {2}error {2}REF_NOT_FOUND/);
  const { code, out } = await diff(
    BEFORE,
    { ...BEFORE, 'cart.yaml': CART.replace('.1:', '.2:') },
    '-o',
    'json',
  );
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({
    documents: [
      {
        change: 'changed',
        document: 'Cluster cart',
        place: { file: 'cart.yaml', line: 2, column: 7 },
        fields: [{ path: 'endpoints[10.0.0.1:80]' }, { path: 'endpoints[10.0.0.2:80]' }],
      },
    ],
    material: [],
    groups: [
      {
        group: '',
        types: [{ type: 'ClusterLoadAssignment', changed: [{ name: 'cart' }] }],
        drains: [],
      },
    ],
  });
});
