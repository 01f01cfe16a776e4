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
}

type Sign = '' | '=' | '~';
type Test = readonly ['exact' | 'prefix' | 'regex' | 'present' | 'absent' | 'not', string];
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
];

const POSITIVE: readonly Test[] = [
  ['exact', 'v1'],
  ['exact', 'v2'],
  ['prefix', 'v'],
  ['regex', '[a-v]1'],
  ['present', ''],
];
const ALL: readonly Test[] = [...POSITIVE, ['absent', ''], ['not', 'v1']];

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
  return { name, priority, forms };
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

/** `hosts`: as clients write them. */
export function askedFrom(
  random: Random,
  { hosts, hasCertificates = false }: Pick<Shape, 'hosts' | 'hasCertificates'>,
): Asked {
  const values = (): Texts =>
    Object.fromEntries(
      ['x', 'y'].flatMap((name) =>
        random.chance(0.5) ? [[name, random.pick(['v1', 'v2', 'w1', 'z'])]] : [],
      ),
    );
  return {
    host: random.pick(hosts),
    path: random.pick(['/', '/a', '/A', '/a/b', '/A/b', '/a/c', '/ab', '/z', '/a/b/c']),
    method: random.pick(['GET', 'PUT', 'DELETE']),
    headers: values(),
    query: values(),
    cookies: values(),
    hasCertificate: hasCertificates && random.chance(0.5),
  };
}

/** The document as JSON; each rule answers with its name and its document's. */
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
    rules: rules.map(({ name: rule, priority, forms }) => ({
      name: rule,
      priority,
      match: forms.map(writtenForm),
      respond: { status: 200, body: `${name} ${rule}` },
    })),
  });

const WORDS = { '': 'prefix', '=': 'path', '~': 'regex' } as const;

const writtenForm = ({
  sign,
  path,
  ignoreCase,
  methods,
  certificate,
  ...lists
}: Form): unknown => ({
  [WORDS[sign]]: path,
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

function writtenTest([kind, text]: Test): unknown {
  if (kind === 'exact') return text;
  if (kind === 'present' || kind === 'absent') return { present: kind === 'present' };
  return { [kind]: text };
}

/** What the rule that takes the request answers; `none` where none does. */
export function winnerOf(all: readonly OrderedDocument[], request: Asked): string {
  const host = hostOf(all, request.host.toLowerCase().replace(/:\d+$/, ''));
  const taking = host === null ? [] : rulesOf(all, host).filter(({ form }) => takes(form, request));
  const [first] = taking.sort((a, b) => {
    const [one, other] = [keyOf(a), keyOf(b)];
    const at = one.findIndex((part, index) => part !== other[index]);
    return at < 0 ? (a.answer < b.answer ? -1 : 1) : (other[at] ?? 0) - (one[at] ?? 0);
  });
  return first?.answer ?? 'none';
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

const STRENGTHS = { exact: 3, prefix: 2, regex: 2, present: 1, absent: 1, not: 1 } as const;

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
    (sum, [k]) => sum + STRENGTHS[k],
    Number(form.certificate !== null),
  ),
];

const takes = (form: Form, request: Asked): boolean =>
  takesPath(form, request.path) &&
  (form.certificate === null || form.certificate === request.hasCertificate) &&
  (form.methods.length === 0 || form.methods.includes(request.method)) &&
  LISTS.every((list) =>
    Object.entries(form[list]).every(([name, test]) => holds(test, request[list][name])),
  );

function takesPath({ sign, path, ignoreCase }: Form, given: string): boolean {
  const [a, b] = ignoreCase ? [path.toLowerCase(), given.toLowerCase()] : [path, given];
  if (sign === '~') return new RegExp(`^(?:${path})$`, ignoreCase ? 'i' : '').test(given);
  return a === b || (sign === '' && (a === '/' || b.startsWith(`${a}/`)));
}

function holds([kind, text]: Test, value: string | undefined): boolean {
  if (kind === 'absent') return value === undefined;
  if (kind === 'not') return value !== text;
  if (value === undefined) return false;
  if (kind === 'exact') return value === text;
  if (kind === 'prefix') return value.startsWith(text);
  return kind === 'present' || new RegExp(`^(?:${text})$`).test(value);
}
