import { expect, test } from 'vitest';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { createCompiler, type Compilation } from './index.ts';

const schema = openGenerated();
const LISTENER = 'kind: Listener\nname: web\nport: 8080\nto: localhost:8000\n';
const LIMITED = `${LISTENER}rateLimit: [{limit: 1/s}]\n`;

function compile(text: string, filterProfile: number | null, base?: Compilation): Compilation {
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  const input = compileInput({ 'web.yaml': text }, {}, { filterProfile });
  const guard = base === undefined ? null : { base, allowRemovals: null };
  const outcome = compiler.compile(input, guard);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  return outcome.value;
}

const extensions = (compilation: Compilation): readonly string[] =>
  compilation
    .resources('')
    .filter(({ type }) => type === 'TypedExtensionConfig')
    .map(({ name }) => name);

const NODE_LIMIT = 'helve.rateLimit.node/web';
const SHARED = ['helve.jwt/web', NODE_LIMIT];

test.each([
  ['a fresh state directory starts with the newest', LISTENER, null, 2, SHARED],
  ['an older one keeps its listeners', LISTENER, 1, 1, []],
  ['until a policy needs more', LIMITED, 1, 2, SHARED],
])('%s', (_what, text, restored, profile, names) => {
  const compilation = compile(text, restored);
  expect(compilation.delta(null).filterProfile).toBe(profile);
  expect(extensions(compilation)).toEqual(names);
});

test('what is accepted decides, and a profile never goes back', () => {
  expect(compile(LISTENER, null, compile(LISTENER, 1)).delta(null).filterProfile).toBe(1);
  expect(compile(LISTENER, 1, compile(LIMITED, 1)).delta(null).filterProfile).toBe(2);
});

test('a shared config is what its entries are, put together', () => {
  const [resource] = compile(LIMITED, null)
    .resources('')
    .filter(({ name }) => name === NODE_LIMIT);
  expect(resource?.composite?.entries).toHaveLength(1);
  const decoded = schema.decode(
    'envoy.config.core.v3.TypedExtensionConfig',
    resource?.bytes ?? new Uint8Array(0),
  );
  expect(decoded).toMatchObject({
    typed_config: { descriptors: [{ token_bucket: { max_tokens: 1 } }], rate_limits: [{}] },
  });
});
