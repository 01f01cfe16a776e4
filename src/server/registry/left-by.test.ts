import { expect, test } from 'vitest';
import { applyDelta, createInterner, type Resource, typeRow } from '../../snapshot/index.ts';
import { emptyDelta } from '../../../test/support/empty-delta.ts';
import { cluster, DELTA, open, request } from '../../../test/support/registry-rig.ts';

const interner = createInterner();
const type = 'Listener' as const;

/** Listeners of these names. */
function revision(id: string, names: readonly string[]) {
  const put = names.map((name): Resource => ({ ...cluster(name, '1'), type }));
  const versions = put.map(({ name, version }) => [name, version] as const);
  return applyDelta(interner, null, {
    ...emptyDelta(id),
    ...{ put, changes: [{ view: '' as const, type, put: versions, removed: [] }] },
  });
}

test('DELTA-17 what has gone while a node was away is removed from it (delta)', () => {
  const { registry, connect } = open();
  const ask = (id: string) => {
    const stream = connect(DELTA);
    stream.onMessage(request(DELTA, { id, typeUrl: typeRow(type).url }));
    return stream;
  };
  // Field 6, `removed_resources`.
  const removed = Buffer.from('\x32\x04gone');
  registry.publish(revision('r1', ['gone', 'kept']));
  ask('n').onClosed();
  registry.publish(revision('r2', ['kept']));
  const [again, other] = ['n', 'new'].map((id) =>
    Buffer.from(ask(id).sent[0] ?? []).includes(removed),
  );
  expect([again, other]).toEqual([true, false]);
  registry.close();
});
