import { deserialize, serialize } from 'node:v8';
import { expect, test } from 'vitest';
import { emptyDelta } from '../../test/support/empty-delta.ts';
import { documentId, hashBytes, success, version, type Outcome } from '../base/index.ts';
import { NO_TRAITS, type Part, type Resource, type RevisionDelta } from '../snapshot/index.ts';
import { newPacker, newUnpacker, type PackedDelta } from './delta-packing.ts';

const part = (key: string, content = ''): Part => ({
  key,
  hash: hashBytes(key + content),
  origins: [{ doc: documentId('a.yaml', 0), pointer: `/${key}` }],
});
const partsOf = (count: number, from = 0): readonly Part[] =>
  Array.from({ length: count }, (_, index) => part(`p${index + from}`));

const table = (parts: readonly Part[], name = 'web'): Resource => ({
  type: 'RouteConfiguration',
  name,
  version: version(hashBytes(parts.map(({ hash }) => hash).join())),
  bytes: Buffer.from(name),
  refs: [],
  parts,
  secret: false,
  traits: NO_TRAITS,
});

const deltaOf = (...put: readonly Resource[]): Outcome<RevisionDelta> =>
  success({ ...emptyDelta('r'), put });

/** Two ends, with copies in between. Gives what arrived, and the parts that travelled for it. */
function channel() {
  const pack = newPacker();
  const unpack = newUnpacker();
  return (...put: readonly Resource[]): { arrived: readonly Resource[]; travelled: number } => {
    const packed = pack(deltaOf(...put));
    const copy = deserialize(serialize(packed)) as Outcome<PackedDelta>;
    const travelled = packed.ok
      ? packed.value.put.reduce((sum, { parts, splice }) => {
          return sum + parts.length + (splice?.put.length ?? 0);
        }, 0)
      : 0;
    const outcome = unpack(copy);
    return { arrived: outcome.ok ? outcome.value.put : [], travelled };
  };
}

const all = partsOf(100);
test.each<[string, readonly Part[], number]>([
  ['nothing', all, 0],
  ['a changed part', all.with(50, part('p50', 'new')), 1],
  ['the first and the last', all.with(0, part('x')).with(99, part('y')), 100],
  ['an added part', all.toSpliced(30, 0, part('new')), 1],
  ['a removed part', all.toSpliced(30, 1), 0],
  ['an added part at the end', [...all, part('last')], 1],
  ['a part that was there twice', all.toSpliced(30, 0, ...all.slice(30, 31)), 1],
  ['other parts altogether', partsOf(100, 1_000), 100],
  ['few parts', partsOf(3), 3],
])('%s: what arrives is what was sent', (_what, parts, travels) => {
  const send = channel();
  expect(send(table(all)).travelled).toBe(100);
  const { arrived, travelled } = send(table(parts));
  expect(arrived).toEqual([table(parts)]);
  expect(travelled).toBe(travels);
});

test('a refusal passes as it is', () => {
  const refusal = { ok: false, diagnostics: [] } as const;
  expect(newPacker()(refusal)).toBe(refusal);
  expect(newUnpacker()(refusal)).toBe(refusal);
});

test('both ends forget alike, and variants of one name do not mix', () => {
  const send = channel();
  const names = Array.from({ length: 300 }, (_, index) => `t${index}`);
  const first = names.map((name) => table(all, name));
  expect(send(...first).arrived).toEqual(first);
  const edited = all.with(7, part('p7', 'new'));
  const next = names.map((name) => table(edited, name));
  expect(send(...next).arrived).toEqual(next);
  const variants = [table(all, 't299'), table(edited, 't299'), table(partsOf(80), 't299')];
  const { arrived } = send(...variants);
  expect(arrived).toEqual(variants);
});

test('what an end does not know is a fault', () => {
  const pack = newPacker();
  pack(deltaOf(table(all)));
  const second = pack(deltaOf(table(all)));
  expect(() => newUnpacker()(second)).toThrow('a change of parts comes after the parts');
});
