import { expect, test } from 'vitest';
import { diagnostic, type Span } from '../base/index.ts';
import { countText, formatFinding } from './frame.ts';
import { styleOf } from './style.ts';

const ROUTE = 'kind: Route\nname: shop\nto: crat\n\tx: 1\n';
const span = (line: number, col: number, endCol?: number): Span => ({
  file: 'routes/shop.yaml',
  line,
  col,
  ...(endCol === undefined ? {} : { endLine: line, endCol }),
});

function check(place: Span | null, text: string | null, want: readonly string[]): void {
  const found = diagnostic('REF_NOT_FOUND', 'cluster "crat" does not exist', { span: place });
  expect(formatFinding(found, () => text, styleOf(false)).split('\n')).toEqual(want);
}

const HEAD = 'error  REF_NOT_FOUND  cluster "crat" does not exist';

test.each<[string, Span | null, string | null, readonly string[]]>([
  [
    'a range is underlined',
    span(3, 5, 9),
    ROUTE,
    [`routes/shop.yaml:3:5  ${HEAD}`, '  3 | to: crat', '    |     ^^^^'],
  ],
  [
    'a place without an end gets one caret',
    span(3, 5),
    ROUTE,
    [`routes/shop.yaml:3:5  ${HEAD}`, '  3 | to: crat', '    |     ^'],
  ],
  [
    'a tab counts as one blank',
    span(4, 2, 3),
    ROUTE,
    [`routes/shop.yaml:4:2  ${HEAD}`, '  4 |  x: 1', '    |  ^'],
  ],
  ['a file that cannot be read has no frame', span(3, 5), null, [`routes/shop.yaml:3:5  ${HEAD}`]],
  ['a line that is gone has no frame', span(90, 5), ROUTE, [`routes/shop.yaml:90:5  ${HEAD}`]],
  ['no place at all', null, ROUTE, [HEAD]],
])('%s', (_, place, text, want) => {
  check(place, text, want);
});

test('a long line is cut around the place', () => {
  const text = `${'x'.repeat(500)}HERE${'y'.repeat(500)}`;
  const found = diagnostic('SCHEMA_TYPE', 'm', { span: { ...span(1, 501, 505) } });
  const [, line = '', caret = ''] = formatFinding(found, () => text, styleOf(false)).split('\n');
  expect(line.length).toBeLessThan(140);
  expect(line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('HERE');
});

test.each(['SECRET_INLINE', 'SECRET_IN_HEADER', 'FILE_MODE'] as const)(
  '%s shows no line',
  (code) => {
    const found = diagnostic(code, 'm', { span: span(3, 5, 9) });
    expect(formatFinding(found, () => ROUTE, styleOf(false))).not.toContain('crat');
  },
);

test('related places stand below', () => {
  const found = diagnostic('NAME_DUPLICATE', 'two', {
    span: span(1, 1),
    related: [{ message: 'the other one', span: { file: 'b.yaml', line: 2, col: 3 } }],
  });
  expect(formatFinding(found, () => null, styleOf(false))).toContain(
    '    b.yaml:2:3  the other one',
  );
});

test.each([
  [0, 0, 'no problems'],
  [1, 0, '1 error'],
  [2, 1, '2 errors, 1 warning'],
  [0, 3, '3 warnings'],
])('%i errors and %i warnings: %s', (errors, warnings, want) => {
  const found = [
    ...Array.from({ length: errors }, () => diagnostic('SCHEMA_TYPE', 'e')),
    ...Array.from({ length: warnings }, () => diagnostic('UNUSED', 'w')),
  ];
  expect(countText(found)).toBe(want);
});

test('colours only where asked', () => {
  const found = diagnostic('SCHEMA_TYPE', 'm', { span: span(1, 1) });
  expect(formatFinding(found, () => ROUTE, styleOf(true))).toContain('\u001b[');
  expect(formatFinding(found, () => ROUTE, styleOf(false))).not.toContain('\u001b[');
});
