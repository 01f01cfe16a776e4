import { expect, test } from 'vitest';
import { applyDelta, createInterner, type Resource, typeRow } from '../../snapshot/index.ts';
import { decodeRequest } from '../../xds/index.ts';
import { emptyDelta } from '../../../test/support/empty-delta.ts';
import { cluster, open, request, SOTW } from '../../../test/support/registry-rig.ts';
import { METHODS, type Method } from '../transport/methods.ts';

const LDS = typeRow('Listener').url;
const interner = createInterner();

/** A listener for every Envoy, and one that works over delta only. */
function revision() {
  const type = 'Listener' as const;
  const plain: Resource = { ...cluster('plain', '1'), type };
  const traits = { ...plain.traits, needsDelta: { type: 'odcds' } };
  const put = [plain, { ...cluster('lazy', '1'), type, traits }];
  const versions = put.map(({ name, version }) => [name, version] as const);
  return applyDelta(interner, null, {
    ...emptyDelta('r1'),
    ...{ put, changes: [{ view: '' as const, type, put: versions, removed: [] }] },
  });
}

const byPath = (end: string): Method | undefined => METHODS.find(({ path }) => path.endsWith(end));

test.each([
  ['the SotW stream of ADS', '/StreamAggregatedResources', ['lazy']],
  ['its delta stream', '/DeltaAggregatedResources', []],
  ['a stream of its own, which says nothing of that of ADS', '/StreamListeners', []],
])('ODCDS-01 what needs delta is lacking over %s', (_name, end, want) => {
  const { registry, connect, lacking } = open();
  registry.publish(revision());
  const method = byPath(end);
  connect(method).onMessage(request(method, { id: 'n', typeUrl: LDS }));
  const views = lacking.flatMap((view) => view.lacking.map(({ resource }) => resource.name));
  expect(views).toEqual(want);
  const [view] = registry.nodes();
  expect(view?.lacking.map(({ needsDelta }) => needsDelta)).toEqual(want.map(() => true));
  registry.close();
});

test.each([
  ['is not polled by a node whose ADS stream is SotW', SOTW, ['plain']],
  ['is polled by one with a delta stream', byPath('/DeltaAggregatedResources'), ['lazy', 'plain']],
])('ODCDS-01 (rest) what needs delta %s', (_name, method, want) => {
  const { registry, connect } = open();
  registry.publish(revision());
  connect(method).onMessage(request(method, { id: 'n' }));
  const ask = (held: string) => {
    const of = { id: 'n', typeUrl: LDS, ...(held === '' ? {} : { held }) };
    const decoded = decodeRequest('sotw', request(SOTW, of), { withNode: true });
    if (!decoded.ok) throw new Error(decoded.why);
    const asked = { via: 'rest', scope: 'Listener', peer: 'test' } as const;
    return registry.fetch.ask(decoded.request, asked);
  };
  const first = ask('');
  if (first.kind !== 'answer') throw new Error(first.kind);
  expect(first.resources.map(({ name }) => name)).toEqual(want);
  expect(ask(first.version).kind).toBe('unchanged');
  const unknown = ask('of-another-server');
  const isKept = unknown.kind === 'refused' && unknown.message.startsWith('NODE_UNSUPPORTED');
  expect(isKept).toBe(want.length === 1);
  registry.close();
});
