import { expect, test } from 'vitest';
import { documentId, type Span } from '../base/index.ts';
import { refusalText, suspectedPlaces } from './refusal-text.ts';

const TAKEN =
  "Error adding/updating listener(s) web: cannot bind '127.0.0.1:80': Address already in use";
const PLACE: Span = { file: 'listeners/web.yaml', line: 5, col: 7 };

test.each<[string, readonly Span[], string]>([
  [TAKEN, [PLACE], '127.0.0.1:80 is in use; change `port:` (listeners/web.yaml:5)'],
  [TAKEN, [], '127.0.0.1:80 is in use; change `port:`'],
  ['no such filter', [PLACE], 'no such filter; from listeners/web.yaml:5:7'],
  ['no such filter', [], 'no such filter'],
])('%s', (words, spans, text) => {
  expect(refusalText(words, spans)).toBe(text);
});

test('a port that is taken is looked for at its field', () => {
  const origin = { doc: documentId('listeners/web.yaml', 0), pointer: '' };
  expect(suspectedPlaces([origin], TAKEN)).toEqual([{ ...origin, pointer: '/port' }]);
  expect(suspectedPlaces([origin], 'no such filter')).toEqual([origin]);
});
