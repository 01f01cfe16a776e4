import { expect, it } from 'vitest';
import { snapshotOf, resource } from '../../test/protocol/support/world.ts';
import { setOf } from '../snapshot/index.ts';
import { hostFor } from './virtual-hosts.ts';

const host = (name: string, domains: readonly string[]) =>
  resource('vhds', name, '1', { traits: { domains } });

const SET = setOf(
  snapshotOf([
    host('t/exact', ['a.b.test']),
    host('t/long', ['*.b.test']),
    host('t/short', ['*.test']),
    host('t/prefix', ['a.*']),
    host('t/port', ['p.test:81']),
    host('u/all', ['*']),
    host('v/w/all', ['*']),
  ]),
  'VirtualHost',
);

it.each([
  ['t/exact', 't/exact'],
  ['t/a.b.test', 't/exact'],
  ['t/A.b.Test', 't/exact'],
  // As Envoy does where a table heeds ports.
  ['t/a.b.test:8080', 't/prefix'],
  ['t/c.b.test', 't/long'],
  ['t/b.test', 't/short'],
  ['t/a.org', 't/prefix'],
  ['t/a.test', 't/short'],
  ['t/p.test:81', 't/port'],
  ['t/p.test:82', 't/short'],
  ['t/.test', null],
  ['t/none.org', null],
  ['u/none.org', 'u/all'],
  ['v/w/x', 'v/w/all'],
  ['v/x', null],
  ['none/a.b.test', null],
  ['a.b.test', null],
])('VHDS-02 %s means %s', (name, wanted) => {
  expect(hostFor(SET, name)?.name ?? null).toBe(wanted);
});
