import { expect, test } from 'vitest';
import { mono, version } from '../../base/index.ts';
import {
  createInterner,
  NOBODY,
  type Snapshot,
  type TypeId,
  typeRow,
} from '../../snapshot/index.ts';
import type { Request } from '../../xds/index.ts';
import { cluster } from '../../../test/support/registry-rig.ts';
import { createPolls } from './polls.ts';

const interner = createInterner();
const snapshotAt = (at: string): Snapshot =>
  interner.snapshot([interner.set('Cluster', [cluster('a', at)])]);

const requestOf = (type: TypeId, versionInfo: string): Request => ({
  ...{ wire: 'sotw', typeUrl: typeRow(type).url, type, node: NOBODY, nonce: '', error: null },
  parameters: null,
  ...{ versionInfo, names: [], unsubscribe: [], initialVersions: new Map() },
});

/** A node whose answers all have the version `target`. */
function scene() {
  const at = { ms: 0, target: '1' };
  const polls = createPolls({ now: () => mono(at.ms), wall: () => at.ms });
  const ask = (type: TypeId, versionInfo: string): string =>
    polls.take({
      via: 'rest',
      streams: { isAdding: false, isBehind: false },
      node: { ...NOBODY, id: 'n' },
      place: {
        groups: [],
        floorMissed: null,
        target: { revision: ID, snapshot: snapshotAt(at.target), drainTimeMs: 0 },
      },
      type,
      request: requestOf(type, versionInfo),
      version: at.target,
      answer: () => ({ ok: true, answer: { version: version(at.target), resources: [] } }),
    });
  return { at, polls, ask };
}

const ID = 'r' as never;

test('listeners wait until the clusters were seen, and routes for both', () => {
  const { at, ask, polls } = scene();
  for (const type of ['Cluster', 'Listener', 'RouteConfiguration'] as const) {
    expect(ask(type, '')).toBe('due');
    expect(ask(type, '1')).toBe('unchanged');
  }
  at.target = '2';
  expect(ask('RouteConfiguration', '1')).toBe('deferred');
  expect(ask('Cluster', '1')).toBe('due');
  expect(ask('Listener', '1')).toBe('deferred');
  expect(polls.leftBy('n')).toEqual([snapshotAt('1')]);
  expect(ask('Cluster', '2')).toBe('unchanged');
  expect(ask('RouteConfiguration', '1')).toBe('deferred');
  expect(ask('Listener', '1')).toBe('due');
  expect(ask('Listener', '2')).toBe('unchanged');
  expect(ask('RouteConfiguration', '1')).toBe('due');
  // It is not known that the routes were taken before they come back.
  expect(polls.leftBy('n')).toHaveLength(1);
  expect(ask('RouteConfiguration', '2')).toBe('unchanged');
  expect(polls.leftBy('n')).toEqual([]);
});

test('a first request is never deferred, nor a change for ever, nor for what does not poll', () => {
  const { at, ask } = scene();
  ask('Cluster', '1');
  at.target = '2';
  ask('Cluster', '1');
  expect(ask('RouteConfiguration', '')).toBe('due');
  expect(ask('RouteConfiguration', '1')).toBe('deferred');
  at.ms = 59_999;
  expect(ask('RouteConfiguration', '1')).toBe('deferred');
  at.ms = 60_000;
  expect(ask('RouteConfiguration', '1')).toBe('due');
  const alone = scene();
  expect(alone.ask('RouteConfiguration', '0')).toBe('due');
});
