import { describe, expect, test } from 'vitest';
import { diagnostic, type MaterialValue } from '../base/index.ts';
import { createCompiler, NO_RECENT, noteNames, type CompileInput, type Compiler } from './index.ts';
import type { MaterialFile } from '../model/index.ts';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { issue } from '../../test/system/support/certificates.ts';

const schema = openGenerated();
const newCompiler = (): Compiler =>
  createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });

const T = 'type.googleapis.com/envoy';
const HTTP = `${T}.extensions.filters.http`;

const inputOf = (
  texts: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
  lastGood: ReadonlyMap<string, MaterialValue> = new Map(),
): CompileInput => compileInput(texts, files, { lastGood, now: Date.now() });

const RDS = 'rds: {route_config_name: main, config_source: {ads: {}}}';

const listener = (filters: string): string => `resources:
- "@type": ${T}.config.listener.v3.Listener
  name: web
  address: {socket_address: {address: 127.0.0.1, port_value: 8080}}
  filter_chains:
  - filters:
    - name: hcm
      typed_config:
        "@type": ${T}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
        stat_prefix: web
        ${RDS}
        http_filters: [${filters}{name: router, typed_config: {"@type": ${HTTP}.router.v3.Router}}]
`;

const DENY = `{"@type": ${HTTP}.rbac.v3.RBACPerRoute, rbac: {rules: {action: ALLOW}}}`;
const table = (key: string) => `resources:
- "@type": ${T}.config.route.v3.RouteConfiguration
  name: main
  virtual_hosts:
  - name: all
    domains: ["*"]
    routes:
    - match: {prefix: /}
      direct_response: {status: 200}
      typed_per_filter_config:
        ${key}: ${DENY}
`;
const rbac = (more = '') => `{name: rbac, ${more}typed_config: {"@type": ${HTTP}.rbac.v3.RBAC}}, `;

interface Row {
  readonly name: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly want: readonly string[];
}

const ROWS: readonly Row[] = [
  { name: 'an installed filter', texts: { l: listener(rbac()), r: table('rbac') }, want: [] },
  {
    name: 'a filter that is misspelt in the route',
    texts: { l: listener(rbac()), r: table('rbca') },
    want: ['r.yaml:11 POLICY_FAILS_OPEN'],
  },
  {
    name: 'a filter that the listener lacks',
    texts: { l: listener(''), r: table('rbac') },
    want: ['r.yaml:11 POLICY_FAILS_OPEN'],
  },
  {
    name: 'a security filter that is optional',
    texts: { l: listener(rbac('is_optional: true, ')), r: table('rbac') },
    want: ['l.yaml:12 POLICY_FAILS_OPEN'],
  },
  {
    name: 'ext_authz without a service',
    texts: {
      l: listener(`${rbac()}{name: a, typed_config: {"@type": ${HTTP}.ext_authz.v3.ExtAuthz}}, `),
      r: table('rbac'),
    },
    want: ['l.yaml:12 ENVOY_ABORTS'],
  },
  {
    name: 'a route table that nobody defines',
    texts: { l: listener('') },
    want: ['l.yaml:11 REF_NOT_FOUND'],
  },
  {
    name: 'an extension config that nobody defines',
    texts: {
      l: listener(
        `${rbac()}{name: x, config_discovery: {config_source: {ads: {}}, type_urls: [a]}}, `,
      ),
      r: table('rbac'),
    },
    want: ['l.yaml:12 REF_NOT_FOUND'],
  },
];

test.each(ROWS)('$name', ({ texts, want }) => {
  const files = Object.fromEntries(Object.entries(texts).map(([k, v]) => [`${k}.yaml`, v]));
  const outcome = newCompiler().compile(inputOf(files), null);
  const errors = outcome.diagnostics.filter((d) => d.severity === 'error');
  expect(
    errors.map((d) => `${d.span?.file ?? '-'}:${d.span?.line ?? 0} ${d.code}`),
    JSON.stringify(errors),
  ).toEqual(want);
});

