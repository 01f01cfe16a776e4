import { documentId } from '../../base/index.ts';
import { describe, expect, test } from 'vitest';
import type { ValueCondition, ValueTest } from '../../model/index.ts';
import { wholeExpression } from '../explain/expression.ts';
import { inAnyLine, lineFindings } from './header-lines.ts';

const conditionOf = (given: ValueTest): ValueCondition => ({
  name: 'x-role',
  test: given,
  isNegated: false,
  pointer: '/deny/0/headers/x-role',
});

function takes(given: ValueTest, header: string): boolean {
  const { test: sent } = inAnyLine(conditionOf(given));
  if (sent.kind === 'contains') return header.includes(sent.text);
  if (sent.kind !== 'regex') throw new Error(`it became ${sent.kind}`);
  return wholeExpression(sent.text)?.test(header) === true;
}

const regex = (text: string): ValueTest => ({ kind: 'regex', text });
const exact = (text: string): ValueTest => ({ kind: 'exact', text });

describe('who is kept out by a value, with another line beside it', () => {
  test.each<[string, ValueTest]>([
    ['exact', exact('evil')],
    ['prefix', { kind: 'prefix', text: 'ev' }],
    ['suffix', { kind: 'suffix', text: 'il' }],
    ['contains', { kind: 'contains', text: 'vi' }],
    ['regex', regex('ev.l')],
    ['regex with anchors', regex('^evil$')],
    ['regex whose branches have anchors', regex('^evil$|^bad$')],
    ['regex with other anchors', regex('\\Aevil\\z')],
  ])('%s', (_, given) => {
    for (const header of ['evil', 'evil,guest', 'guest,evil', 'guest, evil , other']) {
      expect([header, takes(given, header)]).toEqual([header, true]);
    }
    expect(takes(given, 'guest,other')).toBe(false);
  });

  test('a value that is too long for an expression is looked for anywhere', () => {
    const agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) '.repeat(
      3,
    );
    expect(takes(exact(agent), `guest,${agent}`)).toBe(true);
    expect(takes(exact(agent), 'guest')).toBe(false);
  });
});

describe('is told at its text', () => {
  const at = { doc: documentId('a.yaml', 0), subject: 'rule "cart"' };
  const codes = (text: string, isOfLines = true): readonly string[] =>
    lineFindings(conditionOf(regex(text)), isOfLines, at).map(
      ({ code, origin }) => `${code} ${origin.pointer}`,
    );
  const place = '/deny/0/headers/x-role/regex';
  test.each<[string, readonly string[]]>([
    ['^evil$', []],
    ['(a|^b)', [`REGEX_UNSUPPORTED ${place}`]],
    ['a{96}', [`REGEX_TOO_COMPLEX ${place}`]],
    ['a{120}', [`REGEX_TOO_COMPLEX ${place}`]],
    ['(', [`REGEX_UNSUPPORTED ${place}`]],
  ])('%s', (text, want) => {
    expect(codes(text)).toEqual(want);
  });
  test('not where the whole header is asked', () => {
    expect(codes('(a|^b)', false)).toEqual([]);
    expect(codes('a{96}', false)).toEqual([]);
  });
});
