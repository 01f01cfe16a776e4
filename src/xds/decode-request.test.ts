import fc from 'fast-check';
import { Writer } from 'protobufjs/minimal.js';
import { expect, test } from 'vitest';
import { LIMITS } from '../base/index.ts';
import { CLIENT_FEATURES } from '../snapshot/index.ts';
import { root, writeRequest } from '../../test/protocol/support/messages.ts';
import { decodeRequest } from './decode-request.ts';

const CDS = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';

function decoded(wire: 'sotw' | 'delta', bytes: Uint8Array) {
  const found = decodeRequest(wire, bytes, { withNode: true });
  if (!found.ok) throw new Error(found.why);
  return found.request;
}

test.each(['sotw', 'delta'] as const)(
  'X-16 any bytes are decoded or refused, never thrown (%s)',
  (w) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const found = decodeRequest(w, bytes, { withNode: true });
        if (!found.ok) expect(found.why).toMatch(/^the request is malformed: /);
      }),
      { numRuns: 2_000 },
    );
  },
);

test.each(['sotw', 'delta'] as const)('what was encoded comes back (%s)', (wire) => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 20 });
  fc.assert(
    fc.property(names, fc.string({ maxLength: 20 }), (list, error) => {
      const spoken = { type_url: CDS, nonce: 'n', names: list, unsubscribe: list, error };
      const request = decoded(wire, writeRequest(wire, spoken));
      expect(request).toMatchObject({ wire, typeUrl: CDS, type: 'Cluster', nonce: 'n' });
      expect(request.names).toEqual(list);
      expect(request.unsubscribe).toEqual(wire === 'delta' ? list : []);
      expect(request.error).toEqual({ code: 13, message: error });
    }),
  );
});

test('NAME-07 the node: only where it is asked for', () => {
  const type = root.lookupType('DiscoveryRequest');
  const node = {
    id: 'n',
    cluster: 'c',
    locality: { region: 'r', zone: 'z', sub_zone: 's' },
    metadata: { fields: { a: { string_value: 'x' }, b: { bool_value: true }, c: {} } },
    user_agent_name: 'envoy',
    user_agent_build_version: {
      version: { major_number: 1, minor_number: 40 },
      metadata: { fields: { 'build.type': { string_value: 'RELEASE' } } },
    },
    extensions: [
      { name: 'on', category: 'c', type_urls: ['a.On', 'type.googleapis.com/a.More'] },
      { name: 'off', category: 'c', type_urls: ['a.Off'], disabled: true },
    ],
    client_features: ['xds.config.supports-resource-in-sotw', 'mine'],
    dynamic_parameters: { [CDS]: { params: { stage: 'canary' } } },
  };
  const bytes = type.encode(type.fromObject({ type_url: CDS, node })).finish();
  expect(decoded('sotw', bytes).node).toEqual({
    id: 'n',
    cluster: 'c',
    region: 'r',
    zone: 'z',
    subZone: 's',
    metadata: new Map([
      ['a', 'x'],
      ['b', 'true'],
    ]),
    userAgent: 'envoy',
    agentVersion: '1.40.0',
    envoyVersion: '1.40.0',
    build: new Map([['build.type', 'RELEASE']]),
    features: new Set([CLIENT_FEATURES.resourceInSotw, 'mine']),
    extensions: { names: new Set(['on']), types: new Set(['a.On', 'a.More']) },
    parameters: new Map([[CDS, new Map([['stage', 'canary']])]]),
  });
  expect(decodeRequest('sotw', bytes, { withNode: false })).toMatchObject({
    ok: true,
    request: { node: null, parameters: new Map([[CDS, new Map([['stage', 'canary']])]]) },
  });
});

test('ERR-07 SDS-06 X-10 keys in a refusal are redacted, names capped, unknown types null', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----';
  const refusal = writeRequest('delta', { type_url: CDS, nonce: 'n', error: `bad ${pem}` });
  expect(decoded('delta', refusal).error?.message).toBe('bad [redacted PEM]');
  const long = 'x'.repeat(LIMITS.nameBytesMax + 1);
  const tooLong = writeRequest('sotw', { type_url: CDS, names: [long] });
  expect(decodeRequest('sotw', tooLong, { withNode: false })).toMatchObject({ ok: false });
  expect(decoded('sotw', writeRequest('sotw', { type_url: 'no.such' })).type).toBeNull();
});

test('NAME-06 a locator is the name in it, whatever its parameters', () => {
  const locator = (name: string) => ({ name, dynamic_parameters: { a: 'b' } });
  const encoded = (type: string, fields: Readonly<Record<string, unknown>>): Uint8Array => {
    const found = root.lookupType(type);
    return found.encode(found.fromObject({ type_url: CDS, ...fields })).finish();
  };
  const sotw = { resource_names: ['n'], resource_locators: [locator('a')] };
  expect(decoded('sotw', encoded('DiscoveryRequest', sotw)).names).toEqual(['n', 'a']);
  const delta = {
    resource_locators_subscribe: [locator('a')],
    resource_locators_unsubscribe: [locator('b')],
  };
  expect(decoded('delta', encoded('DeltaDiscoveryRequest', delta))).toMatchObject({
    names: ['a'],
    unsubscribe: ['b'],
  });
});

test('X-16 metadata that goes on ever deeper is not followed', () => {
  const head = (field: number, length: number): Uint8Array =>
    Writer.create()
      .uint32((field << 3) | 2)
      .uint32(length)
      .finish();
  const key = Buffer.from('0a0161', 'hex');
  const parts: Uint8Array[] = [];
  let length = 0;
  const put = (part: Uint8Array): void => {
    parts.push(part);
    length += part.byteLength;
  };
  for (let depth = 0; depth < 10_000; depth += 1) {
    // From inside: fields (1) { key (1): a, value (2) { struct_value (5) } }
    put(head(5, length));
    put(head(2, length));
    put(key);
    put(head(1, length));
  }
  put(head(3, length));
  put(Buffer.from('0a016e', 'hex'));
  put(head(1, length));
  const bytes = Buffer.concat(parts.reverse());
  expect(decoded('delta', bytes).node).toMatchObject({ id: 'n', metadata: new Map() });
});
