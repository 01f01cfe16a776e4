import { EVENT_ID, getScalarValue, SCALAR_STYLE, type Event } from 'js-yaml';
import { invariant, LIMITS } from '../../base/index.ts';
import type { Json } from '../json.ts';
import { nodeEndOffset, nodeOffset } from './events.ts';
import type { TextProblem } from './problem.ts';
import { plainValue } from './scalar.ts';
import { shorten } from '../fields/issue.ts';

export interface BuiltDocument {
  /**
   * The value; `NaN` stands wherever a problem was already reported, so that later checks can
   * keep quiet about it. No valid text gives NaN.
   */
  readonly value: Json;
  /** Index of the event of the document itself. */
  readonly event: number;
  /** Nothing but comments. */
  readonly isEmpty: boolean;
}

export interface Built {
  readonly documents: readonly BuiltDocument[];
  readonly problems: readonly TextProblem[];
}

/** Values of all documents of a text, built from its events (D11). */
export function buildDocuments(text: string, events: readonly Event[]): Built {
  const state = newState(text, events);
  const documents: BuiltDocument[] = [];
  while (state.next < events.length) {
    const event = state.next;
    invariant(events[event]?.type === EVENT_ID.DOCUMENT, 'a document event was expected');
    state.next += 1;
    state.anchors.clear();
    const value = buildNode(state, 1);
    state.next += 1;
    documents.push({ value, event, isEmpty: value === null });
  }
  return { documents, problems: state.problems };
}

/** An empty object without a prototype: no key that a user writes can reach anything else. */
function newObject(): Record<string, Json> {
  return { __proto__: null };
}

interface Anchored {
  readonly value: Json;
  /** Nodes of the value when written out. */
  readonly nodes: number;
  /** Levels below the anchored node. */
  readonly height: number;
}

interface State {
  readonly text: string;
  readonly events: readonly Event[];
  readonly problems: TextProblem[];
  /** Null while the anchored node is still being built. */
  readonly anchors: Map<string, Anchored | null>;
  next: number;
  nodes: number;
  deepest: number;
  aliases: number;
  isOverAliases: boolean;
}

function newState(text: string, events: readonly Event[]): State {
  const counters = { next: 0, nodes: 0, deepest: 0, aliases: 0, isOverAliases: false };
  return { text, events, problems: [], anchors: new Map(), ...counters };
}

function buildNode(state: State, depth: number): Json {
  const event = state.events[state.next];
  invariant(event !== undefined, 'the events end inside a document');
  state.next += 1;
  state.nodes += 1;
  if (depth > state.deepest) state.deepest = depth;
  switch (event.type) {
    case EVENT_ID.SCALAR:
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.tagStart < 0
        ? buildAnchored(state, event, depth)
        : buildTagged(state, event, depth);
    case EVENT_ID.ALIAS:
      return buildAlias(state, event, depth);
    case EVENT_ID.DOCUMENT:
    case EVENT_ID.POP:
      invariant(false, 'a node was expected');
  }
}

type AliasEvent = Extract<Event, { readonly type: typeof EVENT_ID.ALIAS }>;
type ScalarEvent = Extract<Event, { readonly type: typeof EVENT_ID.SCALAR }>;
type MappingEvent = Extract<Event, { readonly type: typeof EVENT_ID.MAPPING }>;
type NodeEvent =
  ScalarEvent | MappingEvent | Extract<Event, { readonly type: typeof EVENT_ID.SEQUENCE }>;

/** What a tag would make of a value is unknown, so later checks keep quiet about it. */
function buildTagged(state: State, event: NodeEvent, depth: number): Json {
  const message = 'tags are not allowed; write a plain value, or quote the text';
  const place = { offset: event.tagStart, endOffset: event.tagEnd };
  const value = report(state, { code: 'YAML_TAG', message, ...place });
  buildAnchored(state, event, depth);
  return value;
}

function buildAnchored(state: State, event: NodeEvent, depth: number): Json {
  return event.anchorStart < 0 ? buildContent(state, event, depth) : anchor(state, event, depth);
}

function buildContent(state: State, event: NodeEvent, depth: number): Json {
  if (event.type === EVENT_ID.SCALAR) return buildScalar(state, event);
  if (event.type === EVENT_ID.SEQUENCE) return buildSequence(state, depth);
  return buildMapping(state, depth);
}

