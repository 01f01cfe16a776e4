import { expect, test } from 'vitest';
import { createInterner, NOBODY, type Resource } from '../../snapshot/index.ts';
import { resource } from '../../../test/support/resource.ts';
import { loadedHeld, savedHeld } from './held.ts';
import { createPastNodes, NOTHING_LEFT } from './past-nodes.ts';

const HOUR_MS = 3_600_000;

const held = (id: string, goneAt: number | null, envoyVersion = '') => ({
  ...{ id, goneAt, envoyVersion },
  resources: [resource('old')],
});

test('what nodes held in an earlier process is theirs alone, for as long as in this one', () => {
  const clock = { wall: 10 * HOUR_MS };
  const past = createPastNodes(() => clock.wall);
  past.recall(
    loadedHeld([
      held('seen', null),
      held('gone', clock.wall - HOUR_MS / 2),
      held('long gone', clock.wall - HOUR_MS),
      held('of a clock that was set back', clock.wall + 9 * HOUR_MS),
      held('other', null, '1.39.0'),
    ]),
    () => [],
  );
  const ids = (): readonly string[] => past.held().map(({ id }) => id);
  expect(ids()).toEqual(['gone', 'seen', 'of a clock that was set back', 'other']);
  expect(past.list(new Set())).toEqual([]);
  const leftBy = (id: string, envoyVersion = ''): readonly string[] =>
    past
      .leftBy({ ...NOBODY, id, envoyVersion })
      .held.flatMap(({ sets }) => [...sets.values()].flatMap(({ byName }) => [...byName.keys()]));
  expect(leftBy('seen')).toEqual(['old']);
  expect(leftBy('nobody')).toEqual([]);
  expect(leftBy('other', '1.39.0')).toEqual(['old']);
  expect(leftBy('other', '1.40.0')).toEqual([]);
  clock.wall += HOUR_MS / 2;
  expect(leftBy('gone')).toEqual([]);
  clock.wall += HOUR_MS / 2;
  expect(ids()).toEqual([]);
  expect(past.leftBy({ ...NOBODY, id: 'seen' })).toBe(NOTHING_LEFT);
});

test('the newest of each name is saved, one list for all in one situation, no secrets', () => {
  const interner = createInterner();
  const snapshotOf = (...all: readonly Resource[]) =>
    interner.snapshot(
      (['Cluster', 'Secret'] as const).map((type) =>
        interner.set(
          type,
          all.filter((one) => one.type === type),
        ),
      ),
    );
  const both = [snapshotOf(resource('a', '2')), snapshotOf(resource('a'), resource('b'))];
  const secret = [snapshotOf(resource('key', '1', 'Secret'))];
  const node = (id: string, snapshots: typeof both) => ({
    ...{ id, envoyVersion: '', goneAt: null },
    held: snapshots,
  });
  const saved = savedHeld([node('n', both), node('nothing', secret), node('m', [...both])]);
  expect(saved.map(({ id }) => id)).toEqual(['n', 'm']);
  expect(saved[0]?.resources.map((one) => one.version)).toEqual(['a@2', 'b@1']);
  expect(saved[1]?.resources).toBe(saved[0]?.resources);
  expect(savedHeld(loadedHeld(saved))).toEqual(saved);
});
