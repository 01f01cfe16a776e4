import type { TextProblem } from './problem.ts';

/** Parses a text and gives the parser's words, or null where it parses. */
export type FailureOf = (text: string) => string | null;

/** Says in the words of somebody who edits YAML what the parser stumbled over. */
export function syntaxProblem(
  text: string,
  reason: string,
  offset: number,
  failureOf: FailureOf,
): TextProblem {
  if (reason.startsWith('unacceptable YAML version')) return yamlVersion(text, offset);
  const template = templateOffset(text, offset);
  if (template !== null) {
    const message = 'this is a template, and helve fills none; fill it before helve reads it';
    return { code: 'TEXT_NOT_EXPANDED', message, offset: template };
  }
  if (reason.startsWith('undeclared tag handle') || reason.includes('tag ')) {
    const message = 'tags are not allowed; write a plain value, or quote the text';
    return { code: 'YAML_TAG', message, offset: tokenStart(text, offset) };
  }
  if (reason.includes('tab characters')) {
    return syntax('tabs are not allowed as indentation; use spaces', offset);
  }
  const unterminated = unterminatedProblem(text, reason, offset, failureOf);
  if (unterminated !== null) return unterminated;
  return quotingProblem(text, reason, offset) ?? syntax(plainWords(reason), offset);
}

/** `{{ … }}` or `{% … %}` on the line that cannot be read, or before it. */
function templateOffset(text: string, offset: number): number | null {
  const start = lineStart(text, offset);
  const end = text.indexOf('\n', offset);
  const found = /\{\{-? *[.\w]|\{%/.exec(text.slice(start, end === -1 ? text.length : end));
  return found === null ? null : start + found.index;
}

/** Only 1.2 is read: 1.1 changes what `no`, `0777` and `12:30:45` mean. */
export function yamlVersion(text: string, offset: number): TextProblem {
  const directive = /^%YAML[ \t]+(?!1\.2[ \t]*(?:#.*)?$)/m.exec(text);
  const message = 'only YAML 1.2 is read; remove the %YAML directive';
  return { code: 'YAML_VERSION', message, offset: directive?.index ?? offset };
}

function syntax(message: string, offset: number): TextProblem {
  return { code: 'YAML_SYNTAX', message, offset };
}

const OPENINGS: readonly {
  readonly words: RegExp;
  readonly marks: string;
  readonly what: string;
}[] = [
  { words: /double quoted scalar/, marks: '"', what: 'the quote' },
  { words: /single quoted scalar/, marks: "'", what: 'the quote' },
  { words: /flow collection|deficient indentation/, marks: '[{"\'', what: 'the bracket or quote' },
];
const END_OF_STREAM = /unexpected end of the (?:stream|document) within/;

/**
 * Finds what was left open: going backwards, the first opening before which the text has no such
 * error. The work is bounded; beyond it only the end is shown.
 */
function unterminatedProblem(
  text: string,
  reason: string,
  offset: number,
  failureOf: FailureOf,
): TextProblem | null {
  const opening = OPENINGS.find(({ words }) => words.test(reason));
  const isOpen = END_OF_STREAM.test(reason) || reason === 'deficient indentation';
  if (opening === undefined || !isOpen) return null;
  const at = openingOffset(text.slice(0, offset), opening.marks, failureOf);
  if (at === null) return syntax(`${opening.what} that is open here is never closed`, offset);
  const mark = text.charAt(at);
  const isBracket = mark === '[' || mark === '{';
  const missing = mark === '[' ? '"]"' : '"}"';
  const words = isBracket
    ? `"${mark}" is never closed; add the missing ${missing}`
    : `the quote ${mark} is never closed; add the missing one`;
  return {
    ...syntax(words, at),
    related: { message: 'the text ends or goes on here', offset },
  };
}

const CANDIDATES_MAX = 64;
const REPARSED_CHARS_MAX = 4_000_000;

function openingOffset(text: string, marks: string, failureOf: FailureOf): number | null {
  let budget = REPARSED_CHARS_MAX;
  let candidates = CANDIDATES_MAX;
  for (let at = text.length - 1; at >= 0 && candidates > 0; at -= 1) {
    if (!marks.includes(text.charAt(at))) continue;
    candidates -= 1;
    budget -= at;
    if (budget < 0) return null;
    const failure = failureOf(text.slice(0, at));
    if (failure === null || !END_OF_STREAM.test(failure)) return at;
  }
  return null;
}

/** Where a value begins with a character that YAML keeps for itself, or holds `: `. */
function quotingProblem(text: string, reason: string, offset: number): TextProblem | null {
  if (reason.includes('alias node must contain')) {
    return syntax(`"*" begins a YAML alias; quote it: "*"`, offset - 1);
  }
  if (reason.includes('directives end mark')) {
    const at = lineStart(text, offset);
    return syntax(`"%" begins a YAML directive; quote it: ${quoted(wordAt(text, at))}`, at);
  }
  const first = text.charAt(offset);
  if (first === '@' || first === '`' || first === '%') {
    const word = quoted(wordAt(text, offset));
    return syntax(`a value cannot begin with "${first}"; quote it: ${word}`, offset);
  }
  if (first === '}' || first === ']') {
    return syntax(`"${first}" closes nothing that is open; remove it, or quote the value`, offset);
  }
  if (first === ':' && reason.includes('bad indentation of a mapping entry')) {
    const start = lineStart(text, offset);
    const before = text.slice(start, offset);
    if (!before.includes(': ')) {
      const indent = /^ */.exec(before)?.[0].length ?? 0;
      return syntax('the indentation does not fit; align it with its siblings', start + indent);
    }
    return syntax('": " begins a second value on this line; quote the text that holds it', offset);
  }
  if (reason.startsWith('name of an anchor')) {
    return syntax('"&" begins a YAML anchor; quote the value that holds it', offset - 1);
  }
  return null;
}

const PLAIN_WORDS: readonly (readonly [start: string, words: string])[] = [
  [
    'bad indentation of a mapping entry',
    'the indentation does not fit; align it with its siblings',
  ],
  ['bad indentation of a sequence entry', 'the indentation of this "-" does not fit; align it'],
  ["expected ':' after a mapping key", 'expected ":" after this key'],
  ['can not read a block mapping entry', 'expected ":" after the key on the line before'],
  ['a line break is expected', 'nothing may follow | or > on its line; begin the text below'],
  ['missed comma', 'expected "," or the closing bracket'],
  [
    'end of the stream or a document',
    'nothing may follow here; check the line and its indentation',
  ],
  ['unknown escape sequence', 'unknown escape; write \\\\ for a backslash, or use single quotes'],
];

function plainWords(reason: string): string {
  const known = PLAIN_WORDS.find(([start]) => reason.startsWith(start));
  return known === undefined ? `the text is not YAML: ${reason}` : known[1];
}

function lineStart(text: string, offset: number): number {
  return Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
}

function tokenStart(text: string, offset: number): number {
  const before = /![^\s]*$/.exec(text.slice(Math.max(0, offset - 200), offset));
  return before === null ? offset : offset - before[0].length;
}

function wordAt(text: string, offset: number): string {
  return /^[^\s,\]}]*/.exec(text.slice(offset, offset + 40))?.[0] ?? '';
}

const quoted = (word: string): string => `"${word.replaceAll(/["\\]/g, '\\$&')}"`;
