import { expect, test } from 'vitest';
import { parseFile } from '../parse-file.ts';

const TOKEN = ['sk-', 'live-4eC39HqLyjWDarjt'].join('');
const CANARY = 'canary-of-a-credential';

const found = (kind: string, headers: string): readonly string[] => {
  const to = kind === 'Policy' ? '' : 'to: app\n';
  const text = `kind: ${kind}\nname: a\n${to}headers: ${headers}\n`;
  return parseFile('a.yaml', text).diagnostics.map(({ code, severity, message, span }) => {
    expect(message).not.toContain(CANARY);
    expect(message).not.toContain(TOKEN);
    return `${severity} ${code} ${span?.line}`;
  });
};

test.each<[string, string, boolean]>([
  ['by its name', `{request: {set: {Authorization: "Bearer ${CANARY}"}}}`, true],
  ['of a key', `{request: {add: {x-api-key: ${CANARY}}}}`, true],
  ['by its value', `{request: {set: {x-team: "${TOKEN}"}}}`, true],
  ['beside a command', `{request: {set: {authorization: "%REQ(x-a)%${CANARY}"}}}`, true],
  ['that a command reads', '{request: {set: {authorization: "Bearer %ENVIRONMENT(KEY)%"}}}', false],
  ['that is passed on', '{request: {set: {x-api-key: "%REQ(x-other-key)%"}}}', false],
  ['that is taken away', '{request: {remove: [authorization]}}', false],
  ['of nobody', '{request: {set: {x-team: shop}}}', false],
  ['of an answer', '{response: {set: {x-csrf-token: none}}}', false],
])('a header %s', (_, headers, isTold) => {
  for (const kind of ['Policy', 'Route']) {
    const line = kind === 'Policy' ? 3 : 4;
    expect(found(kind, headers)).toEqual(isTold ? [`warning SECRET_IN_HEADER ${line}`] : []);
  }
});
