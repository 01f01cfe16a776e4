import { expect, test } from 'vitest';
import { humanLine } from './human-line.ts';
import { openLog } from './log.ts';

test('a JSON line is read as time, level and text', () => {
  const line = JSON.stringify({ level: 'warn', time: '2026-01-01T10:04:11.120Z', msg: 'a\nb' });
  expect(humanLine(line, false)).toBe('10:04:11 warn  a\nb\n');
  const steered = JSON.stringify({ level: 'warn', time: '', msg: 'node \u001b[2J' });
  expect(humanLine(steered, false)).toContain('node \\u001b[2J');
  expect(humanLine(line, true)).toContain('\u001b[33mwarn ');
});

test('keys are redacted in texts and at any depth of the fields', () => {
  const lines: string[] = [];
  const log = openLog('info', (line) => lines.push(line));
  const pem = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----';
  log.error(`NACK: ${pem}`, { error: pem, deep: [{ text: pem }], count: 1 });
  log.fault('failed', new Error(pem));
  log.debug('not at this level');
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toContain('c2VjcmV0');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', count: 1 });
});
