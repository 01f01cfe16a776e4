import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatSpan, type Diagnostic } from '../base/index.ts';
import { applyDelta, createInterner, type RevisionDelta } from '../snapshot/index.ts';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { createCompiler, type Compilation, type Compiler } from './index.ts';

const schema = openGenerated();
const newCompiler = (): Compiler =>
  createCompiler({ schema, version: 'test', forbiddenUpstreams: ['127.0.0.1:9901'] });

type Texts = Readonly<Record<string, string>>;
const lines = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map((d) => `${d.span === null ? '-' : formatSpan(d.span)} ${d.code}`);

const bytesOf = (delta: RevisionDelta): unknown => [
  delta.id,
  delta.views,
  delta.changes,
  delta.put.map((r) => [
    r.type,
    r.name,
    r.version,
    Buffer.from(r.bytes).toString('hex'),
    r.parts,
    r.refs,
  ]),
  delta.warnings,
];

const wholeOf = (compilation: Compilation): unknown => bytesOf(compilation.delta(null));

const LISTENER = 'kind: Listener\nname: web\nport: 8080\n';
const ROUTE = 'kind: Route\nname: shop\nhosts: [shop.test]\nto: cart\n';
const CLUSTER = 'kind: Cluster\nname: cart\nendpoints: ["10.0.0.1:80"]\n';
const BASE: Texts = { 'web.yaml': LISTENER, 'shop.yaml': ROUTE, 'cart.yaml': CLUSTER };
const raw = (type: string, body: string): string =>
  `resources:\n- "@type": type.googleapis.com/envoy.${type}\n${body}`;

interface Row {
  readonly name: string;
  readonly texts: Texts;
  readonly want: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    name: 'a reference to nothing',
    texts: { ...BASE, 'shop.yaml': ROUTE.replace('cart', 'crat') },
    want: ['shop.yaml:4:5 REF_NOT_FOUND'],
  },
  {
    name: 'two documents of one name',
    texts: { ...BASE, 'cart2.yaml': CLUSTER },
    want: ['cart2.yaml:2:7 NAME_DUPLICATE'],
  },
  {
    name: 'raw and native of one name',
    texts: {
      ...BASE,
      'raw.yaml': raw('config.cluster.v3.Cluster', '  name: cart\n  connect_timeout: 1s\n'),
    },
    want: ['raw.yaml:2:3 NAME_DUPLICATE'],
  },
  {
    name: 'a forbidden upstream',
    texts: { ...BASE, 'cart.yaml': CLUSTER.replace('10.0.0.1:80', '169.254.169.254:80') },
    want: ['cart.yaml:3:13 UPSTREAM_FORBIDDEN'],
  },
  {
    name: "the proxy's own admin by another name",
    texts: { ...BASE, 'cart.yaml': CLUSTER.replace('10.0.0.1:80', 'localhost:9901') },
    want: ['cart.yaml:3:13 UPSTREAM_FORBIDDEN'],
  },
  {
    name: 'an upstream that is the listener',
    texts: { ...BASE, 'cart.yaml': CLUSTER.replace('10.0.0.1:80', '127.0.0.1:8080') },
    want: ['cart.yaml:3:13 UPSTREAM_LOOP'],
  },
  {
    name: 'two listeners on one address',
    texts: {
      ...BASE,
      'web2.yaml': LISTENER.replace('web', 'web2'),
      'shop.yaml': ROUTE.replace('hosts', 'listeners: [web]\nhosts'),
    },
    want: ['web2.yaml:3:7 LISTENER_CONFLICT'],
  },
  {
    name: 'an unknown field of a raw resource',
    texts: { 'raw.yaml': raw('config.cluster.v3.Cluster', '  name: raw\n  typ: STATIC\n') },
    want: ['raw.yaml:4:3 SCHEMA_UNKNOWN_FIELD'],
  },
  {
    name: 'a type that is not served',
    texts: { 'raw.yaml': raw('config.cluster.v3.Clutser', '  name: raw\n') },
    want: ['raw.yaml:2:12 PROTO_TYPE'],
  },
  {
    name: 'a raw resource without a name',
    texts: { 'raw.yaml': raw('config.cluster.v3.Cluster', '  connect_timeout: 1s\n') },
    want: ['raw.yaml:2:3 RESOURCE_NAME'],
  },
  {
    name: 'a TTL',
    texts: {
      'raw.yaml': raw(
        'service.discovery.v3.Resource',
        '  ttl: 5s\n  resource:\n' +
          '    "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment\n' +
          '    cluster_name: a\n',
      ),
    },
    want: ['raw.yaml:3:8 RESOURCE_TTL'],
  },
  { name: 'no documents', texts: {}, want: ['- SOURCE_INCOMPLETE'] },
];

