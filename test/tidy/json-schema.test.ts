import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  documentsSchema,
  KIND_NAMES,
  kindSchema,
  parseFile,
  parseSettings,
  settingsSchema,
} from '../../src/model/index.ts';
import { readText } from '../../src/model/yaml/read.ts';
import { projectFiles, read } from './tree.ts';

// An independent validator that is there already: what checks the bodies of the admin API.
const ofFastify = createRequire(createRequire(import.meta.url).resolve('fastify'));
const ofCompiler = createRequire(ofFastify.resolve('@fastify/ajv-compiler'));
const made: unknown = ofCompiler('ajv/dist/2020');
const Ajv = z.custom<AjvClass>((value) => typeof value === 'function').parse(made);

type AjvClass = new (options: object) => { compile(schema: object): Check };
interface Check {
  (value: unknown): boolean;
  readonly errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null;
}

const ajv = new Ajv({
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  allErrors: true,
});
const isDocument = ajv.compile(documentsSchema());
const isSettings = ajv.compile(settingsSchema());

const paths = projectFiles().filter(
  (path) =>
    /^(?:examples|test\/(?:golden|samples))\/.*\.ya?ml$/.test(path) &&
    !/\/(?:want\.[^/]*|helve\.yaml)$/.test(path),
);

/** What the schema leaves to `validate`: what takes two fields, a sum, or a parser of its own. */
const UNSEEN: readonly RegExp[] = [
  /^(?!SCHEMA_)/,
  /^SCHEMA_DUPLICATE/,
  /^SCHEMA_IP: "[\d.:a-f]+" is not an IP address/,
  /^SCHEMA_CIDR: .* is not where a range begins/,
  /^SCHEMA_HEADER_VALUE: Envoy has no command/,
  /^SCHEMA_FORMAT/,
];

interface Written {
  readonly name: string;
  readonly value: unknown;
  /** Codes and messages; empty where helve takes it. */
  readonly found: readonly string[];
}