function anchor(state: State, event: NodeEvent, depth: number): Json {
  const name = state.text.slice(event.anchorStart, event.anchorEnd);
  const outerDeepest = state.deepest;
  const nodesBefore = state.nodes;
  state.anchors.set(name, null);
  state.deepest = depth;
  const value = buildContent(state, event, depth);
  const nodes = state.nodes - nodesBefore + 1;
  state.anchors.set(name, { value, nodes, height: state.deepest - depth });
  state.deepest = Math.max(state.deepest, outerDeepest);
  return value;
}

function buildAlias(state: State, event: AliasEvent, depth: number): Json {
  const name = state.text.slice(event.anchorStart, event.anchorEnd);
  const refused = (code: TextProblem['code'], message: string): number =>
    report(state, { code, message, offset: event.anchorStart - 1, endOffset: event.anchorEnd });
  const anchored = state.anchors.get(name);
  if (anchored === undefined) {
    const message = `"*" begins a YAML alias, and nothing is named "${name}"; quote it: "*${name}"`;
    return refused('YAML_SYNTAX', message);
  }
  if (anchored === null) {
    const message = `the alias *${name} refers to a node that contains it; write the value out`;
    return refused('YAML_ALIAS_CYCLE', message);
  }
  state.aliases += 1;
  state.nodes += anchored.nodes;
  if (state.aliases > LIMITS.yamlAliasesMax || state.nodes > LIMITS.yamlNodesMax) {
    const most = `${LIMITS.yamlAliasesMax} aliases and ${LIMITS.yamlNodesMax} nodes`;
    const message = `aliases of a file may expand to at most ${most}; write the values out`;
    // One finding says it; a bomb has very many.
    const isFirst = !state.isOverAliases;
    state.isOverAliases = true;
    return isFirst ? refused('YAML_ALIAS_LIMIT', message) : NaN;
  }
  if (depth + anchored.height > LIMITS.yamlDepthMax + 1) {
    const message = `with this alias nesting is deeper than ${LIMITS.yamlDepthMax} levels`;
    return refused('YAML_TOO_DEEP', `${message}; flatten it`);
  }
  state.deepest = Math.max(state.deepest, depth + anchored.height);
  return anchored.value;
}

function buildSequence(state: State, depth: number): Json {
  const items: Json[] = [];
  while (state.events[state.next]?.type !== EVENT_ID.POP) items.push(buildNode(state, depth + 1));
  state.next += 1;
  return items;
}

function buildMapping(state: State, depth: number): Json {
  const object = newObject();
  const mapping = state.next;
  while (state.events[state.next]?.type !== EVENT_ID.POP) {
    const keyEvent = state.next;
    const key = buildKey(state, depth);
    const value = buildNode(state, depth + 1);
    if (key === null) object[REFUSED_KEY] = NaN;
    else if (Object.hasOwn(object, key)) duplicateKey(state, mapping, keyEvent, key);
    else object[key] = value;
  }
  state.next += 1;
  return object;
}

/**
 * Stands for every key that was refused, with NaN: later checks then know that the map would have
 * more fields than it has.
 */
export const REFUSED_KEY = '<<';

const RESERVED_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** The key, or null where it was refused. */
function buildKey(state: State, depth: number): string | null {
  const event = state.events[state.next];
  if (event?.type === EVENT_ID.SCALAR && isMergeKey(state.text, event)) {
    state.next += 1;
    const message = 'merge keys (<<) are not supported; write the fields out';
    const place = { offset: event.valueStart, endOffset: event.valueEnd };
    report(state, { code: 'YAML_MERGE_KEY', message, ...place });
    return null;
  }
  const key = buildNode(state, depth + 1);
  if (typeof key !== 'string') {
    if (typeof key === 'number' && Number.isNaN(key)) return null;
    if (isTemplate(state.text, event)) {
      const message = '"{{" is a map in a map here, since helve fills no templates; fill it first';
      reportKey(state, 'TEXT_NOT_EXPANDED', event, message);
      return null;
    }
    const help = Array.isArray(key) ? 'quote the whole text that begins with [' : 'quote it';
    const message = `a key must be a string, got ${keyText(key)}; ${help}`;
    reportKey(state, 'YAML_KEY', event, message);
    return null;
  }
  if (!RESERVED_KEYS.has(key)) return key;
  const message = `the key "${key}" is reserved; choose another name`;
  reportKey(state, 'YAML_RESERVED_KEY', event, message);
  return null;
}

