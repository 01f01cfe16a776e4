import { didYouMean, type DiagnosticCode } from '../../base/index.ts';
import type { z } from 'zod';
import type { Report } from '../report.ts';
import { pointerTo } from '../yaml/pointer.ts';
import { unexpandedProblem } from './unexpanded.ts';
import { describe, isDiagnosticCode, parseTypeMessage, shorten } from './issue.ts';
import { formsOf, type Forms } from './written-form.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What was read, by which schema, and where its findings go. */
export interface Checked {
  readonly source: unknown;
  readonly schema: z.ZodType;
  readonly report: Report;
}

/** Reports what zod found, in our codes and words, each at its place in the document. */
export function reportIssues(issues: readonly Issue[], { schema, ...checked }: Checked): void {
  const at: Where = { ...checked, forms: formsOf(schema) };
  for (const issue of withoutFollowUps(issues)) reportIssue(issue, [], at);
}

interface Where extends Omit<Checked, 'schema'> {
  readonly forms: Forms;
}

/** A field with a typo is usually the one that is missing: what is missing beside it can wait. */
function withoutFollowUps(issues: readonly Issue[]): readonly Issue[] {
  const unknown = issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => path);
  const places = new Set(unknown.map(pointerOf));
  return places.size === 0 ? issues : issues.filter((issue) => !isFollowUp(issue, places));
}

function isFollowUp(issue: Issue, places: ReadonlySet<string>): boolean {
  if (issue.code !== 'custom') {
    const isMissing = issue.code === 'invalid_type' && issue.input === undefined;
    return isMissing && places.has(pointerOf(issue.path.slice(0, -1)));
  }
  const code: unknown = issue.params?.['code'];
  const lacks = code === 'SCHEMA_ONE_OF' || code === 'SCHEMA_REQUIRED';
  return lacks && places.has(pointerOf(issue.path));
}

function reportIssue(issue: Issue, base: Path, where: Where): void {
  const { source, report, forms } = where;
  const path = [...base, ...issue.path];
  const input = valueAt(source, path);
  // The reader has already said what is wrong with this value.
  if (typeof input === 'number' && Number.isNaN(input)) return;
  const pointer = pointerOf(path);
  const unexpanded = unexpandedIn(issue, input, path);
  if (unexpanded !== null) {
    report.error('TEXT_NOT_EXPANDED', { pointer, isKey: isOfKey(issue) }, unexpanded);
  } else if (issue.code === 'unrecognized_keys') reportUnknown(issue, path, where);
  else if (issue.code === 'custom') reportOwn(issue, path, report);
  else if (input === undefined) reportMissing(path, where);
  else if (input === null) {
    const form = forms.at(path, null);
    const example = form === null ? '' : `, e.g. ${form}`;
    const message = `${nameOf(path)} is null; remove the key, or write a value${example}`;
    report.error('SCHEMA_NULL', { pointer }, message);
  } else if (issue.code === 'invalid_union') reportUnion(issue, path, where);
  else if (issue.code === 'invalid_key') {
    for (const inner of issue.issues) reportIssue(inner, path, where);
  } else {
    const [code, message] = wordsFor(issue, input, { path, form: () => forms.at(path, input) });
    report.error(code, { pointer }, message);
  }
}

type Unknown = Extract<Issue, { readonly code: 'unrecognized_keys' }>;

function reportUnknown(issue: Unknown, path: Path, { source, report }: Where): void {
  const messages = issue.message.split('\n');
  issue.keys.forEach((key, index) => {
    // What stands for a key that the reader refused.
    if (Number.isNaN(valueAt(source, [...path, key]))) return;
    const pointer = pointerOf([...path, key]);
    const message =
      messages[index] ?? `the field ${JSON.stringify(shorten(key))} does not exist here`;
    report.error('SCHEMA_UNKNOWN_FIELD', { pointer, isKey: true }, message);
  });
}

type Custom = Extract<Issue, { readonly code: 'custom' }>;

function reportOwn(issue: Custom, path: Path, report: Report): void {
  const own: unknown = issue.params?.['code'];
  const code = isDiagnosticCode(own) ? own : 'SCHEMA_TYPE';
  report.error(code, { pointer: pointerOf(path), isKey: isOfKey(issue) }, issue.message);
}

const isOfKey = (issue: Issue): boolean =>
  issue.code === 'custom' && issue.params?.['isKey'] === true;

/** A field that takes the name of a variable says itself how that is written. */
const NAME_OF_VARIABLE = 'env';

/** Whatever a variable is refused for, what is wrong is that it is one. */
function unexpandedIn(issue: Issue, input: unknown, path: Path): string | null {
  const text = isOfKey(issue) ? path.at(-1) : input;
  if (path.at(-1) === NAME_OF_VARIABLE) return null;
  return typeof text === 'string' ? unexpandedProblem(text) : null;
}

function reportMissing(path: Path, { report, forms }: Where): void {
  const parent = path.slice(0, -1);
  const where = parent.length === 0 ? '' : ` in ${nameOf(parent)}`;
  const key = String(path.at(-1));
  const form = forms.at(path, null);
  const example = form === null ? '' : `, e.g. ${key}: ${form}`;
  const message = `the field "${key}" is missing${where}; add it${example}`;
  report.error('SCHEMA_REQUIRED', { pointer: pointerOf(parent) }, message);
}

type Union = Extract<Issue, { readonly code: 'invalid_union' }>;

