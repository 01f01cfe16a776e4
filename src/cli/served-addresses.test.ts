import { expect, test } from 'vitest';
import { addressesOf } from './served-addresses.ts';

const status = (name: string, local_address: object): object => ({ name, local_address });
const socket = (address: string, port_value: number): object => ({
  socket_address: { address, port_value },
});

test.each<[string, string, readonly string[] | null]>([
  ['no listener', '{}', []],
  [
    'sorted, with names',
    JSON.stringify({
      listener_statuses: [
        status('web', socket('127.0.0.1', 8080)),
        status('six', socket('::', 443)),
        status('local', { pipe: { path: '/run/x' } }),
      ],
    }),
    ['127.0.0.1:8080 (web)', '[::]:443 (six)', 'unix:/run/x (local)'],
  ],
  ['no JSON', 'not found', null],
  ['other JSON', '{"listener_statuses": 1}', null],
])('%s', (_, text, want) => {
  expect(addressesOf(text)).toEqual(want);
});
