import { EVENT_ID, parseEvents, SCALAR_STYLE, YAMLException, type Event } from 'js-yaml';
import { LIMITS } from '../../base/index.ts';
import type { TextProblem } from './problem.ts';
import { syntaxProblem } from './syntax.ts';

export type ParsedEvents =
  | { readonly ok: true; readonly events: readonly Event[] }
  | { readonly ok: false; readonly problem: TextProblem };

/**
 * The events of a whole text. The parser stops at its first error, so there is at most one
 * problem. Nesting is refused by the parser itself, before anything of ours descends.
 */
export function readEvents(text: string): ParsedEvents {
  try {
    return { ok: true, events: parseYamlEvents(text) };
  } catch (thrown) {
    if (thrown instanceof RangeError) return { ok: false, problem: tooDeep(0) };
    if (!(thrown instanceof YAMLException)) throw thrown;
    const offset = Math.min(thrown.mark?.position ?? 0, text.length);
    if (thrown.reason.startsWith('nesting exceeded'))
      return { ok: false, problem: tooDeep(offset) };
    return { ok: false, problem: syntaxProblem(text, thrown.reason, offset, failureOf) };
  }
}

/** The offset at which a node is written: its properties, quote or `|` included. */
export function nodeOffset(text: string, event: Event): number | null {
  if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return null;
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  const own = event.type === EVENT_ID.SCALAR ? scalarOffset(text, event) : event.start;
  const places = [own, event.tagStart, event.anchorStart - 1].filter((place) => place >= 0);
  return places.length === 0 ? null : Math.min(...places);
}

/** The offset after a scalar or an alias; null for collections and empty scalars. */
export function nodeEndOffset(event: Event): number | null {
  if (event.type === EVENT_ID.ALIAS) return event.anchorEnd;
  if (event.type !== EVENT_ID.SCALAR || event.valueStart < 0) return null;
  switch (event.style) {
    case SCALAR_STYLE.PLAIN:
      return event.valueEnd;
    case SCALAR_STYLE.SINGLE_QUOTED:
    case SCALAR_STYLE.DOUBLE_QUOTED:
      return event.valueEnd + 1;
    case SCALAR_STYLE.LITERAL_BLOCK:
    case SCALAR_STYLE.FOLDED_BLOCK:
      return null;
  }
}

type ScalarEvent = Extract<Event, { readonly type: typeof EVENT_ID.SCALAR }>;

function scalarOffset(text: string, event: ScalarEvent): number {
  if (event.valueStart < 0) return -1;
  switch (event.style) {
    case SCALAR_STYLE.PLAIN:
      return event.valueStart;
    case SCALAR_STYLE.SINGLE_QUOTED:
    case SCALAR_STYLE.DOUBLE_QUOTED:
      return event.valueStart - 1;
    case SCALAR_STYLE.LITERAL_BLOCK:
    case SCALAR_STYLE.FOLDED_BLOCK:
      return blockHeaderOffset(text, event.valueStart);
  }
}

/** The `|` or `>` on the line before the content of a block scalar. */
function blockHeaderOffset(text: string, contentStart: number): number {
  const header = /[|>][-+0-9]*[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n)?$/;
  const from = Math.max(0, contentStart - HEADER_CHARS_MAX);
  const match = header.exec(text.slice(from, contentStart));
  return match === null ? contentStart : from + match.index;
}

const HEADER_CHARS_MAX = 1000;

function parseYamlEvents(text: string): readonly Event[] {
  // A scalar inside the deepest collection counts as one more level.
  return parseEvents(text, { maxDepth: LIMITS.yamlDepthMax + 1 });
}

function failureOf(text: string): string | null {
  try {
    parseYamlEvents(text);
    return null;
  } catch (thrown) {
    return thrown instanceof YAMLException ? thrown.reason : '';
  }
}

function tooDeep(offset: number): TextProblem {
  const message = `nesting is deeper than ${LIMITS.yamlDepthMax} levels; flatten the document`;
  return { code: 'YAML_TOO_DEEP', message, offset };
}
