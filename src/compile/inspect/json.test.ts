import { expect, test } from 'vitest';
import type { Json } from '../../schema/index.ts';
import { isSameJson } from './json.ts';

test.each<[a: Json, b: Json, isSame: boolean]>([
  [{ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }, true],
  [Number.NaN, Number.NaN, true],
  [{ a: 1 }, { a: 2 }, false],
  [{ a: null }, {}, false],
  [{}, { a: null }, false],
  [{ a: null }, { b: null }, false],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [[], {}, false],
  [{}, [], false],
  [{}, null, false],
  [null, {}, false],
  ['1', 1, false],
])('%j and %j', (a, b, isSame) => expect(isSameJson(a, b)).toBe(isSame));
