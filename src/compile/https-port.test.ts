import { expect, test } from 'vitest';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { issue } from '../../test/system/support/certificates.ts';
import { createCompiler } from './index.ts';

const schema = openGenerated();
const pair = await issue(['shop.test']);

const GROUPS = {
  edge: '{cluster: edge}',
  inner: '{cluster: inner}',
  // Nodes of both others may be in it.
  near: '{zone: near}',
} as const;
const FILES = { 'shop.crt': pair.cert, 'shop.key': pair.key };
const CERTIFICATE = 'kind: Certificate\nname: shop\ncert: shop.crt\nkey: shop.key\n';
const nodesOf = (nodes: string): string => (nodes === '' ? '' : `nodes: [${nodes}]\n`);
const secure = ([name, port, nodes]: Secure): string =>
  `kind: Listener\nname: ${name}\naddress: 127.0.0.1\nport: ${port}\n${nodesOf(nodes)}` +
  'tls: {certificates: [shop]}\nto: 10.0.0.1:80\n';

/** Name, port and groups. */
type Secure = readonly [name: string, port: number, nodes: string];

const WRITE = '; write redirectToHttps: {port: …}';
const PER_GROUP = `${WRITE}, in a listener for each group of nodes`;
const EITHER = 'listener "plain": clients could be sent to any of the https listeners ';

test.each<[what: string, nodes: string, all: readonly Secure[], want: number | string]>([
  ['none', '', [], 443],
  ['one', '', [['a', 8443, '']], 8443],
  [
    '443 and another one on each node',
    '',
    [
      ['a', 443, ''],
      ['b', 8443, ''],
    ],
    443,
  ],
  [
    '443 everywhere, another one somewhere',
    '',
    [
      ['a', 443, ''],
      ['b', 8443, 'inner'],
    ],
    443,
  ],
  [
    'the own one of a group',
    'inner',
    [
      ['a', 443, 'edge'],
      ['b', 8443, 'inner'],
    ],
    8443,
  ],
  [
    'one for each of two groups',
    '',
    [
      ['a', 443, 'edge'],
      ['b', 8443, 'inner'],
    ],
    `${EITHER}"a" (443), "b" (8443)${PER_GROUP}`,
  ],
  [
    'both on one group, and one on another',
    'edge, inner',
    [
      ['a', 443, 'edge'],
      ['b', 8443, 'edge'],
      ['c', 8444, 'inner'],
    ],
    `${EITHER}"a" (443), "b" (8443), "c" (8444)${PER_GROUP}`,
  ],
  [
    'two without 443',
    '',
    [
      ['a', 8443, ''],
      ['b', 9443, ''],
    ],
    `${EITHER}"a" (8443), "b" (9443); write redirectToHttps: {port: …}`,
  ],
  ['one of other nodes', 'edge', [['a', 8443, 'inner']], 443],
  [
    'one of nodes that may be the same',
    'edge',
    [['a', 8443, 'near']],
    `listener "plain": clients could be sent to the https listener "a" (8443)${WRITE}`,
  ],
  ['443 of nodes that may be the same', 'edge', [['a', 443, 'near']], 443],
])('a redirect to %s', (_, nodes, all, want) => {
  const texts = {
    'groups.yaml': Object.entries(GROUPS)
      .map(([name, match]) => `kind: NodeGroup\nname: ${name}\nmatch: ${match}\n`)
      .join('---\n'),
    'plain.yaml':
      `kind: Listener\nname: plain\naddress: 127.0.0.1\nport: 8080\n${nodesOf(nodes)}` +
      'redirectToHttps: true\n',
    'secure.yaml': [CERTIFICATE, ...all.map(secure)].join('---\n'),
  };
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const outcome = compiler.compile(compileInput(texts, FILES, { now: Date.now() }), null);
  const told = outcome.diagnostics.flatMap((one) =>
    one.code === 'REF_AMBIGUOUS' ? one.message : [],
  );
  expect(told).toEqual(typeof want === 'string' ? [want] : []);
  if (typeof want === 'string') return;
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  const view = outcome.value.delta(null).views.find((one) => one === nodes);
  const table = outcome.value.resource(view ?? '', { type: 'RouteConfiguration', name: 'plain' });
  const json = schema.decode(
    'envoy.config.route.v3.RouteConfiguration',
    table?.bytes ?? new Uint8Array(),
  );
  const [, port = '443'] = /"port_redirect":(\d+)/.exec(JSON.stringify(json)) ?? [];
  expect(JSON.stringify(json)).toContain('"scheme_redirect":"https"');
  expect(Number(port)).toBe(want);
});
