import { expect, test } from 'vitest';
import { createCompiler } from '../../src/compile/index.ts';
import { seeded } from '../simulation/random.ts';
import { compileInput } from '../support/compile-input.ts';
import { openGenerated } from '../support/generated-schema.ts';
import {
  askedFrom,
  orderedDocuments,
  orderedText,
  SIDE_COOKIE,
  winnerOf,
} from '../support/ordered-routes.ts';
import { servedBy } from '../support/served-routes.ts';

// A difference prints the seed; SEED=… repeats it.
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const schema = openGenerated();

const HOSTS = ['*', '*.test', '*.b.test', 'a.test', 'b.test', 'a.b.test'];
const CLIENT_HOSTS = ['a.test', 'A.test:8080', 'b.test', 'a.b.test', 'z.b.test', 'z.test', 'z.z'];
const cluster = (name: string): string =>
  `kind: Cluster\nname: ${name}\nendpoints: ["10.0.0.1:80"]\n`;
const CLUSTERS = `${cluster('a')}---\n${cluster('b')}`;
const LISTENER = 'kind: Listener\nname: web\nport: 8080\n';

test(`the table takes each request by the rule that the order says (seed ${seed})`, () => {
  const answers = new Set<string>();
  let returning = 0;
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
    const to = random.chance(0.5) ? 'web #to' : null;
    const listener = to === null ? LISTENER : `${LISTENER}to: a\n`;
    const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
    const outcome = compiler.compile(
      compileInput({ ...texts, 'web.yaml': listener, 'clusters.yaml': CLUSTERS }),
      null,
    );
    expect(outcome.ok, `seed ${seed + run}: ${JSON.stringify(outcome.diagnostics[0])}`).toBe(true);
    if (!outcome.ok) return;
    const table = outcome.value.resource('', { type: 'RouteConfiguration', name: 'web' });
    const bytes = table?.bytes ?? new Uint8Array(0);
    const json = schema.decode('envoy.config.route.v3.RouteConfiguration', bytes);
    // Which side a cookie leads to is not a question of the order.
    const all = JSON.stringify(json).matchAll(/side=([0-9a-f]{8})/g);
    const sides = [...new Set([...all].map(([, side = '']) => side))];
    for (let count = 0; count < 150; count += 1) {
      const asked = askedFrom(random, { hosts: CLIENT_HOSTS });
      const isBack = sides.length > 0 && random.chance(0.5);
      const cookies = {
        ...asked.cookies,
        ...(isBack ? { [SIDE_COOKIE]: random.pick(sides) } : {}),
      };
      const request = { ...asked, cookies };
      returning += Number(isBack);
      const want = winnerOf(documents, request, to);
      const shown = `SEED=${seed + run}: ${JSON.stringify(request)}`;
      expect(servedBy(json, request), shown).toBe(want);
      answers.add(want);
    }
  }
  // Requests that few rules take would say little of their order.
  expect(answers.size).toBeGreaterThan(40);
  expect(returning).toBeGreaterThan(40);
});
