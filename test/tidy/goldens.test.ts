import { expect, test } from 'vitest';
import { z } from 'zod';
import { isMap, type Json } from '../../src/model/index.ts';
import { KINDS } from '../../src/model/kinds/table.ts';
import { readText } from '../../src/model/yaml/read.ts';
import { fieldsOf, keysIn, nodeOf } from './schema-fields.ts';
import { projectFiles, read } from './tree.ts';

// What is in no case that compiles is proven to no Envoy: `test/system/golden.test.ts` gives each
// of them to those that its floor allows.

/** What the schema has and no folder may: ends of paths, each with the reason. */
const NEVER: ReadonlyMap<string, string> = new Map([
  ['.http.http3: true', 'it is read to say that there is no HTTP/3 yet'],
  ['.rateLimit[].failOpen: true', 'it is read to say that nothing fails with scope: node'],
]);
const isNever = (path: string): boolean => [...NEVER.keys()].some((end) => path.endsWith(end));

const files = projectFiles().filter((path) => path.startsWith('test/golden/'));
const folderOf = (path: string): string => path.split('/').slice(0, 3).join('/');
const accepted = new Set(
  files.filter((path) => /\/want\.(?:[^/]*\.)?yaml$/.test(path)).map(folderOf),
);
const documents = files
  .filter((path) => accepted.has(folderOf(path)) && /\.(?:yaml|yml|json)$/.test(path))
  .filter((path) => !/\/(?:want\.[^/]*|helve\.yaml)$/.test(path))
  .flatMap((path) => readText(path, read(path)).documents.map(({ value }) => value));

/** What every document may have is the same in all kinds, and is shown by one. */
const HEAD = new Set(['kind', 'name', 'owner', 'description', 'labels']);

const kinds = Object.entries(KINDS).map(([kind, { schema }]) => ({
  kind,
  node: nodeOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })),
}));

const isOfKind = (value: Json | undefined, kind: string): boolean =>
  isMap(value) && value['kind'] === kind;

const shown = new Set(
  kinds.flatMap(({ kind, node }) =>
    documents.filter((value) => isOfKind(value, kind)).flatMap((value) => keysIn(node, value)),
  ),
);

test.each(kinds)('a golden case that compiles has each field of a $kind', ({ kind, node }) => {
  const missing = [...fieldsOf(node, kind)].filter(([key]) => !shown.has(key));
  const paths = missing.map(([, path]) => path).filter((path) => !isOfHead(path));
  expect(paths.filter((path) => !isNever(path))).toEqual([]);
});

test.each([...NEVER])('no case has %s: %s', (end) => {
  const own = kinds.flatMap(({ kind, node }) =>
    [...fieldsOf(node, kind)].filter(([, path]) => path.endsWith(end)),
  );
  expect(own).not.toEqual([]);
  expect(own.filter(([key]) => shown.has(key))).toEqual([]);
});

test.each([...HEAD])('some document has %s', (name) => {
  expect(documents.filter((value) => isMap(value) && name in value)).not.toEqual([]);
});

const isOfHead = (path: string): boolean => HEAD.has(path.replace(/^\w+\./, ''));
