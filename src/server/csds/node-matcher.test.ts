import { Writer } from 'protobufjs/minimal.js';
import { expect, test } from 'vitest';
import { NOBODY } from '../../snapshot/index.ts';
import { decodeNodeMatcher, UnservedMatcherError } from './node-matcher.ts';

const NODE = { ...NOBODY, id: 'Edge-1', metadata: new Map([['env', 'prod']]) };

const text = (field: number, value: string): Uint8Array =>
  Writer.create()
    .uint32((field << 3) | 2)
    .string(value)
    .finish();
const wrap = (field: number, value: Uint8Array): Uint8Array =>
  Writer.create()
    .uint32((field << 3) | 2)
    .bytes(value)
    .finish();
const flag = (field: number): Uint8Array =>
  Writer.create()
    .uint32(field << 3)
    .bool(true)
    .finish();
const both = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const metadata = (key: string, value: Uint8Array): Uint8Array =>
  wrap(2, both(wrap(2, text(1, key)), wrap(3, value)));

test.each([
  ['exact', wrap(1, text(1, 'Edge-1')), true],
  ['exact, another', wrap(1, text(1, 'edge-1')), false],
  ['exact, whatever the case', wrap(1, both(text(1, 'edge-1'), flag(6))), true],
  ['prefix', wrap(1, text(2, 'Edge')), true],
  ['suffix', wrap(1, text(3, '-2')), false],
  ['contains', wrap(1, text(7, 'dge')), true],
  ['metadata', metadata('env', wrap(3, text(1, 'prod'))), true],
  ['metadata, another', metadata('env', wrap(3, text(1, 'test'))), false],
  ['metadata that is there', metadata('env', flag(5)), true],
  ['metadata that is not there', metadata('region', flag(5)), false],
  ['id and metadata', both(wrap(1, text(2, 'Edge')), metadata('region', flag(5))), false],
  ['nothing', new Uint8Array(), true],
])('CSDS-01 a matcher of nodes: %s', (_, bytes, isMatch) => {
  expect(decodeNodeMatcher(bytes)(NODE)).toBe(isMatch);
});

test.each([
  ['an expression', wrap(1, wrap(5, text(2, '(a+)+$')))],
  ['a field within a field', wrap(2, both(wrap(2, text(1, 'a')), wrap(2, text(1, 'b'))))],
  ['a number', metadata('env', wrap(2, new Uint8Array()))],
])('CSDS-01 a matcher that is not served says so: %s', (_, bytes) => {
  expect(() => decodeNodeMatcher(bytes)).toThrow(UnservedMatcherError);
});