/** One error each: what refers to something that is wrong itself is no finding of its own. */
const FOLLOW_UPS: readonly Row[] = [
  {
    name: 'a Cluster with a wrong field',
    texts: { ...BASE, 'cart.yaml': `${CLUSTER}naem: x\n` },
    want: ['cart.yaml:4:1 SCHEMA_UNKNOWN_FIELD'],
  },
  {
    name: 'a Cluster that is no YAML',
    texts: { ...BASE, 'cart.yaml': `${CLUSTER}x: [\n` },
    want: ['cart.yaml:4:4 YAML_SYNTAX'],
  },
  {
    name: 'a Cluster without endpoints',
    texts: { ...BASE, 'cart.yaml': 'kind: Cluster\nname: cart\n' },
    want: ['cart.yaml:1:1 SCHEMA_REQUIRED'],
  },
  {
    name: 'Endpoints that do not read',
    texts: {
      ...BASE,
      'cart.yaml': 'kind: Cluster\nname: cart\n',
      'e.yaml': 'kind: Endpoints\nname: cart\nendpoints: [nonsense]\n',
    },
    want: ['e.yaml:3:13 SCHEMA_ADDRESS'],
  },
  {
    name: 'a Listener with a wrong field',
    texts: { ...BASE, 'web.yaml': LISTENER.replace('8080', '"x"') },
    want: ['web.yaml:3:7 SCHEMA_TYPE'],
  },
  {
    name: 'a raw cluster with a wrong field',
    texts: {
      ...BASE,
      'cart.yaml': raw('config.cluster.v3.Cluster', '  name: cart\n  typ: STATIC\n'),
    },
    want: ['cart.yaml:4:3 SCHEMA_UNKNOWN_FIELD'],
  },
  {
    name: 'a raw cluster whose type is misspelt',
    texts: { ...BASE, 'cart.yaml': raw('config.cluster.v3.Clutser', '  name: cart\n') },
    want: ['cart.yaml:2:12 PROTO_TYPE'],
  },
  {
    name: 'raw endpoints that are forbidden',
    texts: {
      ...BASE,
      'cart.yaml': raw(
        'config.cluster.v3.Cluster',
        '  name: cart\n  type: EDS\n  eds_cluster_config: {eds_config: {ads: {}}}\n',
      ),
      'e.yaml': raw(
        'config.endpoint.v3.ClusterLoadAssignment',
        '  cluster_name: cart\n  endpoints: [{lb_endpoints: [{endpoint: {address: ' +
          '{socket_address: {address: 127.0.0.1, port_value: 9901}}}}]}]\n',
      ),
    },
    want: ['e.yaml:4:52 UPSTREAM_FORBIDDEN'],
  },
  {
    name: 'the address of a rule',
    texts: { ...BASE, 'shop.yaml': ROUTE.replace('cart', '"127.0.0.1:9901"') },
    want: ['shop.yaml:4:5 UPSTREAM_FORBIDDEN'],
  },
];

test.each(FOLLOW_UPS)('one finding: $name', ({ texts, want }) => {
  const { diagnostics } = newCompiler().compile(compileInput(texts), null);
  expect(lines(diagnostics), JSON.stringify(diagnostics)).toEqual(want);
});

interface Removal {
  readonly name: string;
  readonly before: Texts;
  readonly after: Texts;
  readonly want: string;
}

const WITHOUT_CLUSTER: Texts = { 'web.yaml': LISTENER, 'shop.yaml': ROUTE };
const RAW_CLUSTER = raw('config.cluster.v3.Cluster', '  name: cart\n  connect_timeout: 1s\n');
const REMOVALS: readonly Removal[] = [
  {
    name: 'a Cluster',
    before: BASE,
    after: WITHOUT_CLUSTER,
    want:
      'REF_IN_USE cluster "cart" was removed but rule "/" of "shop" still refers to it; ' +
      'remove the reference too, or restore it',
  },
  {
    name: 'a raw cluster',
    before: { ...BASE, 'cart.yaml': RAW_CLUSTER },
    after: WITHOUT_CLUSTER,
    want:
      'REF_IN_USE cluster "cart" was removed but rule "/" of "shop" still refers to it; ' +
      'remove the reference too, or restore it',
  },
  {
    name: 'a Cluster that was renamed',
    before: BASE,
    after: { ...BASE, 'cart.yaml': CLUSTER.replace('cart', 'carts') },
    want:
      'REF_IN_USE cluster "cart" was removed but rule "/" of "shop" still refers to it; ' +
      'did you mean "carts"? (cart.yaml:2)',
  },
  {
    name: 'what never was',
    before: BASE,
    after: { ...BASE, 'shop.yaml': ROUTE.replace('cart', 'other') },
    want:
      'REF_NOT_FOUND rule "/" of "shop": cluster "other" does not exist; ' +
      'define it, or correct the name',
  },
];

