import { expect, test } from 'vitest';
import type { NodeReport, StatusReport } from '../server/index.ts';
import { nodesText } from './nodes-text.ts';
import { statusText } from './report-text.ts';
import { styleOf } from './style.ts';

const NOW = Date.parse('2026-03-04T10:05:00Z');
const view = { style: styleOf(false), now: NOW, command: './helve' };

const NODE: NodeReport = {
  id: 'edge-1',
  cluster: 'edge',
  groups: ['edge-eu'],
  envoyVersion: '1.40.0',
  wire: 'delta',
  connected: true,
  since: '2026-03-04T10:04:48Z',
  running: true,
  inStep: true,
  floorMissed: null,
  unsupported: [],
  userAgent: 'envoy',
  agentVersion: '1.40.0',
  locality: { region: '', zone: '', subZone: '' },
  load: null,
  streams: 1,
  connections: 1,
  phase: 'settled',
  types: [type('Cluster'), type('Listener')],
};

function type(name: string, rest: Partial<NodeReport['types'][number]> = {}) {
  return {
    type: name,
    subscribed: 1,
    sent: 'a',
    acked: 'a',
    nacked: '',
    pendingSince: null,
    waitsFor: [],
    error: null,
    rejected: [],
    ...rest,
  };
}

const REFUSING: NodeReport = {
  ...NODE,
  id: 'edge-7',
  groups: [],
  running: false,
  inStep: false,
  phase: 'switching',
  types: [
    type('Cluster', { pendingSince: '2026-03-04T10:04:59Z' }),
    type('RouteConfiguration', {
      nacked: 'b',
      error: 'host headers may not be modified',
      rejected: [
        {
          name: 'web',
          version: 'b',
          error: 'host headers may not be modified',
          origins: [{ file: 'routes/shop.yaml', line: 44, column: 7 }],
        },
      ],
    }),
  ],
};

test('nodes: a row each, a column for each type, refusals with their edits', () => {
  expect(nodesText([NODE, REFUSING], view)).toEqual([
    'NODE    CLUSTER  GROUPS   ENVOY   WIRE   STATE    CDS      LDS  RDS   SINCE',
    'edge-7  edge     -        1.40.0  delta  refused  pending  -    NACK  12s',
    'edge-1  edge     edge-eu  1.40.0  delta  in step  ok       ok   -     12s',
    'refused: its Envoy said no to what is named below, and runs what it had before',
    'NACK  edge-7  RouteConfiguration web  host headers may not be modified',
    '      from routes/shop.yaml:44:7',
  ]);
});

test('what others say cannot steer the terminal', () => {
  const evil = '\u001b[2J\nedge\u202e\u009b';
  const [, refused] = REFUSING.types;
  const rejected = (refused?.rejected ?? []).map((one) => ({ ...one, name: evil, error: evil }));
  const types = [type('RouteConfiguration', { rejected, nacked: 'b', error: evil })];
  const node = { ...REFUSING, id: evil, cluster: evil, envoyVersion: evil, types };
  const found = { code: evil, severity: 'error', file: evil, line: 1, column: 1, message: evil };
  const input = { ...STATUS.input, diagnostics: [{ ...found, related: [] }] };
  const status = { ...STATUS, input, source: evil };
  const nodes = [node, { ...node, floorMissed: evil }];
  for (const line of [...nodesText(nodes, view), ...statusText(status, nodes, view)]) {
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  }
});

test('nodes: the states that are shown are explained', () => {
  const gone = { ...NODE, id: 'a', connected: false };
  const removing = { ...NODE, id: 'b', inStep: false };
  const lines = nodesText([gone, removing, NODE], view);
  expect(lines.slice(4)).toEqual([
    'gone: was here, and has disconnected; it is forgotten after a while',
    'runs it, removing: runs the accepted revision; what it no longer needs leaves after a grace',
  ]);
  expect(statusText(STATUS, [gone, NODE], view).at(-1)).toMatch(/, 0 refused, 1 gone$/);
});

test('status: what nothing uses is counted, and a full list says so', () => {
  const place = { file: 'a.yaml', line: 1, column: 1, message: 'm', related: [] };
  const one = { ...place, code: 'UNUSED', severity: 'warning' };
  const diagnostics = Array.from({ length: 100 }, () => ({ ...one }));
  diagnostics.push({ ...one, code: 'FINDINGS_MORE', message: '100 of 300' });
  const lines = statusText({ ...STATUS, input: { ...STATUS.input, diagnostics } }, [], view);
  expect(lines.slice(3, 6)).toEqual([
    '  a.yaml:1:1  warning  UNUSED  m',
    '  a.yaml:1:1  warning  FINDINGS_MORE  100 of 300',
    '  UNUSED  99 more; ./helve validate shows each',
  ]);
});

test('nodes and status: who runs the revision, with leftovers still to go', () => {
  const removing: NodeReport = { ...NODE, inStep: false, phase: 'removing' };
  expect(nodesText([removing], view)[1]).toMatch(/delta +runs it, removing +ok/);
  const status = {
    ...STATUS,
    nodes: {
      connected: 3,
      running: 2,
      inStep: 1,
      pending: 2,
      nacked: 0,
      tooOld: 0,
      unsupported: 0,
    },
  };
  expect(statusText(status, [removing], view)[3]).toBe(
    'nodes     3 connected, 1 in step, 2 pending (1 of them runs it, leftovers to go), 0 refused',
  );
});

