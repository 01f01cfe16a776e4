import { isIP, isIPv4, isIPv6 } from './ip.ts';
import type { JsonObject } from '../types.ts';
import {
  allOf,
  countOf,
  isOn,
  listOf,
  oneOfWords,
  plural,
  type Rule,
  textOf,
  textRule,
} from './rule.ts';

/** Rules of texts. A text itself is never repeated: it may be a secret. */
export function stringRules(rules: JsonObject): Rule | null {
  const rule = allOf([
    equalRule(rules),
    ...lengthRules(rules),
    ...partRules(rules),
    patternRule(rules),
    listRule(rules, 'in'),
    listRule(rules, 'not_in'),
    ...formRules(rules),
    headerRule(rules),
  ]);
  if (rule === null || !isOn(rules, 'ignore_empty')) return rule;
  return (value) => (value === '' ? null : rule(value));
}

function equalRule(rules: JsonObject): Rule | null {
  const wanted = textOf(rules, 'const');
  if (wanted === null) return null;
  return textRule((value) => (value === wanted ? null : `is not "${wanted}"; write "${wanted}"`));
}

/** Characters are code points, as in the Unicode that protobuf's texts are made of. */
function charsOf(text: string): number {
  return Array.from(text).length;
}

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

function lengthRules(rules: JsonObject): readonly (Rule | null)[] {
  return [
    lengthRule(countOf(rules, 'len'), (has, want) => has === want, charsOf),
    lengthRule(countOf(rules, 'len_bytes'), (has, want) => has === want, bytesOf),
    minRule(countOf(rules, 'min_len'), charsOf, 'character'),
    minRule(countOf(rules, 'min_bytes'), bytesOf, 'byte'),
    maxRule(countOf(rules, 'max_len'), charsOf, 'character'),
    maxRule(countOf(rules, 'max_bytes'), bytesOf, 'byte'),
  ];
}

type Measure = (text: string) => number;

function lengthRule(
  wanted: number | null,
  holds: (has: number, want: number) => boolean,
  measure: Measure,
): Rule | null {
  if (wanted === null) return null;
  const unit = measure === bytesOf ? 'byte' : 'character';
  return textRule((value) => {
    const has = measure(value);
    if (holds(has, wanted)) return null;
    return `has ${plural(has, unit)}; write exactly ${String(wanted)}`;
  });
}

function minRule(min: number | null, measure: Measure, unit: string): Rule | null {
  if (min === null || min === 0) return null;
  return textRule((value) => {
    // Without this, every name would be counted only to learn that it is not empty.
    if (min === 1 && value !== '') return null;
    const has = measure(value);
    if (has >= min) return null;
    if (has === 0) return `is empty; write at least ${plural(min, unit)}`;
    return `has ${plural(has, unit)}; write at least ${String(min)}`;
  });
}

function maxRule(max: number | null, measure: Measure, unit: string): Rule | null {
  if (max === null) return null;
  return textRule((value) => {
    if (value.length * 3 <= max) return null;
    const has = measure(value);
    return has <= max ? null : `has ${plural(has, unit)}; write at most ${String(max)}`;
  });
}

function partRules(rules: JsonObject): readonly (Rule | null)[] {
  const prefix = textOf(rules, 'prefix');
  const suffix = textOf(rules, 'suffix');
  const inner = textOf(rules, 'contains');
  const banned = textOf(rules, 'not_contains');
  return [
    prefix === null
      ? null
      : textRule((value) =>
          value.startsWith(prefix) ? null : `does not begin with "${prefix}"; put it in front`,
        ),
    suffix === null
      ? null
      : textRule((value) =>
          value.endsWith(suffix) ? null : `does not end with "${suffix}"; put it at the end`,
        ),
    inner === null
      ? null
      : textRule((value) => (value.includes(inner) ? null : `lacks "${inner}"; add it`)),
    banned === null
      ? null
      : textRule((value) => (value.includes(banned) ? `contains "${banned}"; remove it` : null)),
  ];
}