/** `{{ .name }}`, without quotes. */
const isTemplate = (text: string, event: Event | undefined): boolean =>
  event?.type === EVENT_ID.MAPPING && event.start > 0 && text.startsWith('{{', event.start - 1);

function reportKey(
  state: State,
  code: TextProblem['code'],
  event: Event | undefined,
  message: string,
): void {
  report(state, { code, message, ...keyPlace(state, event) });
}

function keyPlace(state: State, event: Event | undefined): Place {
  const offset = event === undefined ? null : nodeOffset(state.text, event);
  const end = event === undefined ? null : nodeEndOffset(event);
  const endOffset = end === null ? {} : { endOffset: end };
  return { offset: offset ?? offsetBefore(state), ...endOffset };
}

type Place = Pick<TextProblem, 'offset' | 'endOffset'>;

function isMergeKey(text: string, event: ScalarEvent): boolean {
  if (event.style !== SCALAR_STYLE.PLAIN || event.valueEnd - event.valueStart !== 2) return false;
  return text.startsWith('<<', event.valueStart);
}

function keyText(key: Json): string {
  if (key === null) return 'nothing';
  if (typeof key === 'object') return Array.isArray(key) ? 'a list' : 'a map';
  return `the ${typeof key} ${String(key)}`;
}

/** Finds the first place only now, so that good mappings pay nothing for it. */
function duplicateKey(state: State, mapping: number, keyEvent: number, key: string): void {
  if (state.problems.length >= LIMITS.diagnosticsMax) return;
  let first = mapping;
  for (let at = mapping; at < keyEvent; at = skipNode(state.events, skipNode(state.events, at))) {
    const event = state.events[at];
    if (event?.type === EVENT_ID.SCALAR && getScalarValue(state.text, event) === key) {
      first = at;
      break;
    }
  }
  report(state, {
    code: 'YAML_DUPLICATE_KEY',
    message: `the key "${shorten(key)}" stands twice in this map; keep one of the two`,
    ...keyPlace(state, state.events[keyEvent]),
    related: {
      message: `"${shorten(key)}" first stands here`,
      offset: keyPlace(state, state.events[first]).offset,
    },
  });
}

/** Index of the event after the node at `at`. */
export function skipNode(events: readonly Event[], at: number): number {
  let open = 0;
  for (let index = at; index < events.length; index += 1) {
    const type = events[index]?.type;
    if (type === EVENT_ID.SEQUENCE || type === EVENT_ID.MAPPING) open += 1;
    else if (type === EVENT_ID.POP) open -= 1;
    if (open <= 0) return index + 1;
  }
  return events.length;
}

function buildScalar(state: State, event: ScalarEvent): Json {
  const value = getScalarValue(state.text, event);
  if (event.style !== SCALAR_STYLE.PLAIN) {
    return event.fast ? value : checkDecoded(state, event, value);
  }
  const plain = plainValue(value);
  if (plain.ok) return plain.value;
  const { code, message } = plain;
  return report(state, { code, message, offset: event.valueStart, endOffset: event.valueEnd });
}

// Raw control characters are refused for the whole text before; these come from escapes.
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u0084\u0086-\u009F]/;
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

function checkDecoded(state: State, event: ScalarEvent, value: string): string | number {
  const place = { offset: event.valueStart - 1, endOffset: event.valueEnd + 1 };
  if (CONTROL.test(value)) {
    const message = 'the string has a control character; remove the escape';
    return report(state, { code: 'STRING_CONTROL_CHAR', message, ...place });
  }
  if (LONE_SURROGATE.test(value)) {
    const message = 'the string has half of a surrogate pair; write the character itself';
    return report(state, { code: 'FILE_ENCODING', message, ...place });
  }
  return value;
}

/** The end of the last node with a place before the current event, for nodes that have none. */
function offsetBefore(state: State): number {
  for (let at = state.next - 1; at >= 0; at -= 1) {
    const event = state.events[at];
    if (event === undefined) continue;
    const end = nodeEndOffset(event) ?? nodeOffset(state.text, event);
    if (end !== null) return end;
  }
  return 0;
}

/** Gives what stands for a value with a problem. Beyond the limit nobody reads them. */
function report(state: State, problem: TextProblem): number {
  if (state.problems.length < LIMITS.diagnosticsMax) state.problems.push(problem);
  return NaN;
}
