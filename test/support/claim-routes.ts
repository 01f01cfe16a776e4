import type { Json } from '../../src/model/index.ts';
import type { Random } from '../simulation/random.ts';
import {
  askedFrom,
  orderedDocuments,
  orderedText,
  winnerOf,
  type Asked,
  type OrderedDocument,
  type OrderedRule,
} from './ordered-routes.ts';

/**
 * Route documents whose rules ask for claims too, and a plain reading of what a token changes: the
 * rule is chosen, the token is verified, and the rule is chosen again, by its claims and by what
 * `jwt` wrote and took away.
 */
export interface Visitor {
  readonly asked: Asked;
  /** What the token says; null: there is none. */
  readonly claims: Readonly<Record<string, string>> | null;
  /** It is signed by somebody else. */
  readonly isForged: boolean;
}

/** Where the token is, and where upstreams are told the claim `sub`. */
const [TOKEN, USER] = ['x-token', 'x-user'];

/** The policy of all of them, below a Listener. */
export const claimPolicy = (keys: string): string =>
  `jwt: {issuer: house, jwks: {file: ${keys}}, from: [{header: ${TOKEN}}], claimToHeaders: {sub: ${USER}}}\n`;

type Tests = OrderedRule['forms'][number]['headers'];

/** In the reading a claim is a header that no client can send: it counts as one in the order. */
const CLAIM = 'claim:';

/** Rules that can follow one another stand in one document, and so each host has its own. */
export const claimDocuments = (random: Random, hosts: readonly string[]): OrderedDocument[] =>
  hosts.flatMap((host, at) =>
    orderedDocuments(random, { prefix: `claims${at}`, documents: 1, rules: 50, hosts: [host] }).map(
      ({ name, rules }) => ({
        name,
        hosts: [host],
        inherit: null,
        rules: [...rules.map((rule) => withClaims(random, rule)), REST],
      }),
    ),
  );

/** Takes what asks for claims until they are known. */
const REST: OrderedRule = {
  name: 'rest',
  priority: 0,
  isSticky: false,
  forms: [
    {
      sign: '',
      path: '/',
      ignoreCase: false,
      methods: [],
      headers: {},
      query: {},
      cookies: {},
      certificate: null,
    },
  ],
};

function withClaims(random: Random, rule: OrderedRule): OrderedRule {
  const forms = rule.forms.map((form) => ({
    ...form,
    headers: { ...form.headers, ...lateTests(random) },
  }));
  // Before the last one, also where both take every path.
  return { ...rule, priority: rule.priority + 1, isSticky: false, forms };
}

function lateTests(random: Random): Tests {
  const tests: [string, Tests[string]][] = [];
  if (random.chance(0.4)) {
    const one = random.pick(['gold', 'silver']);
    tests.push([`${CLAIM}tier`, random.chance(0.3) ? ['regex', 'gold|vip'] : ['exact', one]]);
  }
  if (random.chance(0.15)) tests.push([`${CLAIM}realm.role`, ['exact', 'admin']]);
  if (random.chance(0.15)) {
    const kinds: readonly Tests[string][] = [
      ['exact', 'ada'],
      ['prefix', 'b'],
      ['present', ''],
      ['absent', ''],
      ['not exact', 'ada'],
    ];
    tests.push([USER, random.pick(kinds)]);
  }
  if (random.chance(0.1)) tests.push([TOKEN, [random.pick(['present', 'absent']), '']]);
  return Object.fromEntries(tests);
}

/** As JSON; the claims of a condition stand below `jwt`. */
export function claimText(document: OrderedDocument, listeners: readonly string[]): string {
  return JSON.stringify(JSON.parse(orderedText(document, listeners), revived));
}

const revived = (key: string, value: unknown): unknown =>
  key === 'match' && Array.isArray(value) ? value.map(written) : value;

interface Written {
  readonly [field: string]: Json;
  readonly headers: Readonly<Record<string, string | { readonly regex: string }>>;
}

function written(form: Written): Json {
  const entries = Object.entries(form.headers);
  const claims = entries
    .filter(([name]) => name.startsWith(CLAIM))
    .map(([name, test]): readonly [string, Json] => [
      name.slice(CLAIM.length),
      typeof test === 'string' ? test : test.regex.split('|'),
    ]);
  return {
    ...form,
    headers: Object.fromEntries(entries.filter(([name]) => !name.startsWith(CLAIM))),
    ...(claims.length === 0 ? {} : { jwt: Object.fromEntries(claims) }),
  };
}

export function visitorFrom(random: Random, hosts: readonly string[]): Visitor {
  const asked = askedFrom(random, { hosts });
  const name = (): string => random.pick(['ada', 'bob', 'eve']);
  const forgedName = random.chance(0.3) ? { [USER]: name() } : {};
  const claims: Record<string, string> = {};
  if (random.chance(0.8)) claims['sub'] = name();
  if (random.chance(0.7)) claims['tier'] = random.pick(['gold', 'silver', 'vip', 'none']);
  if (random.chance(0.3)) claims['realm.role'] = random.pick(['admin', 'guest']);
  return {
    asked: { ...asked, headers: { ...asked.headers, ...forgedName } },
    claims: random.chance(0.15) ? null : claims,
    isForged: random.chance(0.05),
  };
}

/** What is sent: the token is in its header. */
export const headersWith = ({ asked }: Visitor, token: string | null): Asked['headers'] =>
  token === null ? asked.headers : { ...asked.headers, [TOKEN]: token };

/** What answers: the rule, `none` where no rule is found, or the status of a refusal. */
export function winnerFor(documents: readonly OrderedDocument[], visitor: Visitor): string {
  const { asked, claims, isForged } = visitor;
  const first = winnerOf(documents, { ...asked, headers: headersWith(visitor, claims && 'a.b.c') });
  if (first === 'none') return 'none';
  if (claims === null || isForged) return '401';
  const others = Object.entries(asked.headers).filter(([name]) => name !== USER);
  const told = Object.entries(claims).map(([name, value]): readonly [string, string] => [
    name === 'sub' ? USER : `${CLAIM}${name}`,
    value,
  ]);
  return winnerOf(documents, { ...asked, headers: Object.fromEntries([...others, ...told]) });
}