/** Envoy's generated checks match the whole text. */
function patternRule(rules: JsonObject): Rule | null {
  const pattern = textOf(rules, 'pattern');
  const expression = pattern === null ? null : compile(`^(?:${pattern})$`);
  if (pattern === null || expression === null) return null;
  return textRule((value) =>
    expression.test(value) ? null : `does not match the pattern ${pattern}; write it in this form`,
  );
}

/** A pattern that JavaScript cannot read is left to Envoy. */
function compile(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return null;
  }
}

function listRule(rules: JsonObject, name: 'in' | 'not_in'): Rule | null {
  const choices = listOf(rules, name)?.filter((item) => typeof item === 'string') ?? null;
  if (choices === null) return null;
  const set: ReadonlySet<string> = new Set(choices);
  const words = oneOfWords(choices.map((choice) => `"${choice}"`));
  return textRule((value) => {
    if (set.has(value) === (name === 'in')) return null;
    return name === 'in' ? `is not one of the allowed; write ${words}` : `is ${words}; change it`;
  });
}

const HOST_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

function isHostname(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  return name.length <= 253 && name.split('.').every((label) => HOST_LABEL.test(label));
}

function isUri(text: string, isReference: boolean): boolean {
  if (/[\s\u0000-\u001f\u007f<>"{}|\\^`]/.test(text)) return false;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return false;
  return isReference || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text);
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  return at > 0 && at <= 64 && text.length <= 254 && isHostname(text.slice(at + 1));
}

const UUID = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

interface Form {
  readonly rule: string;
  readonly words: string;
  holds(text: string): boolean;
}

const FORMS: readonly Form[] = [
  { rule: 'email', words: 'an e-mail address', holds: isEmail },
  { rule: 'hostname', words: 'a host name', holds: isHostname },
  { rule: 'ip', words: 'an IP address', holds: isIP },
  { rule: 'ipv4', words: 'an IPv4 address', holds: isIPv4 },
  { rule: 'ipv6', words: 'an IPv6 address', holds: isIPv6 },
  { rule: 'uri', words: 'a URI with a scheme', holds: (text) => isUri(text, false) },
  { rule: 'uri_ref', words: 'a URI or a part of one', holds: (text) => isUri(text, true) },
  {
    rule: 'address',
    words: 'a host name or an IP address',
    holds: (text) => isHostname(text) || isIP(text),
  },
  { rule: 'uuid', words: 'a UUID', holds: (text) => UUID.test(text) },
];

function formRules(rules: JsonObject): readonly Rule[] {
  return FORMS.filter((form) => isOn(rules, form.rule)).map((form) =>
    textRule((value) => (form.holds(value) ? null : `is not ${form.words}; write ${form.words}`)),
  );
}

interface HeaderForm {
  readonly words: string;
  readonly expression: RegExp;
}

/** Not strict, names and values alike only keep clear of what would split a header. */
const LENIENT: HeaderForm = {
  words: 'has a line break or NUL; remove it',
  expression: /^[^\u0000\u000A\u000D]*$/,
};

const HEADERS: ReadonlyMap<string, HeaderForm> = new Map([
  [
    'HTTP_HEADER_NAME strict',
    {
      words: "is not a header name; use letters, digits and !#$%&'*+-.^_|~`",
      expression: /^:?[0-9a-zA-Z!#$%&'*+-.^_|~`]+$/,
    },
  ],
  [
    'HTTP_HEADER_VALUE strict',
    {
      words: 'has control characters; remove them',
      expression: /^[^\u0000-\u0008\u000A-\u001F\u007F]*$/,
    },
  ],
  ['HTTP_HEADER_NAME', LENIENT],
  ['HTTP_HEADER_VALUE', LENIENT],
]);

function headerRule(rules: JsonObject): Rule | null {
  const name = textOf(rules, 'well_known_regex');
  if (name === null) return null;
  // Strict unless it is switched off, and it is a proto2 field: absent means strict.
  const form = HEADERS.get(rules['strict'] === false ? name : `${name} strict`);
  if (form === undefined) return null;
  return textRule((value) => (form.expression.test(value) ? null : form.words));
}
