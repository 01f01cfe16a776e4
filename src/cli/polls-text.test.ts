import { expect, test } from 'vitest';
import type { PollReport } from '../server/index.ts';
import { pollsText } from './polls-text.ts';
import { styleOf } from './style.ts';

const view = { style: styleOf(false), now: Date.parse('2026-03-04T10:05:00Z') };

const POLL: PollReport = {
  id: 'edge-1',
  cluster: 'edge',
  groups: ['eu', 'canary'],
  envoyVersion: '1.40.0',
  via: 'rest',
  lastRequest: '2026-03-04T10:04:59Z',
  types: [
    { type: 'CDS', seen: 'a', current: true },
    { type: 'LDS', seen: '', current: false },
  ],
};

test('nodes that poll are told apart, with what they have seen', () => {
  const polls = [POLL, { ...POLL, id: 'tool\u001b[31m', groups: [], envoyVersion: '', types: [] }];
  expect(pollsText(polls, view)).toEqual([
    '',
    'POLLS           CLUSTER  GROUPS     ENVOY   VIA   SEEN  NOT SEEN  ASKED',
    'edge-1          edge     eu,canary  1.40.0  rest  CDS   LDS       1s',
    'tool\\u001b[31m  edge     -          ?       rest  -     -         1s',
    expect.stringMatching(/^not seen: /),
  ]);
});

test('nothing is said where no node polls', () => {
  expect(pollsText([], view)).toEqual([]);
});
