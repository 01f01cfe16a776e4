import { expect, test } from 'vitest';
import type { Part } from '../snapshot/index.ts';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { createCompiler } from './index.ts';

const schema = openGenerated();

const route = (name: string, host: string, more: string): string =>
  `kind: Route\nname: ${name}\nhosts: ["${host}"]\nmatch: {prefix: /${name}}\n${more}`;
const wide = (says: string): string =>
  route('wide', '*.test', `respond: {status: 200, body: ${says}}\n`);

const TEXTS = {
  'web.yaml': 'kind: Listener\nname: web\nport: 8080\n',
  'a.yaml': route('a', 'a.test', 'inherit: true\nrespond: {status: 200}\n'),
  'b.yaml': route('b', 'b.test', 'inherit: false\nrespond: {status: 200}\n'),
  'wide.yaml': wide('one'),
};

test('an edit of a wider host joins its own rules and those of heirs anew, and no others', () => {
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const partsOf = (texts: Readonly<Record<string, string>>): ReadonlyMap<string, Part> => {
    const outcome = compiler.compile(compileInput(texts), null);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
    const table = outcome.value.resource('', { type: 'RouteConfiguration', name: 'web' });
    return new Map((table?.parts ?? []).map((part) => [part.key, part]));
  };
  const before = partsOf(TEXTS);
  const after = partsOf({ ...TEXTS, 'wide.yaml': wide('two') });
  expect([...before.keys()]).toEqual([
    '',
    '*.test/wide#/wide',
    'a.test/a#/a',
    'a.test/wide#/wide',
    'b.test/b#/b',
  ]);
  // One rule, whichever host has it: refusals lead to its text.
  const inherited = after.get('a.test/wide#/wide');
  const own = after.get('*.test/wide#/wide');
  expect(inherited?.hash).toBe(own?.hash);
  expect(inherited?.origins).toEqual(own?.origins);
  expect(inherited?.hash).not.toBe(before.get('a.test/wide#/wide')?.hash);
  expect(after.get('a.test/a#/a')).not.toBe(before.get('a.test/a#/a'));
  expect(after.get('b.test/b#/b')).toBe(before.get('b.test/b#/b'));
});