test('nodes and status: who is too old to be served', () => {
  const old: NodeReport = {
    ...NODE,
    envoyVersion: '1.36.4',
    running: false,
    inStep: false,
    floorMissed: '1.40',
    phase: 'older than Envoy 1.40: gets nothing new',
  };
  const line =
    'TOO OLD  edge-1  Envoy 1.36.4 is older than 1.40 (`envoy:` of edge-eu): ' +
    'nothing new is sent; upgrade, or lower the floor';
  const lines = nodesText([old], view);
  expect(lines[1]).toMatch(/1\.36\.4 +delta +TOO OLD +ok/);
  expect(lines.slice(2)).toEqual([line]);
  const status = {
    ...STATUS,
    nodes: { ...STATUS.nodes, running: 0, inStep: 0, tooOld: 1, unsupported: 0 },
  };
  expect(statusText(status, [{ ...old, groups: [] }], view).slice(3)).toEqual([
    'nodes     2 connected, 0 in step, 0 pending, 0 refused, 1 too old',
    line.replace('edge-eu', 'helve.yaml'),
  ]);
  expect(nodesText([{ ...old, connected: false }], view)).not.toContain(line);
});

test('nodes and status: what a build cannot take is one line for all that run it', () => {
  const message = 'LDS web needs envoy.x.Golang, which its Envoy has not built in';
  const lack: NodeReport['unsupported'][number] = {
    ...{ code: 'NODE_UNSUPPORTED', type: 'LDS', name: 'web', extension: 'envoy.x.Golang' },
    ...{ through: null, message, origin: { file: 'web.yaml', line: 12, column: 7 } },
  };
  const table = { ...lack, type: 'RDS', name: 'main', through: 'web', message: 'RDS main waits' };
  const nodes = Array.from({ length: 7 }, (_, at): NodeReport => ({
    ...{ ...NODE, id: `edge-${at}`, running: false, inStep: false },
    unsupported: [lack, table],
  }));
  const told = [
    `NODE_UNSUPPORTED  web.yaml:12:7  ${message}`,
    '      on edge-0, edge-1, edge-2, edge-3, edge-4 and 2 more',
  ];
  const lines = nodesText(nodes, view);
  expect(lines[1]).toMatch(/delta +unsupported +ok/);
  expect(lines.slice(-2)).toEqual(told);
  const status = { ...STATUS, nodes: { ...STATUS.nodes, inStep: 0, unsupported: 7 } };
  expect(statusText(status, nodes, view).slice(3)).toEqual([
    'nodes     2 connected, 0 in step, 0 pending (2 of them run it, leftovers to go), 0 refused, ' +
      '7 unsupported',
    ...told,
  ]);
});

test('nodes: nobody yet', () => {
  expect(nodesText([], view)).toEqual(['no node has connected yet']);
});

const STATUS: StatusReport = {
  version: '0.1.0',
  source: '/srv/config',
  input: { state: 'clean', since: '2026-03-04T10:04:11Z', diagnostics: [] },
  accepted: { revision: 42, hash: '8d2c1f3a00112233', time: '2026-03-04T10:04:11Z' },
  nodes: { connected: 2, running: 2, inStep: 2, pending: 0, nacked: 0, tooOld: 0, unsupported: 0 },
};

test('status: clean', () => {
  expect(statusText(STATUS, [NODE], view)).toEqual([
    'helve 0.1.0  /srv/config',
    'accepted  revision 42  8d2c1f3a0011  2026-03-04T10:04:11Z (49s ago)',
    'input     clean since 2026-03-04T10:04:11Z (49s ago)',
    'nodes     2 connected, 2 in step, 0 pending, 0 refused',
  ]);
});

test('status: held input and a refusal, each with its line', () => {
  const held: StatusReport = {
    ...STATUS,
    input: {
      state: 'held',
      since: '2026-03-04T10:04:50Z',
      diagnostics: [
        {
          code: 'REF_NOT_FOUND',
          severity: 'error',
          file: 'routes/shop.yaml',
          line: 14,
          column: 11,
          message: 'cluster "crat" does not exist',
          related: [{ file: 'clusters/cart.yaml', line: 2, column: 7, message: 'the nearest' }],
        },
      ],
    },
    nodes: {
      connected: 2,
      running: 1,
      inStep: 1,
      pending: 0,
      nacked: 1,
      tooOld: 0,
      unsupported: 0,
    },
  };
  expect(statusText(held, [NODE, REFUSING], view).slice(2)).toEqual([
    'input     HELD since 2026-03-04T10:04:50Z (10s ago); revision 42 stays live',
    '  routes/shop.yaml:14:11  error  REF_NOT_FOUND  cluster "crat" does not exist',
    '      clusters/cart.yaml:2:7  the nearest',
    'nodes     2 connected, 1 in step, 0 pending, 1 refused',
    'NACK  edge-7  RouteConfiguration web  host headers may not be modified',
    '      from routes/shop.yaml:44:7',
  ]);
});

test('status: nothing accepted yet', () => {
  expect(statusText({ ...STATUS, accepted: null }, [], view)[1]).toBe('accepted  nothing yet');
});

test('T-08 X-20 clusters that withhold an answer are named, and so are ids that are shared', () => {
  const waiting = type('Cluster', { pendingSince: NODE.since, waitsFor: ['slow', 'dns'] });
  const lines = nodesText([{ ...NODE, connections: 3, types: [waiting] }], view);
  expect(lines.slice(-2)).toEqual([
    'edge-1  Cluster waits for  slow, dns',
    'edge-1  3 connections share this id; give each Envoy its own',
  ]);
  expect(nodesText([{ ...NODE, connections: 2 }], view).join()).not.toContain('share');
});