describe('guards', () => {
  const clusters = (count: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [
        `c${i}.yaml`,
        `kind: Cluster\nname: c${i}\nendpoints: ["10.0.0.1:80"]\n`,
      ]),
    );
  const GROWTH = 'maxGrowth: 10\n';
  const SIZES: readonly (readonly [number, number, number | null, string, string | undefined])[] = [
    [30, 1, null, 'GUARD_SHRINK', undefined],
    [30, 1, 28, 'GUARD_SHRINK', undefined],
    [30, 1, 29, '', undefined],
    [30, 15, null, '', undefined],
    [12, 3, null, '', undefined],
    [10, 101, null, 'GUARD_GROWTH', GROWTH],
    [10, 101, 0, '', GROWTH],
    [10, 100, null, '', GROWTH],
    [1, 300, null, '', undefined],
    [3, 0, null, 'SOURCE_INCOMPLETE', undefined],
  ];
  test.each(SIZES)(
    '%i documents → %i, allowed %s: %s',
    (before, now, allowRemovals, want, settings) => {
      const compiler = newCompiler();
      const base = compiler.compile(inputOf(clusters(before)), null);
      if (!base.ok) throw new Error(JSON.stringify(base.diagnostics));
      const texts = {
        ...clusters(now),
        ...(settings === undefined ? {} : { 'helve.yaml': settings }),
      };
      const next = compiler.compile(inputOf(texts), { base: base.value, allowRemovals });
      expect(next.ok ? '' : next.diagnostics[0]?.code).toBe(want);
    },
  );

  test('what accepted texts define is guarded like a compilation of them', () => {
    const raw = Array.from(
      { length: 12 },
      (_, i) => `- {"@type": ${T}.config.cluster.v3.Cluster,
  name: r${i}, type: STATIC, connect_timeout: 1s}\n`,
    );
    const texts = { ...clusters(20), 'raw.yaml': `resources:\n${raw.join('')}` };
    const compiler = newCompiler();
    const base = compiler.compile(inputOf(texts), null);
    if (!base.ok) throw new Error(JSON.stringify(base.diagnostics));
    const map = new Map(Object.entries(texts));
    const names = compiler.namesOfTexts(map);
    expect([...names.entries()].toSorted()).toEqual(
      [...compiler.namesOf(base.value).entries()].map(([key]) => [key, key]).toSorted(),
    );
    const guard = { base: null, allowRemovals: null, accepted: { names, texts: map } };
    const next = compiler.compile(inputOf({ ...clusters(20), 'raw.yaml': 'resources: []' }), guard);
    expect(next.diagnostics[0]?.code).toBe('GUARD_SHRINK');
  });

  test('many small removals are counted together, those of an hour are not', () => {
    const compiler = newCompiler();
    let recent = NO_RECENT;
    const held = (spacingMs: number): number | null => {
      let base = compiler.compile(inputOf(clusters(40)), null);
      recent = NO_RECENT;
      for (let left = 39; left >= 0; left -= 1) {
        if (!base.ok) throw new Error(JSON.stringify(base.diagnostics));
        recent = noteNames(recent, compiler.namesOf(base.value), (40 - left) * spacingMs);
        const guard = {
          base: base.value,
          allowRemovals: null,
          recent: recent.marks.map(({ names }) => names),
        };
        const next = compiler.compile(inputOf(clusters(left)), guard);
        if (!next.ok) return left;
        base = next;
      }
      return null;
    };
    expect(held(200)).toBe(19);
    expect(recent.marks.length).toBeLessThan(10);
    expect(held(2_000)).toBe(19);
    expect(held(60_000)).toBe(0);
  });

  const empty = (text: string): readonly string[] => {
    const compiler = newCompiler();
    const base = compiler.compile(inputOf({ ...clusters(2), 'list.yaml': 'resources: []' }), null);
    if (!base.ok) throw new Error(JSON.stringify(base.diagnostics));
    const guard = { base: base.value, allowRemovals: null };
    return ['c1.yaml', 'new.yaml'].map((path) => {
      const next = compiler.compile(inputOf({ ...clusters(2), [path]: text }), guard);
      const [found] = next.diagnostics.filter(({ code }) => code === 'DOC_EMPTY');
      return `${path} ${found?.severity ?? 'nothing'} ${next.ok ? 'taken' : 'held'}`;
    });
  };
  test.each(['', '# later\n', '---\n---\n'])(
    'a file that has become %j is a mistake, a new one is not',
    (text) => {
      expect(empty(text)).toEqual(['c1.yaml error held', 'new.yaml warning taken']);
    },
  );

  test.each<Record<string, string>>([{ 'a.yaml': '' }, { 'a.YAML': clusters(1)['c0.yaml'] ?? '' }])(
    'files without a document are no configuration: %j',
    (texts) => {
      const outcome = newCompiler().compile(inputOf(texts), null);
      expect(outcome.ok).toBe(false);
      expect(outcome.diagnostics[0]?.code).toBe('SOURCE_INCOMPLETE');
    },
  );

  test('growth is told at the first document that is new', () => {
    const compiler = newCompiler();
    const base = compiler.compile(inputOf(clusters(10)), null);
    if (!base.ok) throw new Error(JSON.stringify(base.diagnostics));
    const next = compiler.compile(inputOf({ ...clusters(101), 'helve.yaml': GROWTH }), {
      base: base.value,
      allowRemovals: null,
    });
    expect(next.diagnostics[0]?.span).toMatchObject({ file: 'c10.yaml', line: 2 });
  });
});

