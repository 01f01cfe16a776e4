import { expect, test } from 'vitest';
import { formatProblem, headerFormatProblem, newerCommands } from './format.ts';

test.each([
  ['%REQ(x-a):5% 50%%', []],
  ['%SPAN_ID%', [{ command: 'SPAN_ID', since: '1.39' }]],
  [
    '%LISTENER_NAME%%QUERY_PARAMS%%LISTENER_NAME%',
    [
      { command: 'LISTENER_NAME', since: '1.40' },
      { command: 'QUERY_PARAMS', since: '1.39' },
    ],
  ],
  ['%%SPAN_ID%%', []],
])('%s is no error, and asks for %j', (text, want) => {
  expect(formatProblem(text)).toBeNull();
  expect(newerCommands(text)).toEqual(want);
});

test.each([
  ['50%', 'the value holds a single %'],
  ['%SPANID%', 'Envoy has no command %SPANID%'],
  ['%PROTOCOLS%', 'did you mean'],
])('%s is wrong for every Envoy', (text, words) => {
  expect(formatProblem(text)).toContain(words);
});

test('one is of headers alone', () => {
  expect(headerFormatProblem('%PER_REQUEST_STATE(a)%')).toBeNull();
  expect(formatProblem('%PER_REQUEST_STATE(a)%')).toContain('in headers alone');
  expect(formatProblem('%%PER_REQUEST_STATE%%')).toBeNull();
});
