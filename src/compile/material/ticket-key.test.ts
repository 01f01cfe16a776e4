import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { readTicketKey } from './ticket-key.ts';

/** Random enough, and with a line feed at its end. */
const key = Buffer.concat([randomBytes(78), Buffer.from([0, 0x0a])]);

test('a key is its file, to the last byte', () => {
  const { secret, problems } = readTicketKey(key);
  expect(problems).toEqual([]);
  expect(Buffer.from(secret?.reveal() ?? []).equals(key)).toBe(true);
});

test.each([
  ['a line feed more', Buffer.concat([key, Buffer.from('\n')]), /81 bytes.*has 80.*rand 80/],
  ['that of another server', key.subarray(0, 48), /48 bytes/],
  ['nothing', Buffer.alloc(0), /0 bytes/],
  ['hex', Buffer.from('0123456789abcdef'.repeat(5)), /is text.*openssl rand 80/],
])('%s is refused', (_, bytes, message) => {
  const { secret, problems } = readTicketKey(bytes);
  expect(secret).toBeNull();
  expect(problems.map(({ code }) => code)).toEqual(['TICKET_KEY']);
  expect(problems[0]?.message).toMatch(message);
});
