import { expect, test } from 'vitest';
import {
  capDiagnostics,
  diagnostic,
  manifestId,
  materialId,
  revisionId,
  seq,
} from '../base/index.ts';
import type { Entry, InputStatus } from '../snapshot/index.ts';
import { createInputLog, type Serving } from './input-log.ts';
import { openLog } from './log.ts';

const ENTRY: Entry = {
  seq: seq(7),
  prev: '',
  kind: 'accept',
  at: '2026-01-01T00:00:00.000Z',
  revision: revisionId('r'),
  documents: manifestId('d'),
  material: materialId('m'),
  compiler: '1',
  filterProfile: 1,
  language: 1,
  hash: '',
};
const SPAN = { file: 'routes/shop.yaml', line: 14, col: 11 };
const FOUND = diagnostic('REF_NOT_FOUND', 'no cluster "crat"', { span: SPAN });
const WARNED = diagnostic('UNUSED', 'nothing uses it');
const input = (state: InputStatus['state'], ...diagnostics: InputStatus['diagnostics']) => ({
  state,
  since: 1,
  diagnostics,
});

const GOES_ON = 'mend it and save, and it goes on by itself';
const LINE = 'routes/shop.yaml:14:11  REF_NOT_FOUND  no cluster "crat"';

test.each<[string, InputStatus, Partial<Serving>, readonly (string | RegExp)[]]>([
  [
    'held while nothing is served',
    input('held', FOUND),
    {},
    [`the input is HELD: 1 error; nothing is served yet; ${GOES_ON}`, LINE],
  ],
  [
    'held while something is live',
    input('held', FOUND, FOUND),
    { entry: ENTRY },
    ['the input is HELD: 2 errors; revision 7 stays live', LINE, LINE],
  ],
  [
    'held after a restart: loudly',
    input('held', FOUND),
    { entry: ENTRY, isRestored: true },
    [/HELD/, LINE, /^SERVING THE LAST GOOD REVISION 7[^]*NOT what is in \/srv\/config/],
  ],
  [
    'clean, with a warning',
    input('clean', WARNED),
    { entry: ENTRY, isRestored: true },
    ['the input is clean', 'UNUSED  nothing uses it'],
  ],
])('%s', (_what, status, serving, expected) => {
  const texts: string[] = [];
  const log = openLog('info', (line) => texts.push(String((JSON.parse(line) as Line).msg)));
  createInputLog({ source: '/srv/config', command: './helve' }, log)(status, {
    entry: null,
    isRestored: false,
    ...serving,
  });
  expect(texts).toEqual(
    expected.map((want) =>
      typeof want === 'string' ? want : (expect.stringMatching(want) as unknown),
    ),
  );
});

test.each([
  ['new', seq(8), 'the input is clean again; revision 8 is live'],
  ['as it was', seq(7), 'the input is clean again; revision 7 stays live'],
])('clean again, and %s', (_what, now, text) => {
  const texts: string[] = [];
  const log = openLog('info', (line) => texts.push(String((JSON.parse(line) as Line).msg)));
  const tell = createInputLog({ source: '/srv/config', command: './helve' }, log);
  tell(input('held', FOUND), { entry: ENTRY, isRestored: false });
  tell(input('held', FOUND, FOUND), { entry: ENTRY, isRestored: false });
  tell(input('clean'), { entry: { ...ENTRY, seq: now }, isRestored: false });
  tell(input('clean', WARNED), { entry: { ...ENTRY, seq: now }, isRestored: false });
  expect(texts.slice(-3)).toEqual([text, 'the input is clean', 'UNUSED  nothing uses it']);
});

test('what nothing uses is counted after the first; a full list says so', () => {
  const texts: string[] = [];
  const log = openLog('info', (line) => texts.push(String((JSON.parse(line) as Line).msg)));
  const tell = createInputLog({ source: '/srv/config', command: './helve' }, log);
  tell(
    input('clean', WARNED, diagnostic('UNUSED', 'this'), diagnostic('UNUSED', 'nor this')),
    NOTHING_SERVED,
  );
  expect(texts.slice(1)).toEqual([
    'UNUSED  nothing uses it',
    'UNUSED  2 more; ./helve validate shows each',
  ]);
  const many = capDiagnostics(Array.from({ length: 300 }, () => FOUND));
  tell(input('held', ...many), NOTHING_SERVED);
  expect(texts.at(-1)).toContain('100 of 300 findings are shown');
  expect(texts).toHaveLength(3 + 1 + 100 + 1);
});

const NOTHING_SERVED: Serving = { entry: null, isRestored: false };

interface Line {
  readonly msg: unknown;
}
