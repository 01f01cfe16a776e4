import { isCredentialName } from '../../base/index.ts';
import type { Json } from '../../schema/index.ts';
import { fieldOf, isObject, listOf, numberOf, textOf } from '../inspect/json.ts';
import { headerOf, linesOf, type Seen } from './asked.ts';
import { wholeExpression } from './expression.ts';
import { NOTHING_LATE, type LateValues } from './late-values.ts';
import { fails, HOLDS, unknown, type Verdict } from './verdict.ts';

/** Envoy's conditions on headers, the query and cookies, as its RouteMatch has them. */
export const valuesHold = (
  match: Json | undefined,
  request: Seen,
  late: LateValues = NOTHING_LATE,
): readonly Verdict[] => [
  ...listOf(fieldOf(match, 'headers')).map((one) => headerHolds(one, request, late)),
  ...listOf(fieldOf(match, 'query_parameters')).map((one) => queryHolds(one, request, late)),
  ...listOf(fieldOf(match, 'cookies')).map((one) => cookieHolds(one, request)),
];

function headerHolds(matcher: Json, request: Seen, late: LateValues): Verdict {
  const name = textOf(fieldOf(matcher, 'name')).toLowerCase();
  const isInverted = fieldOf(matcher, 'invert_match') === true;
  const value = headerOf(request, name);
  const shown = name === ':method' ? 'the method' : `the header ${name}`;
  if (isLate(late, `header ${name}`, value)) return unknown(`${shown} ${LATE}`);
  const test = valueTest(matcher);
  if (test.kind === 'present') {
    const isWanted = test.isWanted !== isInverted;
    if ((value !== null) === isWanted) return HOLDS;
    return fails(isWanted ? `${shown} is not there` : `${shown} is there`);
  }
  const given = value ?? (fieldOf(matcher, 'treat_missing_header_as_empty') === true ? '' : null);
  if (given === null) return fails(`${shown} is not there`);
  const words = { name, shown, isInverted };
  const verdict = judged(test, given, words);
  return verdict.holds === anyLine(test, linesOf(request, name), words, verdict)
    ? verdict
    : unknown(`${shown} is there more than once, which not all Envoys read alike`);
}

/** Envoys of 1.39 look at each line, and one will do; those of before at all of them, joined. */
function anyLine(
  test: TextTest,
  lines: readonly string[],
  words: Words,
  joined: Verdict,
): Verdict['holds'] {
  if (lines.length < 2) return joined.holds;
  const { isInverted } = words;
  const each = lines.map((line) => judged(test, line, { ...words, isInverted: false }).holds);
  if (each.includes(true)) return !isInverted;
  return each.includes(null) ? null : isInverted;
}

/** What is not there cannot be taken away. */
const isLate = ({ written, taken }: LateValues, place: string, value: string | null): boolean =>
  written.has(place) || (value !== null && taken.has(place));

const LATE = 'may be another once jwt has run, and the rule is chosen again then';

function queryHolds(matcher: Json, { query }: Seen, late: LateValues): Verdict {
  const name = textOf(fieldOf(matcher, 'name'));
  const shown = `the query parameter ${name}`;
  const value = parametersIn(query).get(name);
  if (value === undefined) return fails(`${shown} is not there`);
  if (isLate(late, `query ${name}`, value)) return unknown(`${shown} ${LATE}`);
  const test = valueTest(matcher);
  return test.kind === 'present' ? HOLDS : judged(test, value, { name, shown, isInverted: false });
}

/** The first of each name, as they are on the wire. */
function parametersIn(query: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const pair of query === '' ? [] : query.split('&')) {
    const at = pair.indexOf('=');
    const name = at < 0 ? pair : pair.slice(0, at);
    if (!found.has(name)) found.set(name, at < 0 ? '' : pair.slice(at + 1));
  }
  return found;
}

function cookieHolds(matcher: Json, request: Seen): Verdict {
  const name = textOf(fieldOf(matcher, 'name'));
  const shown = `the cookie ${name}`;
  const value = cookiesIn(headerOf(request, 'cookie') ?? '').get(name);
  const isInverted = fieldOf(matcher, 'invert_match') === true;
  if (value === undefined) return isInverted ? HOLDS : fails(`${shown} is not there`);
  const test = valueTest(matcher);
  return test.kind === 'present' ? HOLDS : judged(test, value, { name, shown, isInverted });
}