/** Shows the errors of the one form that the value was meant to have. */
function reportUnion(issue: Union, path: Path, where: Where): void {
  const { source, report, forms } = where;
  const meant = issue.errors.find((errors) => errors.every((error) => !isOtherType(error)));
  if (meant === undefined) {
    const input = valueAt(source, path);
    const word = unknownWord(issue, input);
    if (word !== null) {
      report.error('SCHEMA_ENUM', { pointer: pointerOf(path) }, word);
      return;
    }
    const kinds = issue.errors.flatMap((errors) => errors.filter(isOtherType).map(expectedForm));
    const isOff = OFF_WORDS.has(input) && kinds.includes('none');
    const form = isOff ? 'none' : forms.at(path, input);
    const example = form === null ? '' : `; write ${isOff ? '' : 'e.g. '}${form}`;
    const message = `expected ${listOf(kinds)}, got ${describe(input)}${example}`;
    report.error('SCHEMA_TYPE', { pointer: pointerOf(path) }, message);
    return;
  }
  for (const error of withoutFollowUps(meant)) reportIssue(error, path, where);
}

/** What switches things off elsewhere. */
const OFF_WORDS: ReadonlySet<unknown> = new Set([false, 'off', 'no', 'false', 'disabled']);

/** A text where a few words can stand, or other forms: what is meant is one of the words. */
function unknownWord(issue: Union, input: unknown): string | null {
  if (typeof input !== 'string') return null;
  const errors = issue.errors.flat().filter(isOtherType);
  const words = errors.flatMap((error) => (error.code === 'invalid_value' ? error.values : []));
  const known = [...new Set(words.map(String))];
  const near = didYouMean(input, known);
  if (near === '' && known.length < 2) return null;
  const forms = listOf(errors.map(expectedForm));
  return `expected one of ${forms}, got ${describe(input)}${near}`;
}

function isOtherType(issue: Issue): boolean {
  const { code } = issue;
  return (code === 'invalid_type' || code === 'invalid_value') && issue.path.length === 0;
}

function expectedForm(issue: Issue): string {
  if (issue.code === 'invalid_type') return TYPE_WORDS[issue.expected] ?? issue.expected;
  return issue.code === 'invalid_value' ? issue.values.map(String).join(', ') : 'a value';
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

interface Written {
  readonly path: Path;
  /** How what is meant is written; null where that cannot be told. */
  readonly form: () => string | null;
}

function wordsFor(
  issue: Issue,
  input: unknown,
  { path, form }: Written,
): readonly [DiagnosticCode, string] {
  switch (issue.code) {
    case 'invalid_type': {
      const own = parseTypeMessage(issue.message);
      if (own !== null) return own;
      const expected = TYPE_WORDS[issue.expected] ?? issue.expected;
      const hint = quoteHint(issue, input) || formHint(form()) || listHint(issue, input);
      return ['SCHEMA_TYPE', `expected ${expected}, got ${describe(input)}${hint}`];
    }
    case 'invalid_value':
      if (typeof input === 'string') return ['SCHEMA_ENUM', issue.message];
      return ['SCHEMA_TYPE', issue.message];
    case 'too_small':
      return ['SCHEMA_RANGE', smallWords(issue, input, { path, form })];
    case 'too_big':
      return ['SCHEMA_RANGE', rangeWords(issue.origin, `at most ${issue.maximum}`, input, path)];
    default:
      return ['SCHEMA_TYPE', issue.message];
  }
}

function quoteHint(issue: Issue, input: unknown): string {
  if (issue.code !== 'invalid_type') return '';
  const isScalar = typeof input === 'number' || typeof input === 'boolean';
  if (issue.expected === 'int' && typeof input === 'number') return '; write a whole number';
  if (issue.expected === 'string' && isScalar) return '; quote it';
  if (issue.expected === 'boolean' && typeof input === 'string') return '; write true or false';
  if (issue.expected !== 'string' && typeof input === 'string' && /^[0-9]+$/.test(input)) {
    return '; remove the quotes';
  }
  return '';
}

/** A list or a map where one text stands. */
function listHint(issue: Issue, input: unknown): string {
  if (issue.code !== 'invalid_type' || issue.expected !== 'string') return '';
  if (Array.isArray(input)) return '; only one can stand here';
  return typeof input === 'object' ? '; write a text' : '';
}

const formHint = (form: string | null): string => (form === null ? '' : `; write e.g. ${form}`);

type TooSmall = Extract<Issue, { readonly code: 'too_small' }>;

function smallWords(issue: TooSmall, input: unknown, { path, form }: Written): string {
  const words = rangeWords(issue.origin, `at least ${issue.minimum}`, input, path);
  return Array.isArray(input) && input.length === 0 ? `${words}${formHint(form())}` : words;
}

function rangeWords(origin: string, bound: string, input: unknown, path: Path): string {
  if (origin === 'number' || origin === 'int') {
    return `${nameOf(path)} must be ${bound}, got ${String(input)}`;
  }
  if (bound === 'at least 1') return `${nameOf(path)} must not be empty`;
  const unit = origin === 'string' ? 'characters' : 'entries';
  return `${nameOf(path)} must have ${bound} ${unit}`;
}

function listOf(words: readonly string[]): string {
  const unique = [...new Set(words)];
  const last = unique.pop() ?? 'a value';
  return unique.length === 0 ? last : `${unique.join(', ')} or ${last}`;
}

function nameOf(path: Path): string {
  return path.length === 0 ? 'the document' : `"${path.map(String).join('.')}"`;
}

function pointerOf(path: Path): string {
  return pointerTo('', ...path.map(String));
}

function valueAt(source: unknown, path: Path): unknown {
  let value = source;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return value;
}
