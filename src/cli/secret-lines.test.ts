import { expect, test } from 'vitest';
import { withoutSecretLines } from './secret-lines.ts';

const SECRET = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';
const LEAK = 'LEAK';

test.each<[string, string, readonly string[]]>([
  ['a value', `a: 1\ninline_string: ${LEAK}\nb: 2`, ['a: 1', 'b: 2']],
  ['camel case', `inlineString: "${LEAK}"\nb: 2`, ['b: 2']],
  ['a block', `users:\n  inline_string: |\n    ${LEAK}\n\n    ${LEAK}\nb: 2`, ['b: 2']],
  ['a flow', `x: {a: 1, password: {inline_string:\n   ${LEAK}}}\nb: 2`, ['b: 2']],
  ['JSON without indentation', `{"password":\n{"x":\n"${LEAK}"\n}, "b": 2}`, []],
  ['a list', `keys:\n- ${LEAK}\n- ${LEAK}`, []],
  [
    'all of a Secret but its name, whatever it says',
    `resources:\n- "@type": ${SECRET}\n  name: s\n  generic: ${LEAK}\n  ${LEAK}: 1\n- name: other`,
    ['resources:', `- "@type": ${SECRET}`, '  name: s', '- name: other'],
  ],
  [
    'a Secret whose type comes last',
    `resources:\n- oops: ${LEAK}\n  name: s\n  "@type": ${SECRET}\n- name: other`,
    ['resources:', '  name: s', `  "@type": ${SECRET}`, '- name: other'],
  ],
  ['a Secret in one line', `resources: [{"@type": ${SECRET}, x: ${LEAK}}]\nb: 1`, ['b: 1']],
  [
    'a Secret over lines in brackets',
    `resources:\n- {"@type": ${SECRET},\n   name: s,\n   x: ${LEAK}}\nb: 1`,
    ['resources:', 'b: 1'],
  ],
  [
    'all of a document of kind Secret but its name',
    `kind: Route\nto: a\n---\nvalue: ${LEAK}\nkind: Secret\nname: s\nenv: ${LEAK}\n---\nb: 1`,
    ['kind: Route', 'to: a', '---', 'kind: Secret', 'name: s', '---', 'b: 1'],
  ],
  ['a header', `set:\n  X-Token: ${LEAK}\n  x-a: b`, ['set:', '  x-a: b']],
  [
    'a header of Envoy',
    `- {key: authorization, value: ${LEAK}}\n- header:\n    key: api-key\n    value: ${LEAK}\nb: 1`,
    ['- header:', 'b: 1'],
  ],
  ['one in a single line', `{kind: Secret, name: s, value: ${LEAK}}\n---\nb: 1`, ['---', 'b: 1']],
])('hides %s', (_, text, want) => {
  const shown = withoutSecretLines(text).split('\n');
  expect(shown).toHaveLength(text.split('\n').length);
  expect(shown.filter((line) => line !== '')).toEqual(want);
});

test('leaves the rest of a file', () => {
  const text = 'kind: Route\nname: keys-and-users\nto: secret\n# password\n';
  expect(withoutSecretLines(text)).toBe(text);
});
