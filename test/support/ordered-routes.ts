import type { Random } from '../simulation/random.ts';

/**
 * Route documents that a seed makes, requests, and a plain reading of which rule takes which: it
 * knows the order from the reference pages, and nothing of how helve keeps it.
 */
export interface OrderedDocument {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly inherit: boolean | null;
  readonly rules: readonly OrderedRule[];
}

export interface OrderedRule {
  readonly name: string;
  readonly priority: number;
  readonly forms: readonly Form[];
  /** It is forwarded to sides, which a cookie keeps: each has a route of its own in the table. */
  readonly isSticky: boolean;
}

type Sign = '' | '=' | '~';
type TextTest = 'exact' | 'prefix' | 'suffix' | 'contains' | 'regex';
type Test = readonly [kind: TextTest | 'present' | 'absent' | `not ${TextTest}`, text: string];
type Texts = Readonly<Record<string, string>>;

interface Form {
  readonly sign: Sign;
  readonly path: string;
  readonly ignoreCase: boolean;
  readonly methods: readonly string[];
  readonly headers: Readonly<Record<string, Test>>;
  readonly query: Readonly<Record<string, Test>>;
  readonly cookies: Readonly<Record<string, Test>>;
  /** Whether the client must have shown a certificate; null: either. */
  readonly certificate: boolean | null;
}

export interface Asked {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Texts;
  /** Second lines of some of them. */
  readonly second: Texts;
  readonly query: Texts;
  readonly cookies: Texts;
  readonly hasCertificate: boolean;
}

const LISTS = ['headers', 'query', 'cookies'] as const;

const PATHS: readonly (readonly [Sign, string])[] = [
  ['', '/'],
  ['', '/a'],
  ['', '/a/b'],
  ['', '/A'],
  ['=', '/a'],
  ['=', '/a/b'],
  ['=', '/ab'],
  ['~', '/a.*'],
  ['~', '/a/(b|c)'],
  ['~', '/[a-z]+'],
  // Written as calls of gRPC.
  ['', '/s.T'],
  ['=', '/s.T/Get'],
];

const POSITIVE: readonly Test[] = [
  ['exact', 'v1'],
  ['exact', 'v2'],
  ['prefix', 'v'],
  ['suffix', '1'],
  ['contains', 'v'],
  ['contains', '1'],
  ['regex', '[a-v]1'],
  ['present', ''],
];
const ALL: readonly Test[] = [
  ...POSITIVE,
  ['absent', ''],
  ['not exact', 'v1'],
  ['not prefix', 'w'],
  ['not suffix', '2'],
  ['not contains', 'v'],
  ['not regex', '[a-v]1'],
];

export interface Shape {
  /** Names of the documents begin with it. */
  readonly prefix: string;
  readonly documents: number;
  readonly rules: number;
  readonly hosts: readonly string[];
  /** Rules ask for certificates of clients too. Default false. */
  readonly hasCertificates?: boolean;
}

/** No two rules are alike, so that names decide only where two of them overlap. */
export function orderedDocuments(random: Random, shape: Shape): readonly OrderedDocument[] {
  const seen = new Set<string>();
  return Array.from({ length: shape.documents }, (_, at): OrderedDocument => {
    const hosts = shape.hosts.filter(() => random.chance(0.3));
    const rules = Array.from({ length: shape.rules }, (__, index) =>
      ruleFrom({ random, seen, shape }, `r${String(index).padStart(3, '0')}`),
    );
    return {
      name: `${shape.prefix}${at}`,
      hosts: hosts.length === 0 ? [random.pick(shape.hosts)] : hosts,
      inherit: random.chance(0.4) ? true : random.pick([false, null]),
      rules: rules.filter(({ forms }) => forms.length > 0),
    };
  }).filter(({ rules }) => rules.length > 0);
}

interface Making {
  readonly random: Random;
  readonly seen: Set<string>;
  readonly shape: Shape;
}

