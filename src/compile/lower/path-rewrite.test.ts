import { expect, test } from 'vitest';
import { pathText, type PathMatch } from '../../model/index.ts';
import { replacePath, replacePrefix, type PathChange } from './path-rewrite.ts';

/** What Envoy does with a path that the rule matched. */
function apply(change: PathChange, match: PathMatch, path: string): string {
  const { prefix_rewrite: prefix, regex_rewrite: regex } = change;
  if (prefix !== undefined) {
    const matched = pathText(match);
    return prefix + path.slice(matched.length);
  }
  if (regex === undefined) return path;
  const text = (regex.substitution ?? '').replaceAll('\\\\', '\\');
  return path.replace(new RegExp(regex.pattern?.regex ?? '', 'g'), () => text);
}

test.each([
  ['/cart', '/', '/cart', '/'],
  ['/cart', '/', '/cart/1', '/1'],
  ['/cart', '/', '/cart//1', '/1'],
  ['/a.b', '/', '/a.b/1', '/1'],
  ['/v1', '/v2', '/v1/x', '/v2/x'],
  ['/v1', '/v2/', '/v1/x', '/v2/x'],
  ['/', '/all', '/x', '/all/x'],
  ['/', '/', '/x', '/x'],
])('prefix %s by %s: %s becomes %s', (prefix, by, path, want) => {
  const match: PathMatch = { kind: 'prefix', prefix };
  expect(apply(replacePrefix(match, by), match, path)).toBe(want);
});

test.each([
  [{ kind: 'prefix', prefix: '/a' }, '/a/b/c', '/one'],
  [{ kind: 'path', path: '/a' }, '/a', '/one'],
  [{ kind: 'prefix', prefix: '/' }, '/', '/o\\1'],
] as const)('the whole path of %j: %s becomes %s', (match, path, want) => {
  expect(apply(replacePath(match, want), match, path)).toBe(want);
});