describe('key pairs in raw secrets', () => {
  const SECRET = `resources:
- "@type": ${T}.extensions.transport_sockets.tls.v3.Secret
  name: server
  tls_certificate:
    certificate_chain: {filename: tls.crt}
    private_key: {filename: tls.key}
`;
  const textOf = (bytes: Uint8Array): string =>
    JSON.stringify(
      schema.decode(`${T.slice(20)}.extensions.transport_sockets.tls.v3.Secret`, bytes, {
        reveal: true,
      }),
    );
  test('a file of the Envoy itself is left to it, and that is said', () => {
    const path = '/certs/tls.crt';
    const text = SECRET.replace('tls.crt', path).replace('tls.key', path);
    const problem = diagnostic('PATH_ESCAPE', 'outside');
    const input = {
      ...inputOf({ 's.yaml': text }),
      material: new Map<string, MaterialFile>([[path, { kind: 'refused', path, problem }]]),
    };
    const outcome = newCompiler().compile(input, null);
    expect(outcome.ok).toBe(true);
    const found = outcome.diagnostics.filter(({ code }) => code === 'PATH_ESCAPE');
    expect(found.map(({ severity, span }) => [severity, span?.line])).toEqual([
      ['warning', 5],
      ['warning', 6],
    ]);
    expect(found[0]?.message).toContain('--allow-path');
  });

  test('of files that are sent inline, none watches a folder of the Envoy', async () => {
    const { cert, key } = await issue(['a.test']);
    const folder = 'watched_directory: {path: /certs}';
    const text = `${SECRET}    ${folder}
- "@type": ${T}.extensions.transport_sockets.tls.v3.Secret
  name: ca
  validation_context:
    trusted_ca: {filename: tls.crt}
    ${folder}
`;
    const outcome = newCompiler().compile(
      inputOf({ 's.yaml': text }, { 'tls.crt': cert, 'tls.key': key }),
      null,
    );
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
    const sent = outcome.value.resources('').map(({ name, bytes }) => [name, textOf(bytes)]);
    expect(sent.map(([name]) => name)).toEqual(['ca', 'server']);
    expect(JSON.stringify(sent)).not.toContain('watched_directory');
  });

  test('are sent inline; a torn pair keeps the last good one and holds nothing else', async () => {
    const [first, second] = [await issue(['a.test']), await issue(['a.test'])];
    const compiler = newCompiler();
    const texts = { 's.yaml': SECRET };
    const good = compiler.compile(
      inputOf(texts, { 'tls.crt': first.cert, 'tls.key': first.key }),
      null,
    );
    if (!good.ok) throw new Error(JSON.stringify(good.diagnostics));
    const [secret] = good.value.resources('');
    const whole = textOf(secret?.bytes ?? new Uint8Array());
    expect(whole).toContain('inline_bytes');
    expect(whole).not.toContain('filename');
    const torn = inputOf(
      texts,
      { 'tls.crt': second.cert, 'tls.key': first.key },
      good.value.material,
    );
    const held = compiler.compile(torn, { base: good.value, allowRemovals: null });
    if (!held.ok) throw new Error(JSON.stringify(held.diagnostics));
    const delta = held.value.delta(good.value);
    expect(delta.put).toEqual([]);
    expect(delta.changes).toEqual([]);
    expect(delta.heldMaterial.map((d) => d.code)).toEqual(['CERT_PAIR_MISMATCH']);
    const next = compiler.compile(
      inputOf(texts, { 'tls.crt': second.cert, 'tls.key': second.key }, held.value.material),
      { base: held.value, allowRemovals: null },
    );
    expect(next.ok && next.value.delta(held.value).put.map((r) => r.name)).toEqual(['server']);
  });
});

test('endpoints that do not read keep their last good text', () => {
  const compiler = newCompiler();
  const texts = {
    'c.yaml': 'kind: Cluster\nname: c\n',
    'e.yaml': 'kind: Endpoints\nname: c\nendpoints: ["10.0.0.1:80"]\n',
  };
  const good = compiler.compile(inputOf(texts), null);
  if (!good.ok) throw new Error(JSON.stringify(good.diagnostics));
  const broken = { ...texts, 'e.yaml': 'kind: Endpoints\nname: c\nendpoints: [nonsense]\n' };
  const held = compiler.compile(inputOf(broken, {}, good.value.material), {
    base: good.value,
    allowRemovals: null,
  });
  if (!held.ok) throw new Error(JSON.stringify(held.diagnostics));
  const delta = held.value.delta(good.value);
  expect(delta.changes).toEqual([]);
  expect(delta.heldMaterial.map((d) => `${d.span?.file ?? ''} ${d.code}`)).toEqual([
    'e.yaml SCHEMA_ADDRESS',
  ]);
});
