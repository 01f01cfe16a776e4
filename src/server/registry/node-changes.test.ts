import { expect, test } from 'vitest';
import { groupName } from '../../base/index.ts';
import { applyDelta, createInterner, type Group } from '../../snapshot/index.ts';
import type { Wire } from '../../xds/index.ts';
import { root } from '../../../test/protocol/support/messages.ts';
import { emptyDelta } from '../../../test/support/empty-delta.ts';
import { CDS, cluster, DELTA, open, SOTW } from '../../../test/support/registry-rig.ts';

const canary: Group = {
  name: groupName('canary'),
  match: { parameters: { stage: 'canary' } },
  envoy: '1.36',
};
const [all, own] = [cluster('everybody', '1'), cluster('canary', '1')];
const revision = applyDelta(createInterner(), null, {
  ...emptyDelta('r1'),
  settings: { drainTimeMs: 600_000 },
  groups: [canary],
  views: ['', canary.name],
  put: [all, own],
  changes: [
    { view: '', type: 'Cluster', put: [[all.name, all.version]], removed: [] },
    {
      view: canary.name,
      type: 'Cluster',
      put: [all, own].map(({ name, version }) => [name, version] as const),
      removed: [],
    },
  ],
});

interface Said {
  /** Null: no node. */
  readonly stage: string | null;
  /** What is answered. */
  readonly to?: Uint8Array | undefined;
}

function said(wire: Wire, { stage, to }: Said): Uint8Array {
  const prefix = wire === 'delta' ? 'Delta' : '';
  const type = root.lookupType(`${prefix}DiscoveryRequest`);
  const answered = root.lookupType(`${prefix}DiscoveryResponse`);
  const heard: Readonly<Record<string, unknown>> =
    to === undefined ? {} : answered.toObject(answered.decode(to));
  const node = { id: 'n', dynamic_parameters: { [CDS]: { params: { stage } } } };
  const fields = {
    type_url: CDS,
    response_nonce: heard['nonce'],
    ...(wire === 'sotw' ? { version_info: heard['version_info'] } : {}),
    ...(stage === null ? {} : { node }),
  };
  return type.encode(type.fromObject(fields)).finish();
}

test.each<Wire>(['sotw', 'delta'])(
  'TRN-04 NAME-08 a node that comes with other parameters is looked at again (%s)',
  (wire) => {
    const { registry, connect } = open();
    registry.publish(revision);
    const stream = connect(wire === 'delta' ? DELTA : SOTW);
    const hears = (name: string): boolean => Buffer.concat(stream.sent).includes(`${name}1`);
    const groups = () => registry.nodes().map((view) => view.groups);
    const say = (stage: string | null): void =>
      stream.onMessage(said(wire, { stage, to: stream.sent.at(-1) }));
    say('live');
    expect([hears('everybody'), hears('canary'), groups()]).toEqual([true, false, [[]]]);
    say(null);
    expect([hears('canary'), groups()]).toEqual([false, [[]]]);
    say('canary');
    expect([hears('canary'), groups()]).toEqual([true, [['canary']]]);
    expect(registry.nodes()[0]?.node.parameters.get(CDS)?.get('stage')).toBe('canary');
    say('live');
    expect([groups(), stream.ended]).toEqual([[[]], []]);
    registry.close();
  },
);