test.each(REMOVALS)('still referred to: $name', ({ before, after, want }) => {
  const compiler = newCompiler();
  const base = compiler.compile(compileInput(before), null);
  if (!base.ok) throw new Error(JSON.stringify(base.diagnostics));
  const next = compiler.compile(compileInput(after), { base: base.value, allowRemovals: null });
  const errors = next.diagnostics.filter((d) => d.severity === 'error');
  expect(errors.map((d) => `${d.code} ${d.message}`)).toEqual([want]);
});

test.each(ROWS)('$name', ({ texts, want }) => {
  const outcome = newCompiler().compile(compileInput(texts), null);
  const errors = outcome.diagnostics.filter((d) => d.severity === 'error');
  expect(outcome.ok).toBe(false);
  expect(lines(errors)).toEqual(want);
});

/** One file of the random trees: absent where its text is null. */
const NAMES = ['a', 'b', 'c'] as const;
const name = fc.constantFrom(...NAMES);
const file = fc.oneof(
  fc.record({
    path: name,
    text: name.map((n) => `kind: Listener\nname: ${n}\nport: ${8000 + n.charCodeAt(0)}\n`),
  }),
  fc.record({
    path: fc.constantFrom('r1', 'r2', 'r3'),
    text: fc
      .tuple(name, name, name, fc.constantFrom('/', '/x', '/y'))
      .map(
        ([n, listener, to, prefix]) =>
          `kind: Route\nname: ${n}\nlisteners: [${listener}]\n` +
          `match: {prefix: ${prefix}}\nto: ${to}\n`,
      ),
  }),
  fc.record({
    path: fc.constantFrom('c1', 'c2', 'c3'),
    text: fc
      .tuple(name, fc.integer({ min: 1, max: 3 }))
      .map(([n, last]) => `kind: Cluster\nname: ${n}\nendpoints: ["10.0.0.${last}:80"]\n`),
  }),
  fc.record({
    path: fc.constantFrom('x1', 'x2'),
    text: name.map((n) =>
      raw(
        'config.cluster.v3.Cluster',
        `  name: raw-${n}\n  type: EDS\n` +
          `  eds_cluster_config: {eds_config: {ads: {}}, service_name: ${n}}\n`,
      ),
    ),
  }),
  fc.record({
    path: fc.constantFrom('a', 'r1', 'r2', 'r3', 'c1', 'c2', 'c3', 'x1', 'x2'),
    text: fc.constant(null),
  }),
);

describe('laws', () => {
  test('incremental is from scratch, byte for byte, and a delta leads to the target', () => {
    fc.assert(
      fc.property(fc.array(file, { minLength: 1, maxLength: 40 }), (edits) => {
        const compiler = newCompiler();
        const interner = createInterner();
        let texts: Record<string, string> = {};
        let base: Compilation | null = null;
        let revision = null;
        for (const { path, text } of edits) {
          const others = Object.fromEntries(
            Object.entries(texts).filter(([key]) => key !== `${path}.yaml`),
          );
          texts = text === null ? others : { ...others, [`${path}.yaml`]: text };
          const guard = base === null ? null : { base, allowRemovals: 100 };
          const outcome = compiler.compile(compileInput(texts), guard);
          const shuffled = Object.fromEntries(Object.entries(texts).reverse());
          const fresh = newCompiler().compile(
            compileInput(shuffled),
            guard === null ? null : guard,
          );
          expect(outcome.ok).toBe(fresh.ok);
          expect(outcome.diagnostics).toEqual(fresh.diagnostics);
          if (!outcome.ok || !fresh.ok) continue;
          expect(wholeOf(outcome.value)).toEqual(wholeOf(fresh.value));
          const delta = outcome.value.delta(base);
          revision = applyDelta(interner, revision, delta);
          const target = applyDelta(interner, null, outcome.value.delta(null));
          for (const [view, snapshot] of target.views) {
            expect(revision.views.get(view)?.id).toBe(snapshot.id);
          }
          for (const resource of outcome.value.resources('')) {
            for (const ref of resource.refs) {
              expect(outcome.value.resource('', ref)).not.toBeNull();
            }
          }
          base = outcome.value;
        }
      }),
      { numRuns: 60 },
    );
  });
});
