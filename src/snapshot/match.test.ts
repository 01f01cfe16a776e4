import { expect, test } from 'vitest';
import { groupName } from '../base/index.ts';
import { matchGroups, versionBelow, type GroupMatch, type NodeInfo } from './index.ts';

const NODE: NodeInfo = {
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
  features: new Set<string>(),
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
])('a group of %j: %s', (match, isMember) => {
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
