import { describe, expect, test } from 'vitest';
import { fieldOf, listOf, textOf } from '../../src/compile/inspect/json.ts';
import { createCompiler } from '../../src/compile/index.ts';
import type { Json } from '../../src/schema/index.ts';
import { compileInput } from '../support/compile-input.ts';
import { openGenerated } from '../support/generated-schema.ts';

// What each place may say of a key, at all places at once, against a plain reading of the rule that
// the narrowest place wins; what applies is read out of the table, as an Envoy gets it.
const PLACES = ['listener', 'route', 'rule', 'target'] as const;
type Place = (typeof PLACES)[number];

/** `again`: the policy that the listener enforces. */
const CHOICES = ['', 'none', 'own', 'named', 'both', 'enforced', 'again', 'two', 'over'] as const;
type Choice = (typeof CHOICES)[number];
type Choices = Readonly<Record<Place, Choice>>;

const WRITERS = ['own', 'named', 'other', 'enforced'] as const;
type Writer = (typeof WRITERS)[number];

interface Key {
  readonly key: 'authorize' | 'headers' | 'jwt' | 'rateLimit';
  readonly places: readonly Place[];
  /** A narrower place adds to what wider ones say. */
  readonly isSum: boolean;
  /** A value that tells who wrote it: the place and how, as a number below 16. */
  readonly value: (writer: number) => string;
  /** The number again, wherever a route or its target says it. */
  readonly mark: RegExp;
}

const RULE = ['listener', 'route', 'rule'] as const;
const KEYS: readonly Key[] = [
  {
    key: 'authorize',
    places: PLACES,
    isSum: false,
    value: (writer) => `{deny: [{address: 10.9.${writer}.0/24}]}`,
    mark: /10\.9\.(\d+)\.0/g,
  },
  {
    key: 'headers',
    places: PLACES,
    isSum: true,
    value: (writer) => `{request: {set: {x-by-${writer}: a}}}`,
    mark: /x-by-(\d+)/g,
  },
  {
    key: 'jwt',
    places: RULE,
    isSum: false,
    value: (writer) => `{issuer: i, jwks: {url: "https://id.test/${writer}"}}`,
    mark: /"requirement_name":"([^"]+)"/g,
  },
  {
    key: 'rateLimit',
    places: RULE,
    isSum: false,
    value: (writer) => `[{limit: ${writer + 1}/s}]`,
    mark: /"helve\.limit":\{"([0-9a-f]+)":"1"\}/g,
  },
];

const numberOf = (place: Place, writer: Writer): number =>
  PLACES.indexOf(place) * WRITERS.length + WRITERS.indexOf(writer);

/** The fields of a place that make its choice. */
function fieldsOf({ key, value }: Key, place: Place, choice: Choice): readonly string[] {
  const named = (...writers: readonly Writer[]): string =>
    `policies: [${writers.map((writer) => `${place}-${writer}`).join(', ')}]`;
  const own = `${key}: ${value(numberOf(place, 'own'))}`;
  switch (choice) {
    case '':
      return [];
    case 'none':
      return [`${key}: none`];
    case 'own':
      return [own];
    case 'named':
      return [named('named')];
    case 'both':
      return [named('named'), own];
    case 'enforced':
      return [named('enforced')];
    case 'again':
      return ['policies: [listener-enforced]'];
    case 'two':
      return [named('named', 'other')];
    case 'over':
      return [named('enforced'), own];
  }
}

interface Read {
  /** Who wrote what applies, the widest first. */
  readonly writers: readonly number[];
  readonly errors: readonly string[];
}

function readingOf({ isSum, places }: Key, choices: Choices): Read {
  let writers: readonly number[] = [];
  let enforcer = '';
  const errors: string[] = [];
  for (const place of places) {
    const choice = choices[place];
    if (choice === '') continue;
    if (choice === 'two') errors.push('POLICY_CONFLICT');
    if (choice === 'over') errors.push('POLICY_ENFORCED');
    const isAgain = choice === 'again' && enforcer === 'listener';
    if (isAgain) continue;
    if (enforcer !== '') errors.push('POLICY_ENFORCED');
    const said = saidAt(place, choice, isSum);
    writers = isSum && choice !== 'none' ? [...writers, ...said] : said;
    if (choice === 'enforced') enforcer = place;
    if (choice === 'again') enforcer = 'listener';
  }
  return { writers, errors };
}

function saidAt(place: Place, choice: Choice, isSum: boolean): readonly number[] {
  switch (choice) {
    case 'none':
    case '':
      return [];
    case 'both':
      return isSum ? [numberOf(place, 'named'), numberOf(place, 'own')] : [numberOf(place, 'own')];
    case 'again':
      return [numberOf('listener', 'enforced')];
    case 'two':
    case 'over':
      return [];
    default:
      return [numberOf(place, choice)];
  }
}

/** Nothing is wrong with a listener itself. */
const OF_LISTENERS = ['', 'none', 'own', 'named', 'both', 'enforced'] as const;

/** At the listener, and at two of the others at most. */
function everyChoice({ places }: Key): readonly Choices[] {
  const at = (place: Place): readonly Choice[] => (places.includes(place) ? CHOICES : ['']);
  return OF_LISTENERS.flatMap((listener) =>
    at('route').flatMap((route) =>
      at('rule').flatMap((rule) =>
        at('target')
          .filter((target) => [route, rule, target].includes(''))
          .map((target): Choices => ({ listener, route, rule, target })),
      ),
    ),
  );
}

const documentOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

function sharedTexts(key: Key): string {
  const listeners = OF_LISTENERS.map((choice, at) =>
    documentOf([
      `kind: Listener\nname: web${choice}\naddress: 127.0.0.1\nport: ${8080 + at}`,
      ...fieldsOf(key, 'listener', choice),
    ]),
  );
  const policies = key.places.flatMap((place) =>
    WRITERS.filter((writer) => writer !== 'own').map((writer) =>
      documentOf([
        `kind: Policy\nname: ${place}-${writer}\nenforce: ${writer === 'enforced'}`,
        `${key.key}: ${key.value(numberOf(place, writer))}`,
      ]),
    ),
  );
  const cluster = 'kind: Cluster\nname: a\nendpoints: ["10.0.0.1:80"]\n';
  return [...listeners, ...policies, cluster].join('---\n');
}

const routeOf = (key: Key, index: number, choices: Choices): string => {
  const [route, rule, target] = (['route', 'rule', 'target'] as const).map((place) =>
    fieldsOf(key, place, choices[place]),
  );
  const to = `to: [{${['cluster: a', ...(target ?? [])].join(', ')}}]`;
  return documentOf([
    `kind: Route\nname: r${index}\nlisteners: [web${choices.listener}]\nhosts: [h${index}.test]`,
    ...(route ?? []),
    `rules: [{${['name: all', ...(rule ?? []), to].join(', ')}}]`,
  ]);
};

const schema = openGenerated();

/** The others say nothing else of what is below them. */
const LISTENERS_OF_BAD: ReadonlySet<Choice> = new Set(['', 'own', 'enforced']);

/** Of so many documents, all that is wrong is told. */
const TOLD_AT_ONCE = 24;

interface Case {
  readonly index: number;
  readonly choices: Choices;
  readonly read: Read;
}

function compiled(key: Key, cases: readonly Case[]) {
  const routes = cases.map(({ index, choices }): [string, string] => [
    `r${index}.yaml`,
    routeOf(key, index, choices),
  ]);
  const texts = { 'shared.yaml': sharedTexts(key), ...Object.fromEntries(routes) };
  const compiler = createCompiler({ schema, version: 'test', forbiddenUpstreams: [] });
  return compiler.compile(compileInput(texts), null);
}

const casesOf = (key: Key): readonly Case[] =>
  everyChoice(key).map((choices, index) => ({ index, choices, read: readingOf(key, choices) }));

describe.each(KEYS)('$key', (key) => {
  const cases = casesOf(key);

  test('applies as the narrowest place says', () => {
    const good = cases.filter(({ read }) => read.errors.length === 0);
    const outcome = compiled(key, good);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics.slice(0, 3)));
    const hosts = new Map(
      OF_LISTENERS.flatMap((choice) => {
        const table = outcome.value.resource('', {
          type: 'RouteConfiguration',
          name: `web${choice}`,
        });
        const bytes = table?.bytes ?? new Uint8Array(0);
        const json = schema.decode('envoy.config.route.v3.RouteConfiguration', bytes);
        return listOf(fieldOf(json, 'virtual_hosts')).map((one): [string, Json] => [
          textOf(fieldOf(one, 'name')),
          one,
        ]);
      }),
    );
    // What stands for a writer: its number, or what the one writer alone became.
    const marks = new Map<string, number>();
    const marksOf = (host: Json | undefined): readonly string[] =>
      [...JSON.stringify(host ?? null).matchAll(key.mark)].map(([, mark = '']) => mark);
    for (const { read, index } of good) {
      const found = marksOf(hosts.get(`h${index}.test`));
      const shown = JSON.stringify(cases[index]?.choices);
      expect(found.length, shown).toBe(read.writers.length);
      expect(new Set(found).size, shown).toBe(found.length);
      const [only] = read.writers;
      const [mark] = found;
      if (key.isSum) expect([...found].map(Number).sort(), shown).toEqual([...read.writers].sort());
      else if (only !== undefined && mark !== undefined) {
        expect(marks.get(mark) ?? only, shown).toBe(only);
        marks.set(mark, only);
      }
    }
    expect(key.isSum || marks.size > 8).toBe(true);
  });

  test('says what may not stand beside or below another', () => {
    const bad = cases.filter(
      ({ choices, read }) => read.errors.length > 0 && LISTENERS_OF_BAD.has(choices.listener),
    );
    expect(bad.length).toBeGreaterThan(100);
    for (let from = 0; from < bad.length; from += TOLD_AT_ONCE) {
      const some = bad.slice(from, from + TOLD_AT_ONCE);
      const codes = new Map(some.map(({ index }) => [`r${index}.yaml`, new Set<string>()]));
      for (const { code, severity, span } of compiled(key, some).diagnostics) {
        if (severity === 'error') codes.get(span?.file ?? '')?.add(code);
      }
      for (const { index, choices, read } of some) {
        const told = [...(codes.get(`r${index}.yaml`) ?? [])].sort();
        expect(told, JSON.stringify(choices)).toEqual([...new Set(read.errors)].sort());
      }
    }
  });
});
