import { expect, test } from 'vitest';
import { createCompiler } from '../../src/compile/index.ts';
import { seeded } from '../simulation/random.ts';
import { compileInput } from '../support/compile-input.ts';
import { openGenerated } from '../support/generated-schema.ts';
import { askedFrom, orderedDocuments, orderedText, winnerOf } from '../support/ordered-routes.ts';
import { servedBy } from '../support/served-routes.ts';

// A difference prints the seed; SEED=… repeats it.
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const schema = openGenerated();

const HOSTS = ['*', '*.test', '*.b.test', 'a.test', 'b.test', 'a.b.test'];
const CLIENT_HOSTS = ['a.test', 'A.test:8080', 'b.test', 'a.b.test', 'z.b.test', 'z.test', 'z.z'];
const LISTENER = 'kind: Listener\nname: web\nport: 8080\n';

test(`the table takes each request by the rule that the order says (seed ${seed})`, () => {
  const answers = new Set<string>();
  for (let run = 0; run < 15; run += 1) {
    const random = seeded(seed + run);
    const documents = orderedDocuments(random, {
      prefix: 'd',
      documents: 4,
      rules: 25,
      hosts: HOSTS,
    });
    const texts = Object.fromEntries(
      documents.map((one) => [`${one.name}.json`, orderedText(one, ['web'])]),
    );
    const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
    const outcome = compiler.compile(compileInput({ ...texts, 'web.yaml': LISTENER }), null);
    expect(outcome.ok, `seed ${seed + run}: ${JSON.stringify(outcome.diagnostics[0])}`).toBe(true);
    if (!outcome.ok) return;
    const table = outcome.value.resource('', { type: 'RouteConfiguration', name: 'web' });
    const bytes = table?.bytes ?? new Uint8Array(0);
    const json = schema.decode('envoy.config.route.v3.RouteConfiguration', bytes);
    for (let count = 0; count < 150; count += 1) {
      const request = askedFrom(random, { hosts: CLIENT_HOSTS });
      const want = winnerOf(documents, request);
      const shown = `SEED=${seed + run}: ${JSON.stringify(request)}`;
      expect(servedBy(json, request), shown).toBe(want);
      answers.add(want);
    }
  }
  // Requests that few rules take would say little of their order.
  expect(answers.size).toBeGreaterThan(40);
});
