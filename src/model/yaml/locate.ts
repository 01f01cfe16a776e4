import { EVENT_ID, getScalarValue, type Event } from 'js-yaml';
import type { Span } from '../../base/index.ts';
import { nodeEndOffset, nodeOffset } from './events.ts';
import { skipNode } from './build.ts';
import { lineTable } from './lines.ts';
import { pointerTokens } from './pointer.ts';

/** Finds places in one text. */
export interface Locator {
  /**
   * The place of a node, or (`isKey`) of its key, in the document with this index. Where the
   * pointer leads nowhere (a default, a missing field), the nearest node above is shown.
   */
  pointer(index: number, pointer: string, isKey?: boolean): Span;
  offset(offset: number, endOffset?: number): Span;
}

/** A locator over events that were already read; they are walked only when asked. */
export function newLocator(file: string, text: string, events: readonly Event[]): Locator {
  let lines: ReturnType<typeof lineTable> | null = null;
  const offsetSpan = (offset: number, endOffset?: number): Span => {
    lines ??= lineTable(text);
    return lines.span(file, offset, endOffset);
  };
  return {
    offset: offsetSpan,
    pointer(index, pointer, isKey = false) {
      const place = placeOf(text, events, documentNode(events, index), pointerTokens(pointer));
      const range = isKey ? place.key : place.node;
      return offsetSpan(range.start, range.end);
    },
  };
}

interface Range {
  readonly start: number;
  readonly end?: number;
}

interface Place {
  readonly node: Range;
  readonly key: Range;
}

function documentNode(events: readonly Event[], index: number): number {
  let seen = -1;
  for (let at = 0; at < events.length; at += 1) {
    if (events[at]?.type === EVENT_ID.DOCUMENT) seen += 1;
    if (seen === index) return at + 1;
  }
  return events.length;
}

function placeOf(
  text: string,
  events: readonly Event[],
  root: number,
  tokens: readonly string[],
): Place {
  let at = root;
  let node = rangeOf(text, events[root], { start: 0 });
  let key = node;
  for (const token of tokens) {
    at = resolveAlias(text, events, at);
    const child = childOf(text, events, at, token);
    if (child === null) break;
    key = rangeOf(text, events[child.key ?? child.node], { start: node.start });
    node = rangeOf(text, events[child.node], { start: key.end ?? key.start });
    at = child.node;
  }
  return { node, key };
}

function rangeOf(text: string, event: Event | undefined, fallback: Range): Range {
  if (event === undefined) return fallback;
  const start = nodeOffset(text, event);
  if (start === null) return fallback;
  const end = nodeEndOffset(event);
  return end === null ? { start } : { start, end };
}

/** Aliases stand for the last node that was given their name before them. */
function resolveAlias(text: string, events: readonly Event[], at: number): number {
  const event = events[at];
  if (event?.type !== EVENT_ID.ALIAS) return at;
  const name = text.slice(event.anchorStart, event.anchorEnd);
  for (let index = at - 1; index >= 0; index -= 1) {
    const candidate = events[index];
    if (candidate === undefined || candidate.type === EVENT_ID.DOCUMENT) break;
    if (candidate.type === EVENT_ID.POP || candidate.type === EVENT_ID.ALIAS) continue;
    if (candidate.anchorStart < 0) continue;
    if (text.slice(candidate.anchorStart, candidate.anchorEnd) === name) return index;
  }
  return at;
}

interface Child {
  readonly node: number;
  readonly key: number | null;
}

function childOf(text: string, events: readonly Event[], at: number, token: string): Child | null {
  const event = events[at];
  if (event?.type === EVENT_ID.MAPPING) return valueOf(text, events, at, token);
  if (event?.type === EVENT_ID.SEQUENCE) return itemOf(events, at, token);
  return null;
}

/** The first of equal keys, since that is the one whose value was taken. */
function valueOf(text: string, events: readonly Event[], at: number, token: string): Child | null {
  let key = at + 1;
  while (key < events.length && events[key]?.type !== EVENT_ID.POP) {
    const value = skipNode(events, key);
    const event = events[key];
    if (event?.type === EVENT_ID.SCALAR && getScalarValue(text, event) === token) {
      return { node: value, key };
    }
    key = skipNode(events, value);
  }
  return null;
}

function itemOf(events: readonly Event[], at: number, token: string): Child | null {
  if (!/^(?:0|[1-9][0-9]*)$/.test(token)) return null;
  const wanted = Number(token);
  let item = at + 1;
  for (let index = 0; events[item]?.type !== EVENT_ID.POP; index += 1) {
    if (item >= events.length) return null;
    if (index === wanted) return { node: item, key: null };
    item = skipNode(events, item);
  }
  return null;
}