function writtenIn(path: string, text: string): readonly Written[] {
  const parsed = parseFile(path, text);
  const good = new Set(parsed.documents.map(({ id }) => Number(id.slice(id.lastIndexOf('#') + 1))));
  const errors = parsed.diagnostics.filter(({ severity }) => severity === 'error');
  const { documents, locator } = readText(path, text);
  const lineOf = (index: number): number =>
    index === documents.length ? Infinity : locator.pointer(index, '').line;
  return documents.flatMap(({ value, isEmpty }, index) => {
    // Neither a document nor an error: a file that is ignored.
    if (isEmpty || (!good.has(index) && errors.length === 0)) return [];
    const [from, to] = [index === 0 ? 0 : lineOf(index), lineOf(index + 1)];
    const own = errors.filter(({ span }) => (span?.line ?? 0) >= from && (span?.line ?? 0) < to);
    const found = good.has(index) ? [] : own.map(({ code, message }) => `${code}: ${message}`);
    return [{ name: `${path}#${index}`, value, found }];
  });
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const words = ({ errors }: Check): string =>
  (errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`).join('; ');

test('every document that helve takes satisfies the schema', () => {
  let count = 0;
  const wrong = paths.flatMap((path) =>
    writtenIn(path, read(path)).flatMap(({ name, value, found }) => {
      if (found.length > 0) return [];
      count += 1;
      return isDocument(plain(value)) ? [] : [`${name}: ${words(isDocument)}`];
    }),
  );
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(200);
});

test.each(paths.filter((path) => path.startsWith('test/samples/SCHEMA_')))(
  '%s does not, but for what no schema can tell',
  (path) => {
    const passed = writtenIn(path, read(path)).flatMap(({ value, found }) => {
      const seen = found.filter((one) => !UNSEEN.some((pattern) => pattern.test(one)));
      return seen.length === 0 || !isDocument(plain(value)) ? [] : seen;
    });
    expect(passed).toEqual([]);
  },
);

// One way to go wrong for each code that a schema can see, beside those of the goldens.
test.each([
  ['SCHEMA_UNKNOWN_FIELD', 'kind: Listener\nname: web\nport: 80\nprot: 1\n'],
  ['SCHEMA_KIND', 'kind: Router\nname: web\n'],
  ['SCHEMA_REQUIRED', 'kind: Listener\nname: web\n'],
  ['SCHEMA_REQUIRED', 'name: web\nport: 80\n'],
  ['SCHEMA_TYPE', 'kind: Listener\nname: web\nport: "80"\n'],
  ['SCHEMA_RANGE', 'kind: Listener\nname: web\nport: 65536\n'],
  ['SCHEMA_ENUM', 'kind: Listener\nname: web\nport: 80\nprotocol: ftp\n'],
  ['SCHEMA_NULL', 'kind: Listener\nname: web\nport: 80\nprotocol: null\n'],
  ['SCHEMA_ONE_OF', 'kind: Route\nname: r\nto: a\nrespond: {status: 200}\n'],
  ['SCHEMA_DURATION', 'kind: Route\nname: r\nto: a\ntimeout: 3 sec\n'],
  ['SCHEMA_PERCENT', 'kind: Cluster\nname: c\nendpoints: ["10.0.0.1:80"]\npanic: half\n'],
  ['SCHEMA_HOST', 'kind: Route\nname: r\nhosts: ["a.example:80"]\nto: a\n'],
  ['SCHEMA_ADDRESS', 'kind: Cluster\nname: c\nendpoints: ["10.0.0.1"]\n'],
  ['SCHEMA_IP', 'kind: Listener\nname: web\nport: 80\naddress: localhost\n'],
  ['SCHEMA_PATH', 'kind: Route\nname: r\nmatch: {path: cart}\nto: a\n'],
  ['SCHEMA_HEADER_NAME', 'kind: Route\nname: r\nheaders: {request: {remove: [":path"]}}\nto: a\n'],
  [
    'SCHEMA_HEADER_VALUE',
    'kind: Route\nname: r\nheaders: {request: {set: {a: "\\r\\n"}}}\nto: a\n',
  ],
  ['NAME_INVALID', 'kind: Listener\nname: Web\nport: 80\n'],
  ['POLICY_PLACE', 'kind: Route\nname: r\nto: [{cluster: a, jwt: none}]\n'],
])('%s is seen by an editor too', (code, text) => {
  const [written] = writtenIn('a.yaml', text);
  expect(written?.found.join()).toContain(code);
  expect(isDocument(plain(written?.value))).toBe(false);
});

test('the schema of one kind takes documents of that kind alone', () => {
  const kinds = new Map(KIND_NAMES.map((kind) => [kind, ajv.compile(kindSchema(kind))]));
  const seen = new Set<string>();
  for (const path of paths.filter((one) => one.startsWith('test/golden/'))) {
    for (const { name, value, found } of writtenIn(path, read(path))) {
      const { kind } = z.looseObject({ kind: z.string().optional() }).parse(plain(value));
      if (kind === undefined || found.length > 0) continue;
      seen.add(kind);
      const taken = [...kinds].flatMap(([one, check]) => (check(plain(value)) ? [one] : []));
      expect(taken, name).toEqual([kind]);
    }
  }
  expect([...seen].sort()).toEqual(KIND_NAMES);
});

test.each<[string, boolean]>([
  ['language: 1\nignore: ["*.gen.yaml"]\ndrainTime: 60s\nenvoy: "1.38"\nmaxRemovals: 20%\n', true],
  ['language: 2\n', false],
  ['envoy: 1.40\n', false],
  ['drainTime: 60\n', false],
  ['ignored: []\n', false],
])('the schema of helve.yaml and %j', (text, isRight) => {
  const [document] = readText('helve.yaml', text).documents;
  expect(isSettings(plain(document?.value))).toBe(isRight);
  expect(parseSettings('helve.yaml', text).diagnostics.length === 0).toBe(isRight);
});

interface Node {
  readonly [key: string]: unknown;
}
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function* nodesIn(value: unknown): Generator<Node> {
  if (!isNode(value)) return;
  yield value;
  for (const part of Object.values(value)) yield* nodesIn(part);
}

test('what is said to be a default satisfies its own field', () => {
  const nodes = [...nodesIn(documentsSchema())].filter(
    ({ default: given }) => typeof given === 'string' || Number(given) >= 0,
  );
  expect(nodes.length).toBeGreaterThan(20);
  expect(nodes.filter((node) => !ajv.compile(node)(node['default']))).toEqual([]);
  const timeout = nodes.find(({ description }) =>
    /For the whole response/.test(String(description)),
  );
  expect(timeout?.['default']).toBe('15s');
});
