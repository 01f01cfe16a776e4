import { expect, test } from 'vitest';
import { hashBytes, mono, nonce, version } from '../base/index.ts';
import { createInterner, NO_TRAITS, typeRow, type Resource } from '../snapshot/index.ts';
import { NOTHING, openChannel, receive } from './channel.ts';
import { compose, opened } from './compose.ts';
import type { Request } from './request.ts';

const endpoints = (name: string): Resource => ({
  type: 'ClusterLoadAssignment',
  name,
  version: version(hashBytes(name)),
  bytes: Buffer.from(name),
  refs: [],
  parts: [],
  secret: false,
  traits: NO_TRAITS,
});
const row = typeRow('ClusterLoadAssignment');
const want = createInterner().set('ClusterLoadAssignment', ['a', 'b', 'c'].map(endpoints));
const request = (rest: Partial<Request>): Request => ({
  type: 'ClusterLoadAssignment',
  wire: 'delta',
  typeUrl: row.url,
  node: null,
  parameters: null,
  names: [],
  unsubscribe: [],
  initialVersions: new Map(),
  versionInfo: '',
  nonce: '',
  error: null,
  ...rest,
});

/** Thousands of ACKs may come while thousands of names are owed: none of them may look at all. */
test('an acknowledgement leaves what is owed as it is', () => {
  const now = mono(0);
  const asked = receive(openChannel('delta', row), request({ names: ['a', 'b'] }), now).channel;
  const { channel, frames } = compose(asked, {
    want,
    advances: true,
    children: NOTHING,
    leaving: NOTHING,
    withheld: new Map(),
  });
  let nonces = 0;
  const nonceOf = () => nonce(`n${(nonces += 1)}`);
  const sent = opened(channel, frames, { nonceOf, now, isRefresh: false }).channel;
  const owing = receive(sent, request({ names: ['c'] }), now).channel;
  expect([...owing.owed]).toEqual(['c']);
  const after = receive(owing, request({ nonce: nonce('n1') }), now).channel;
  expect(after.owed).toBe(owing.owed);
  expect(after.open.length).toBe(1);
  const less = receive(after, request({ unsubscribe: ['c'] }), now).channel;
  expect([...less.owed]).toEqual([]);
});