function ruleFrom({ random, seen, shape }: Making, name: string): OrderedRule {
  const priority = random.chance(0.1) ? 1 : 0;
  const made = random.chance(0.2)
    ? [formFrom(random, shape), formFrom(random, shape)]
    : [formFrom(random, shape)];
  const forms = made.filter((form) => {
    const text = JSON.stringify([priority, form]);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
  // The clusters speak HTTP/1.
  const isSticky = random.chance(0.1) && !forms.some(({ path }) => isCall(path));
  return { name, priority, forms, isSticky };
}

function formFrom(random: Random, { hasCertificates = false }: Shape): Form {
  const [sign, path] = random.pick(PATHS);
  const some = (kinds: readonly Test[], share: number): Record<string, Test> => {
    const found: Record<string, Test> = {};
    for (const name of ['x', 'y']) if (random.chance(share)) found[name] = random.pick(kinds);
    return found;
  };
  return {
    sign,
    path,
    ignoreCase: random.chance(0.15),
    methods: random.chance(0.8) ? [] : random.pick([['GET'], ['PUT'], ['GET', 'PUT']]),
    headers: some(ALL, 0.1),
    query: some(POSITIVE, 0.3),
    cookies: some(ALL, 0.3),
    certificate: hasCertificates && random.chance(0.3) ? random.chance(0.5) : null,
  };
}

const isCall = (path: string): boolean => path.startsWith('/s.T');

const CALLS = ['/s.T/Get', '/s.T/Put', '/s.T'];

/** `hosts`: as clients write them. `twice`: the share of headers that have a second line. */
export function askedFrom(
  random: Random,
  { hosts, hasCertificates = false }: Pick<Shape, 'hosts' | 'hasCertificates'>,
  twice = 0,
): Asked {
  const values = (share = 0.5): Texts =>
    Object.fromEntries(
      ['x', 'y'].flatMap((name) =>
        random.chance(share) ? [[name, random.pick(['v1', 'v2', 'w1', 'z'])]] : [],
      ),
    );
  return {
    host: random.pick(hosts),
    path: random.pick(['/', '/a', '/A', '/a/b', '/A/b', '/a/c', '/ab', '/z', '/a/b/c', ...CALLS]),
    method: random.pick(['GET', 'PUT', 'DELETE']),
    headers: values(),
    second: values(twice),
    query: values(),
    cookies: values(),
    hasCertificate: hasCertificates && random.chance(0.5),
  };
}

/** Where answers of an upstream say whose they are. */
export const ANSWERED_BY = 'x-answered-by';

/**
 * The document as JSON; each rule answers with its name and its document's, or in a header, where
 * it is forwarded to the clusters `a` and `b`.
 */
export const orderedText = (
  { name, hosts, inherit, rules }: OrderedDocument,
  listeners: readonly string[],
): string =>
  JSON.stringify({
    kind: 'Route',
    name,
    listeners,
    hosts,
    ...(inherit === null ? {} : { inherit }),
    rules: rules.map(({ name: rule, priority, forms, isSticky }) => ({
      name: rule,
      priority,
      match: forms.map(writtenForm),
      ...(isSticky
        ? {
            to: { a: 1, b: 1 },
            sticky: { cookie: { name: SIDE_COOKIE } },
            headers: { response: { set: { [ANSWERED_BY]: `${name} ${rule}` } } },
          }
        : { respond: { status: 200, body: `${name} ${rule}` } }),
    })),
  });

/** Says to which side somebody comes back, and nothing of the rule. */
export const SIDE_COOKIE = 'side';

const WORDS = { '': 'prefix', '=': 'path', '~': 'regex' } as const;

const writtenForm = ({
  sign,
  path,
  ignoreCase,
  methods,
  certificate,
  ...lists
}: Form): unknown => ({
  ...writtenPath(sign, path),
  ignoreCase,
  ...(methods.length === 0 ? {} : { methods }),
  ...(certificate === null ? {} : { clientCertificate: { presented: certificate } }),
  ...Object.fromEntries(
    LISTS.map((list) => [
      list,
      Object.fromEntries(Object.entries(lists[list]).map(([k, test]) => [k, writtenTest(test)])),
    ]),
  ),
});

function writtenPath(sign: Sign, path: string): Readonly<Record<string, unknown>> {
  const [, service, method] = /^\/(s\.T)(?:\/(\w+))?$/.exec(path) ?? [];
  if (service === undefined) return { [WORDS[sign]]: path };
  return { grpc: { service, ...(method === undefined ? {} : { method }) } };
}

function writtenTest([kind, text]: Test): unknown {
  if (kind === 'present' || kind === 'absent') return { present: kind === 'present' };
  const inner = textTestIn(kind);
  const written = inner === 'exact' ? text : { [inner]: text };
  return kind === inner ? written : { not: written };
}

const TEXT_TESTS = ['exact', 'prefix', 'suffix', 'contains', 'regex'] as const;

const textTestIn = (kind: Exclude<Test[0], 'present' | 'absent'>): TextTest =>
  TEXT_TESTS.find((one) => kind === one || kind === `not ${one}`) ?? 'exact';

/**
 * What the rule that takes the request answers; `none` where none does. `to` is what the listener
 * itself answers, after all rules of the host `*`; null: it has none.
 */
export function winnerOf(
  documents: readonly OrderedDocument[],
  request: Asked,
  to: string | null = null,
): string {
  const all = to === null ? documents : [...documents, LISTENER];
  const host = hostOf(all, request.host.toLowerCase().replace(/:\d+$/, ''));
  const taking = host === null ? [] : rulesOf(all, host).filter(({ form }) => takes(form, request));
  const [first] = taking.sort((a, b) => {
    const [one, other] = [keyOf(a), keyOf(b)];
    const at = one.findIndex((part, index) => part !== other[index]);
    return at < 0 ? (a.answer < b.answer ? -1 : 1) : (other[at] ?? 0) - (one[at] ?? 0);
  });
  if (first !== undefined) return first.answer;
  return to !== null && host !== null && hostsFrom(all, host).includes('*') ? to : 'none';
}

/** It has the host `*`, and rules of which every other one comes first. */
const LISTENER: OrderedDocument = { name: '', hosts: ['*'], inherit: null, rules: [] };

/** The host, and those that it inherits from. */
function hostsFrom(all: readonly OrderedDocument[], host: string): readonly string[] {
  const listed = new Set(all.flatMap(({ hosts }) => hosts));
  const isOpen = all.some(({ hosts, inherit }) => hosts.includes(host) && inherit === true);
  const wider = isOpen ? widerOf(listed, host) : null;
  return wider === null ? [host] : [host, ...hostsFrom(all, wider)];
}

/** The narrowest host that somebody lists and that takes the name. */
function hostOf(all: readonly OrderedDocument[], name: string): string | null {
  const listed = new Set(all.flatMap(({ hosts }) => hosts));
  return listed.has(name) ? name : widerOf(listed, name);
}

function widerOf(listed: ReadonlySet<string>, name: string): string | null {
  const suffixes = [...listed].filter(
    (host) => host.startsWith('*.') && host !== name && name.endsWith(host.slice(1)),
  );
  const [longest] = suffixes.sort((a, b) => b.length - a.length);
  if (longest !== undefined) return longest;
  return listed.has('*') && name !== '*' ? '*' : null;
}

interface Ranked {
  /** 0: of the host itself. */
  readonly level: number;
  readonly priority: number;
  readonly form: Form;
  readonly answer: string;
}

function rulesOf(all: readonly OrderedDocument[], host: string): Ranked[] {
  const listed = new Set(all.flatMap(({ hosts }) => hosts));
  const found: Ranked[] = [];
  const used = new Set<string>();
  let at: string | null = host;
  for (let level = 0; at !== null; level += 1) {
    const name: string = at;
    const documents = all.filter(({ hosts }) => hosts.includes(name));
    for (const document of documents.filter((one) => !used.has(one.name))) {
      used.add(document.name);
      for (const { name: rule, priority, forms } of document.rules) {
        const answer = `${document.name} ${rule}`;
        for (const form of forms) found.push({ level, priority, form, answer });
      }
    }
    at = documents.some(({ inherit }) => inherit === true) ? widerOf(listed, name) : null;
  }
  return found;
}

const PARTS: ReadonlySet<string> = new Set(['prefix', 'suffix', 'contains', 'regex']);

function strengthOf([kind]: Test): number {
  if (kind === 'exact') return 3;
  return PARTS.has(kind) ? 2 : 1;
}

/** Larger first. */
const keyOf = ({ level, priority, form }: Ranked): readonly number[] => [
  priority,
  -level,
  ['', '~', '='].indexOf(form.sign),
  form.path.length,
  form.ignoreCase ? 0 : 1,
  -(form.methods.length || 100),
  Object.keys(form.headers).length + Number(form.certificate !== null),
  Object.keys(form.query).length,
  Object.keys(form.cookies).length,
  LISTS.flatMap((list) => Object.values(form[list])).reduce(
    (sum, test) => sum + strengthOf(test),
    Number(form.certificate !== null),
  ),
];

const takes = (form: Form, request: Asked): boolean =>
  takesPath(form, request.path) &&
  (form.certificate === null || form.certificate === request.hasCertificate) &&
  (form.methods.length === 0 || form.methods.includes(request.method)) &&
  LISTS.every((list) =>
    Object.entries(form[list]).every(([name, test]) =>
      holds(test, [request[list][name], list === 'headers' ? request.second[name] : undefined]),
    ),
  );

function takesPath({ sign, path, ignoreCase }: Form, given: string): boolean {
  const [a, b] = ignoreCase ? [path.toLowerCase(), given.toLowerCase()] : [path, given];
  if (sign === '~') return new RegExp(`^(?:${path})$`, ignoreCase ? 'i' : '').test(given);
  return a === b || (sign === '' && (a === '/' || b.startsWith(`${a}/`)));
}

/** Envoys of 1.39 and later look at each line of a header. */
function holds([kind, text]: Test, given: readonly (string | undefined)[]): boolean {
  const values = given.filter((one) => one !== undefined);
  if (kind === 'absent') return values.length === 0;
  if (kind === 'present') return values.length > 0;
  const inner = textTestIn(kind);
  return values.some((value) => isText(inner, text, value)) === (kind === inner);
}

function isText(kind: TextTest, text: string, value: string): boolean {
  switch (kind) {
    case 'exact':
      return value === text;
    case 'prefix':
      return value.startsWith(text);
    case 'suffix':
      return value.endsWith(text);
    case 'contains':
      return value.includes(text);
    case 'regex':
      return new RegExp(`^(?:${text})$`).test(value);
  }
}
