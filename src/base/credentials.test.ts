import { expect, test } from 'vitest';
import { isCredentialName, redactCredentials, redactWords } from './credentials.ts';

test.each<[name: string, isOne: boolean]>([
  ...['authorization', 'Proxy-Authorization', 'cookie', 'x-api-key', 'apikey'].map(
    (name): [string, boolean] => [name, true],
  ),
  ...['token', 'x-token', 'access_token', 'client_secret', 'x-secret', 'passwd', 'password'].map(
    (name): [string, boolean] => [name, true],
  ),
  ...['x-user-id', 'cookies', 'authorize', 'token_bucket', 'allow_credentials', 'keys'].map(
    (name): [string, boolean] => [name, false],
  ),
])('%s lets somebody in: %s', (name, isOne) => expect(isCredentialName(name)).toBe(isOne));

test('credentials are hidden in a message, and nothing else', () => {
  const message = {
    name: 'token-service',
    request_headers_to_add: [
      { header: { key: 'Authorization', value: 'LEAK' }, append_action: 'ADD' },
      { header: { key: 'x-a', value: 'b' } },
    ],
    headers: [
      { name: 'x-token', string_match: { exact: 'LEAK', ignore_case: true } },
      { name: 'x-b', string_match: { exact: 'c' } },
    ],
  };
  expect(redactCredentials(message)).toEqual({
    name: 'token-service',
    request_headers_to_add: [
      { header: { key: 'Authorization', value: '[redacted]' }, append_action: 'ADD' },
      { header: { key: 'x-a', value: 'b' } },
    ],
    headers: [
      { name: 'x-token', string_match: { exact: '[redacted]', ignore_case: true } },
      { name: 'x-b', string_match: { exact: 'c' } },
    ],
  });
});

test.each<[what: string, text: string, want: string]>([
  ['plain words', 'no such cluster: "token"', 'no such cluster: "token"'],
  [
    'a header',
    'bad (x): header {\n  key: "authorization"\n  value: "a \\" LEAK"\n}\nkey: "x"\nvalue: "y"',
    'bad (x): header {\n  key: "authorization"\n  value: "[redacted]"\n}\nkey: "x"\nvalue: "y"',
  ],
  [
    'a condition, cut short',
    'name: "x-token" string_match { exact: "LEAK',
    'name: "x-token" string_match { exact: "[redacted]"',
  ],
  ['inline data', 'users { inline_string: "LEAK" }', 'users { inline_string: "[redacted]" }'],
  ['JSON', '{"password":"LEAK","a":"b"}', '{"password": "[redacted]","a":"b"}'],
  [
    'a name',
    'name: "token-service"\nservice_name: "a"',
    'name: "token-service"\nservice_name: "a"',
  ],
])('the words of an Envoy: %s', (_, text, want) => expect(redactWords(text)).toBe(want));
