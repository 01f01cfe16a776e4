import { expect, test } from 'vitest';
import { groupName } from '../base/index.ts';
import { matchGroups, NOBODY, versionBelow, type GroupMatch, type NodeInfo } from './index.ts';

const NODE: NodeInfo = {
  ...NOBODY,
  subZone: 'rack-2',
  agentVersion: '1.40.1',
  extensions: {
    names: new Set(['envoy.filters.http.router']),
    types: new Set(['envoy.extensions.filters.http.router.v3.Router']),
  },
  features: new Set(['a', 'b']),
  parameters: new Map([
    ['type/one', new Map([['stage', 'canary']])],
    ['type/two', new Map([['stage', 'live']])],
  ]),
  id: 'edge-7.eu.example',
  cluster: 'edge',
  region: 'eu',
  zone: 'eu-1',
  metadata: new Map([
    ['stage', 'canary'],
    ['empty', ''],
  ]),
  userAgent: 'envoy',
  envoyVersion: '1.40.0',
};

test.each<[GroupMatch, boolean]>([
  [{}, true],
  [{ cluster: 'edge' }, true],
  [{ cluster: 'edg' }, false],
  [{ cluster: 'Edge' }, false],
  [{ cluster: '' }, false],
  [{ cluster: '*' }, true],
  [{ id: 'edge-*' }, true],
  [{ id: '*.example' }, true],
  [{ id: 'edge-*.example' }, true],
  [{ id: 'edge-7.eu.example*' }, true],
  [{ id: '*-*.*.*' }, true],
  [{ id: '*.us.*' }, false],
  [{ id: 'edge-7.eu*eu.example' }, false],
  [{ id: '**edge**' }, true],
  [{ id: 'edge-7?eu.example' }, false],
  [{ cluster: 'edge', zone: 'eu-1', region: 'e*' }, true],
  [{ cluster: 'edge', zone: 'eu-2' }, false],
  [{ metadata: { stage: 'can*' } }, true],
  [{ metadata: { empty: '*' } }, true],
  [{ metadata: { stage: 'canary', other: '*' } }, false],
  [{ subZone: 'rack-*' }, true],
  [{ subZone: 'rack-1' }, false],
  [{ userAgent: 'envoy' }, true],
  [{ userAgent: 'gRPC*' }, false],
  [{ version: { from: '1.40' } }, true],
  [{ version: { from: '1.40.1', below: '1.40.2' } }, true],
  [{ version: { from: '1.40.2' } }, false],
  [{ version: { below: '1.40.1' } }, false],
  [{ version: { below: '1.100' } }, true],
  [{ features: ['a', 'b'] }, true],
  [{ features: ['a', 'c'] }, false],
  [{ extensions: ['envoy.filters.http.router'] }, true],
  [{ extensions: ['envoy.extensions.filters.http.router.v3.Router'] }, true],
  [{ extensions: ['envoy.filters.http.router', 'envoy.filters.http.golang'] }, false],
  [{ parameters: { stage: 'canary' } }, true],
  [{ parameters: { stage: 'l*' } }, true],
  [{ parameters: { stage: 'dark' } }, false],
  [{ parameters: { other: '*' } }, false],
])('NAME-08 GRPC-03 a group of %j: %s', (match, isMember) => {
  const groups = [{ name: groupName('g'), match, envoy: '1.40' }];
  expect(matchGroups(groups, NODE)).toEqual(isMember ? ['g'] : []);
});

test('a node may be in several groups, which come sorted', () => {
  const groups = ['b', 'c', 'a'].map((name) => ({
    name: groupName(name),
    match: { cluster: name === 'c' ? 'other' : 'edge' },
    envoy: '1.40',
  }));
  expect(matchGroups(groups, NODE)).toEqual(['a', 'b']);
});

test.each([
  ['C-core 1.62.0 linux', true],
  ['1.63.0', false],
  ['', false],
  ['unknown', false],
])('a client of version %j is below 1.63: %s', (agentVersion, isMember) => {
  const groups = [{ name: groupName('g'), match: { version: { below: '1.63' } }, envoy: '1.40' }];
  expect(matchGroups(groups, { ...NODE, agentVersion })).toEqual(isMember ? ['g'] : []);
});

test('who does not say its extensions has none that a group may choose by', () => {
  const match = { extensions: ['envoy.filters.http.router'] };
  const groups = [{ name: groupName('g'), match, envoy: '1.40' }];
  expect(matchGroups(groups, { ...NODE, extensions: null })).toEqual([]);
});

test('a long claim is matched quickly', () => {
  const id = 'a'.repeat(1_000_000);
  const groups = [{ name: groupName('g'), match: { id: '*a*a*a*a*b' }, envoy: '1.40' }];
  expect(matchGroups(groups, { ...NODE, id })).toEqual([]);
});

test.each([
  ['1.35.9', '1.36', true],
  ['1.36.0', '1.36', false],
  ['1.36.0-dev', '1.36', false],
  ['1.9.0', '1.36', true],
  ['1.100.0', '1.36', false],
  ['2.0.0', '1.36', false],
  ['0.99.0', '1.0', true],
  ['', '1.36', false],
  ['grpc', '1.36', false],
  ['1.35.0', '', false],
])('Envoy %j below %j: %s', (envoy, floor, isBelow) => {
  expect(versionBelow(envoy, floor)).toBe(isBelow);
});