function cookiesIn(header: string): ReadonlyMap<string, string> {
  const pairs = header.split(';').flatMap((part): readonly (readonly [string, string])[] => {
    const at = part.indexOf('=');
    return at < 0 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()]];
  });
  return new Map([...pairs].reverse());
}

type ValueTest =
  | { readonly kind: 'present'; readonly isWanted: boolean }
  | { readonly kind: 'text'; readonly matcher: Json }
  | { readonly kind: 'range'; readonly from: number; readonly to: number };

type TextTest = Exclude<ValueTest, { readonly kind: 'present' }>;

/** Also the forms of before `string_match`, which raw files may have. */
function valueTest(matcher: Json): ValueTest {
  const present = fieldOf(matcher, 'present_match');
  if (present !== undefined) return { kind: 'present', isWanted: present === true };
  const range = fieldOf(matcher, 'range_match');
  if (range !== undefined) {
    const [from, to] = [fieldOf(range, 'start'), fieldOf(range, 'end')].map(signed);
    return { kind: 'range', from: from ?? 0, to: to ?? 0 };
  }
  const text = fieldOf(matcher, 'string_match');
  if (text !== undefined) return { kind: 'text', matcher: text };
  for (const [old, now] of OLD_FORMS) {
    const value = fieldOf(matcher, old);
    if (value !== undefined) return { kind: 'text', matcher: { [now]: value } };
  }
  return { kind: 'present', isWanted: true };
}

const OLD_FORMS = [
  ['exact_match', 'exact'],
  ['prefix_match', 'prefix'],
  ['suffix_match', 'suffix'],
  ['contains_match', 'contains'],
  ['safe_regex_match', 'safe_regex'],
] as const;

const signed = (value: Json | undefined): number =>
  typeof value === 'string' && /^-\d+$/.test(value) ? Number(value) : numberOf(value);

interface Words {
  readonly name: string;
  readonly shown: string;
  readonly isInverted: boolean;
}

function judged(test: TextTest, value: string, { name, shown, isInverted }: Words): Verdict {
  const holds = test.kind === 'text' ? textHolds(test.matcher, value) : inRange(test, value);
  if (holds !== null && holds !== isInverted) return HOLDS;
  // What lets somebody in is not to be read here.
  if (isCredentialName(name)) {
    return holds === null
      ? unknown(`${shown} cannot be evaluated here`)
      : fails(`${shown} is not what it wants`);
  }
  if (holds === null) {
    return unknown(`${shown}: ${wanted(test)} cannot be evaluated here`);
  }
  const not = isInverted ? 'anything but ' : '';
  return fails(`${shown} is ${JSON.stringify(value)}, and it wants ${not}${wanted(test)}`);
}

function inRange(
  { from, to }: { readonly from: number; readonly to: number },
  value: string,
): boolean {
  return /^-?\d+$/.test(value) && Number(value) >= from && Number(value) < to;
}

/** Null where the expression cannot be translated, or the form is not known. */
function textHolds(matcher: Json, value: string): boolean | null {
  const isFolded = fieldOf(matcher, 'ignore_case') === true;
  const fold = (text: string): string => (isFolded ? text.toLowerCase() : text);
  const given = fold(value);
  const text = (field: string): string | null => {
    const found = fieldOf(matcher, field);
    return found === undefined ? null : fold(textOf(found));
  };
  const [exact, prefix, suffix, part] = ['exact', 'prefix', 'suffix', 'contains'].map(text);
  if (typeof exact === 'string') return given === exact;
  if (typeof prefix === 'string') return given.startsWith(prefix);
  if (typeof suffix === 'string') return given.endsWith(suffix);
  if (typeof part === 'string') return given.includes(part);
  const regex = fieldOf(fieldOf(matcher, 'safe_regex'), 'regex');
  if (regex === undefined)
    return isObject(matcher) && Object.keys(matcher).length === 0 ? value === '' : null;
  return wholeExpression(textOf(regex))?.test(value) ?? null;
}

function wanted(test: TextTest): string {
  if (test.kind === 'range') return `${test.from} to ${test.to - 1}`;
  for (const [field, words] of FORMS) {
    const value = fieldOf(test.matcher, field);
    if (value !== undefined) return `${words}${JSON.stringify(textOf(value))}`;
  }
  const regex = fieldOf(fieldOf(test.matcher, 'safe_regex'), 'regex');
  return regex === undefined ? 'a condition of another kind' : `what matches ~${textOf(regex)}`;
}

const FORMS = [
  ['exact', ''],
  ['prefix', 'what begins with '],
  ['suffix', 'what ends with '],
  ['contains', 'what holds '],
] as const;
