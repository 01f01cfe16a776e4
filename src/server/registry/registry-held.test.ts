import { expect, test } from 'vitest';
import { type Revision, setOf, snapshotFor } from '../../snapshot/index.ts';
import { SOTW, cluster, open, request, revisionOf } from '../../../test/support/registry-rig.ts';

test('what a stream may still use is not taken away by a much later one', () => {
  const clock = { wall: 0 };
  const { registry, connect } = open({ wall: () => clock.wall });
  registry.publish(revisionOf('r1', '1', [], ['a', 'old']));
  const before = connect(SOTW);
  before.onMessage(request(SOTW, { id: 'n' }));
  registry.publish(revisionOf('r2', '1', [], ['a', 'new']));
  registry.publish(revisionOf('r3', '1', [], ['a', 'newer']));
  const names = (): readonly string[] =>
    registry.held().flatMap(({ resources }) => resources.map(({ name }) => name));
  expect(names()).toContain('old');
  // However many streams a node has, what they hold alike counts, and is written, once.
  for (const id of ['t', 't', 's']) connect(SOTW).onMessage(request(SOTW, { id, held: 'r' }));
  const [, twins, single] = registry.held();
  expect([twins?.id, single?.id]).toEqual(['t', 's']);
  expect(twins?.resources).toBe(single?.resources);
  before.onClosed();
  expect(names()).toContain('old');
  clock.wall = 60_000;
  const after = connect(SOTW);
  after.onMessage(request(SOTW, { id: 'n', held: 'earlier' }));
  const [answer] = after.sent;
  expect(['old1', 'newer1'].map((text) => Buffer.from(answer ?? []).includes(text))).toEqual([
    true,
    true,
  ]);
  // Another node has nothing of it.
  const other = connect(SOTW);
  other.onMessage(request(SOTW, { id: 'm', held: 'earlier' }));
  expect(Buffer.concat(other.sent).includes('old1')).toBe(false);
  registry.close();
});

test('what a node has let go of is not given to it, much later and edits later', () => {
  const clock = { wall: 0 };
  const { registry, connect } = open({ wall: () => clock.wall });
  const first = revisionOf('r1', '1', [], ['a', 'first']);
  const second = revisionOf('r2', '1', [], ['a', 'second']);
  const versionOf = (revision: Revision): string =>
    setOf(snapshotFor(revision, []), 'Cluster').version;
  /** Which of these clusters a node is given that comes back a minute later. */
  const given = (id: string, held: string): readonly string[] => {
    clock.wall += 60_000;
    const stream = connect(SOTW);
    stream.onMessage(request(SOTW, { id, held }));
    stream.onClosed();
    const sent = Buffer.concat(stream.sent);
    return ['old', 'first', 'second', 'third'].filter((name) => sent.includes(`${name}1`));
  };
  // An earlier process saved it, with the first as its newest revision.
  const saved = { envoyVersion: '', goneAt: null, resources: [cluster('old', '1')] };
  registry.recallHeld(['stale', 'true', 'again'].map((id) => ({ id, ...saved })));
  registry.publish(first);
  registry.publish(second);
  expect(given('stale', versionOf(first))).toEqual(['first', 'second']);
  expect(given('true', 'of what it holds')).toEqual(['old', 'second']);
  // It came back to this process, and left before it said what it had.
  expect(given('again', 'of what it holds')).toEqual(['old', 'second']);
  registry.publish(revisionOf('r3', '1', [], ['a', 'third']));
  expect(given('again', versionOf(second))).toEqual(['second', 'third']);
  expect(given('again', versionOf(first))).toEqual(['first', 'third']);
  expect(given('again', 'of what it holds')).toContain('old');
  registry.close();
});
