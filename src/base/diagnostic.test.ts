import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  diagnostic,
  formatDiagnostic,
  sortDiagnostics,
  type Diagnostic,
  capDiagnostics,
  moreOf,
} from './diagnostic.ts';

const at = (file: string, line: number, col: number): Pick<Diagnostic, 'span'> => ({
  span: { file, line, col },
});

const SORTED: readonly Diagnostic[] = [
  diagnostic('SOURCE_MISSING', 'gone; restore it'),
  diagnostic('REF_NOT_FOUND', 'a; b', at('B.yaml', 9, 9)),
  diagnostic('REF_NOT_FOUND', 'a; b', at('a.yaml', 2, 10)),
  diagnostic('REF_NOT_FOUND', 'b; b', at('a.yaml', 2, 10)),
  diagnostic('REF_NOT_FOUND', 'a; b', at('a.yaml', 10, 1)),
  diagnostic('REF_NOT_FOUND', 'a; b', at('a.yaml', 10, 2)),
  diagnostic('FILE_MODE', 'readable; chmod 600', at('a.yaml', 1, 1)),
];

test('errors come first, then by place, in whatever order they are found', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...SORTED], { minLength: SORTED.length }), (shuffled) => {
      expect(sortDiagnostics(shuffled)).toEqual(SORTED);
    }),
  );
});

test.each<[Diagnostic, string]>([
  [diagnostic('SOURCE_MISSING', 'gone; restore it'), 'error  SOURCE_MISSING  gone; restore it'],
  [
    diagnostic('FILE_MODE', 'readable; chmod 600', at('a.yaml', 3, 7)),
    'a.yaml:3:7  warning  FILE_MODE  readable; chmod 600',
  ],
  [
    diagnostic('REF_NOT_FOUND', 'no cart; name another', {
      ...at('a.yaml', 3, 7),
      severity: 'warning',
      related: [
        { message: 'the nearest is card', span: { file: 'b.yaml', line: 1, col: 1 } },
        { message: 'or cars', span: { file: 'c.yaml', line: 2, col: 2 } },
      ],
    }),
    'a.yaml:3:7  warning  REF_NOT_FOUND  no cart; name another\n' +
      '    b.yaml:1:1  the nearest is card\n    c.yaml:2:2  or cars',
  ],
])('is printed with its place, %#', (found, text) => {
  expect(formatDiagnostic(found)).toBe(text);
});

test('a list that is cut says how much of it is shown, however often it is cut', () => {
  const many = Array.from({ length: 300 }, (_, i) => diagnostic('SCHEMA_TYPE', `wrong ${i}`));
  const few = many.slice(0, 100);
  expect(capDiagnostics(few)).toEqual(sortDiagnostics(few));
  const cut = capDiagnostics(many);
  expect(cut).toHaveLength(101);
  expect(cut.at(-1)).toMatchObject({
    code: 'FINDINGS_MORE',
    severity: 'warning',
    message: '100 of 300 findings are shown; mend these first',
  });
  const again = capDiagnostics([...cut, diagnostic('UNUSED', 'nothing uses it')], 9);
  expect(moreOf(again)).toBe(210);
  expect(again.filter(({ code }) => code === 'FINDINGS_MORE')).toHaveLength(1);
});
