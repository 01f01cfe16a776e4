import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS, isDocumentPath, parseSettings } from './index.ts';

test.each([
  ['absent', null, {}],
  ['empty', '', {}],
  ['comments', '# none\n', {}],
  ['language', 'language: 1\n', {}],
  [
    'everything',
    'ignore: [vendor/]\nallowPaths: [/etc/certs]\ndrainTime: 5m\nenvoy: "1.39"\n' +
      'maxRemovals: 20%\nmaxGrowth: 3\n' +
      'owners: [{paths: a/**, names: [a/*], hosts: [A.test]}, {paths: [b], names: b}]\n',
    {
      ignore: ['vendor/'],
      allowPaths: ['/etc/certs'],
      drainTimeMs: 300_000,
      envoy: '1.39',
      maxRemovals: 0.2,
      maxGrowth: 3,
      owners: [
        { paths: ['a/**'], names: ['a/*'], hosts: ['a.test'] },
        { paths: ['b'], names: ['b'], hosts: null },
      ],
    },
  ],
])('reads settings: %s', (_name, text, expected) => {
  expect(parseSettings('helve.yaml', text)).toEqual({
    settings: { ...DEFAULT_SETTINGS, ...expected },
    diagnostics: [],
  });
});

test.each([
  ['another language', 'language: 2', 'LANGUAGE_VERSION:1:11'],
  ['unknown', 'ignor: []', 'SCHEMA_UNKNOWN_FIELD:1:1'],
  ['later', 'publish: auto', 'SCHEMA_UNKNOWN_FIELD:1:1'],
  ['negated', 'ignore: ["!x"]', 'SCHEMA_PATH:1:10'],
  ['drain time', 'drainTime: 5', 'SCHEMA_DURATION:1:12'],
  ['a number for a release', 'envoy: 1.40', 'SCHEMA_TYPE:1:8'],
  ['removals', 'maxRemovals: 101%', 'SCHEMA_RANGE:1:14'],
  ['removals as a number', 'maxRemovals: 0.5', 'SCHEMA_PERCENT:1:14'],
  ['growth', 'maxGrowth: 0', 'SCHEMA_RANGE:1:12'],
  ['an owner of everything', 'owners: [{paths: a}]', 'SCHEMA_REQUIRED:1:10'],
  ['a name that is none', 'owners: [{paths: a, names: A}]', 'NAME_INVALID:1:28'],
  ['a path out of the root', 'owners: [{paths: ../a, names: a}]', 'SCHEMA_PATH:1:18'],
  ['two documents', 'language: 1\n---\nlanguage: 1', 'YAML_MULTI_DOC:3:1'],
  ['syntax', 'ignore: [', 'YAML_SYNTAX:1:9'],
])('refuses settings: %s', (_name, text, expected) => {
  const { settings, diagnostics } = parseSettings('helve.yaml', text);
  const found = diagnostics.map(({ code, span }) => `${code}:${span?.line ?? 0}:${span?.col ?? 0}`);
  expect(found).toEqual([expected]);
  expect(settings).toEqual(DEFAULT_SETTINGS);
});

const ignore = ['compose.yml', 'charts/**', '/top.yaml', 'vendor/', '*.gen.yaml', 'a/*/c.yaml'];

test.each([
  ['a.yaml', true],
  ['deep/er/a.yml', true],
  ['a.json', true],
  ['a.txt', false],
  ['.a.yaml', false],
  ['.git/a.yaml', false],
  ['..data/a.yaml', false],
  ['a.yaml~', false],
  ['a.yaml.swp', false],
  ['#a.yaml#', false],
  ['.#a.yaml', false],
  ['bak~/a.yaml', false],
  ['node_modules/a.yaml', false],
  ['x/node_modules/y/a.yaml', false],
  ['node_modules.yaml', true],
  ['helve.yaml', false],
  ['not-helve.yaml', true],
  ['a.test.yaml', false],
  ['a.YAML', true],
  ['compose.yml', false],
  ['x/compose.yml', false],
  ['compose.yml.yaml', true],
  ['charts/a.yaml', false],
  ['x/charts/a.yaml', true],
  ['top.yaml', false],
  ['x/top.yaml', true],
  ['x/vendor/y/a.yaml', false],
  ['x/b.gen.yaml', false],
  ['a/b/c.yaml', false],
  ['a/b/d/c.yaml', true],
])('which files are documents: %s', (path, expected) => {
  expect(isDocumentPath(path, { ...DEFAULT_SETTINGS, ignore })).toBe(expected);
});
