import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CART, LISTENER, listener, one, raw, route, type Case } from './reliability-case.ts';

const levels = (count: number): string =>
  Array.from({ length: count }, (_, level) => `${' '.repeat(level)}a:\n`).join('');

const BOMB = 'bcdefghi'
  .split('')
  .reduce<readonly string[]>(
    (lines, name, index) => {
      const before = 'abcdefgh'[index] ?? '';
      return [...lines, `  ${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]`];
    },
    ['resources:', '- "@type": x', '  a: &a [x,x,x,x,x,x,x,x,x]'],
  )
  .join('\n');

/** Texts that are not YAML or JSON, or not what we take of them. */
export const SYNTAX_CASES: readonly Case[] = [
  {
    id: 'Y1',
    what: 'a tab as indentation',
    files: one('kind: Cluster\nname: cart\ntimeouts:\n\tconnect: 1s\n'),
    found: ['a.yaml:4:1 YAML_SYNTAX tabs are not allowed as indentation; use spaces'],
  },
  {
    id: 'Y2',
    what: 'a key twice',
    files: listener('port: 8081'),
    found: ['a.yaml:5:1 YAML_DUPLICATE_KEY the key "port" stands twice'],
  },
  {
    id: 'Y3',
    what: 'an open quote',
    files: one('kind: Cluster\nname: "cart\n'),
    found: ['a.yaml:2:7 YAML_SYNTAX the quote " is never closed'],
  },
  {
    id: 'Y3',
    what: 'an open bracket',
    files: one('kind: Cluster\nname: cart\nendpoints: [10.0.0.1:80\nprotocol: http2\n'),
    found: ['a.yaml:3:12 YAML_SYNTAX "[" is never closed; add the missing "]"'],
  },
  {
    id: 'Y4',
    what: 'two documents where one is expected',
    files: {
      'helve.yaml': 'language: 1\n---\nignore: [x]\n',
      'a.yaml': `${LISTENER}to: 10.0.0.1:80\n`,
    },
    found: [
      'helve.yaml:3:1 YAML_MULTI_DOC settings are one document; join them, or remove the ---',
    ],
  },
  {
    id: 'Y5',
    what: 'a hundred thousand brackets',
    files: one('['.repeat(100_000)),
    found: ['a.yaml:1:65 YAML_TOO_DEEP nesting is deeper than 64 levels'],
  },
  {
    id: 'Y6',
    what: 'three thousand levels of indentation',
    files: one(levels(2_500)),
    found: ['a.yaml:65:65 YAML_TOO_DEEP nesting is deeper than 64 levels'],
  },
  {
    id: 'Y7',
    what: 'an alias bomb',
    files: one(`${BOMB}\n`),
    found: ['a.yaml:9:13 YAML_ALIAS_LIMIT aliases of a file may expand to at most'],
  },
  {
    id: 'Y8',
    what: 'an alias of what contains it',
    files: one(`${CART}labels: &a {b: *a}\n`),
    found: ['a.yaml:4:16 YAML_ALIAS_CYCLE the alias *a refers to a node that contains it'],
  },
  {
    id: 'Y9',
    what: 'a merge key that would bring all that is missing',
    files: one('kind: Listener\n<<: {name: web, port: 8080}\n'),
    found: ['a.yaml:2:1 YAML_MERGE_KEY merge keys (<<) are not supported; write the fields out'],
  },
  {
    id: 'Y9',
    what: 'a merge key that would bring the kind',
    files: one('<<: {kind: Listener}\nname: web\n'),
    found: ['a.yaml:1:1 YAML_MERGE_KEY merge keys (<<) are not supported; write the fields out'],
  },
  {
    id: 'Y9',
    what: 'a merge key in raw resources',
    files: raw('- <<: {"@type": x}\n  name: a'),
    found: ['a.yaml:2:3 YAML_MERGE_KEY merge keys (<<) are not supported; write the fields out'],
  },
  {
    id: 'Y10',
    what: 'YAML 1.1',
    files: one(`%YAML 1.1\n---\n${CART}`),
    found: ['a.yaml:1:1 YAML_VERSION only YAML 1.2 is read; remove the %YAML directive'],
  },
  {
    id: 'Y11',
    what: 'a tag of its own',
    files: one('kind: Cluster\nname: !foo cart\n'),
    found: ['a.yaml:2:7 YAML_TAG tags are not allowed'],
  },
  {
    id: 'Y11',
    what: 'a tag that makes a function',
    files: one('kind: Cluster\nname: !!js/function "x"\n'),
    found: ['a.yaml:2:7 YAML_TAG tags are not allowed'],
  },
  {
    id: 'Y12',
    what: 'bytes',
    files: one('kind: Cluster\nname: !!binary aGk=\n'),
    found: ['a.yaml:2:7 YAML_TAG tags are not allowed'],
  },
  {
    id: 'Y12',
    what: 'a date, which is a text',
    files: one(`${LISTENER}to: 2026-01-01\ndefault: 2026-01-01\n`),
    found: ['a.yaml:6:10 SCHEMA_TYPE expected true or false, got the string "2026-01-01"'],
  },
  {
    id: 'Y13',
    what: 'a map as a key',
    files: one('kind: Cluster\n? {a: 1}\n: cart\n'),
    found: ['a.yaml:2:3 YAML_KEY a key must be a string, got a map; quote it'],
  },
  {
    id: 'Y13',
    what: 'a number as a key',
    files: one(`${CART}labels: {1: a}\n`),
    found: ['a.yaml:4:10 YAML_KEY a key must be a string, got the number 1; quote it'],
  },
  ...['__proto__', 'constructor', 'prototype'].map((key): Case => ({
    id: 'Y14',
    what: key,
    files: one(`kind: Cluster\n${key}: {name: cart}\n`),
    found: [`a.yaml:2:1 YAML_RESERVED_KEY the key "${key}" is reserved; choose another name`],
  })),
  {
    id: 'Y15',
    what: 'bytes that are no UTF-8',
    files: {},
    prepare: (source) => {
      writeFileSync(join(source, 'a.yaml'), Buffer.from([...Buffer.from('kind: '), 0xff, 10]));
    },
    found: ['a.yaml:1:1 FILE_ENCODING a.yaml: it is not UTF-8 (first wrong byte at offset 6)'],
  },
  {
    id: 'Y15',
    what: 'UTF-16',
    files: {},
    prepare: (source) => {
      writeFileSync(join(source, 'a.yaml'), Buffer.from(`\uFEFF${CART}`, 'utf16le'));
    },
    found: ['a.yaml:1:1 FILE_ENCODING a.yaml: it is not UTF-8 (first wrong byte at offset 0)'],
  },
  {
    id: 'Y15',
    what: 'half of a surrogate pair',
    files: one('kind: Cluster\nname: "\\ud800"\n'),
    found: ['a.yaml:2:7 FILE_ENCODING the string has half of a surrogate pair'],
  },
  {
    id: 'Y16',
    what: 'NUL',
    files: one('kind: Cluster\nname: "ca\0rt"\n'),
    found: ['a.yaml:2:10 STRING_CONTROL_CHAR the file has the control character U+0000; remove it'],
  },
  {
    id: 'Y16',
    what: 'NUL by an escape',
    files: one('kind: Cluster\nname: "ca\\0rt"\n'),
    found: ['a.yaml:2:7 STRING_CONTROL_CHAR the string has a control character; remove the escape'],
  },
  {
    id: 'Y16',
    what: 'NUL by an escape in a key',
    files: one('kind: Cluster\n"na\\0me": cart\n'),
    found: ['a.yaml:2:1 STRING_CONTROL_CHAR the string has a control character; remove the escape'],
  },
  {
    id: 'Y17',
    what: 'a number with a leading zero',
    files: route('to: {cart: 0777}'),
    found: ['a.yaml:4:12 NUMBER_FORM 0777 has a leading zero, which some readers take as octal'],
  },
  {
    id: 'Y18',
    what: 'a number that no double holds',
    files: one('kind: Listener\nname: web\nport: 12345678901234567890\n'),
    found: ['a.yaml:3:7 NUMBER_RANGE the number 12345678901234567890 cannot be held exactly'],
  },
  ...['.inf', '.nan', '1e400'].map((number): Case => ({
    id: 'Y19',
    what: number,
    files: one(`kind: Listener\nname: web\nport: ${number}\n`),
    found: [`a.yaml:3:7 NUMBER_FINITE ${number} is not a finite number`],
  })),
  {
    id: 'Y20',
    what: 'a file of comments',
    files: { 'a.yaml': '# nothing yet\n', 'web.yaml': `${LISTENER}to: 10.0.0.1:80\n` },
    found: ['a.yaml:1:1 DOC_EMPTY the file has no document; delete it, or write `resources: []`'],
  },
  {
    id: 'Y22',
    what: 'yes',
    files: listener('to: 10.0.0.1:80\ndefault: yes'),
    found: [
      'a.yaml:6:10 SCHEMA_TYPE expected true or false, got the string "yes"; write true or false',
    ],
  },
  {
    id: 'Y23',
    what: 'a trailing comma in JSON',
    files: { 'a.json': '{"kind": "Cluster", "name": "cart",}' },
    found: ['a.json:1:36 JSON_SYNTAX "}" is not expected here; JSON has double quotes'],
  },
  {
    id: 'Y24',
    what: 'a merge that was not finished',
    files: one(`${CART}<<<<<<< HEAD\nprotocol: http2\n=======\n>>>>>>> other\n`),
    found: ['a.yaml:4:1 FILE_CONFLICT_MARKER the file has merge-conflict markers'],
  },
];
