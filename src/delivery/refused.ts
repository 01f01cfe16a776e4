import type { Mono } from '../base/index.ts';
import { typeRow, type Resource, type TypeId } from '../snapshot/index.ts';
import {
  Queue,
  refusalOf,
  retract,
  type Channel,
  type ErrorDetail,
  type OpenResponse,
  type Refusal,
} from '../xds/index.ts';
import { send, type Stepped } from './flush.ts';
import { refreshHolds } from './holds.ts';
import { isNewest, recent, withSpurned } from './relevant.ts';
import { withChannel, withGate, type ClientState, type Parked } from './state.ts';
import type { ClientEffect, Rejection } from './types.ts';

export interface Refused {
  readonly type: TypeId;
  readonly response: OpenResponse;
  readonly error: ErrorDetail;
  /** SotW: the request names the very version that it refuses. */
  readonly isSelfContradictory: boolean;
}

/**
 * A NACK: parks what it can only mean, and takes the client back to what it had before, so that
 * good siblings and lost removals are sent again. Nothing is rolled back by itself.
 */
export function refused(state: ClientState, nack: Refused, now: Mono): Stepped {
  const channel = state.channels.get(nack.type);
  if (channel === undefined) return [state, []];
  if (nack.isSelfContradictory && !channel.hasDoubted) return [doubt(state, channel, nack), []];
  const whole = refusalOf(channel, nack.response);
  // A refusal of nothing but removals tells nothing, and to repeat them would not end.
  const plain = whole.refused.length === 0 ? { ...whole, lost: [] } : whole;
  const refusal = known(state, channel, plain);
  const verdict = judge(state, channel, nack, refusal);
  const judged = newlyParked(state, verdict);
  const marked: Channel = {
    ...retract(channel, refusal, judged.retracted),
    nackedVersion: nack.response.frame.version,
    suspects: suspectsAfter(channel, judged),
    ...repeats(channel, refusal, judged),
  };
  const accused = accusedOf(refusal, verdict);
  let next = tried(disowned(unheld(state, accused), refusal), nack.type, verdict.parked);
  next = park(withChannel(next, marked), nack.type, judged.parked);
  if (nack.type === 'ClusterLoadAssignment' || nack.type === 'Secret') {
    next = withGate(next, { isSpoiled: isWarming(next) });
  }
  // What is held is what the client has, not what it has just refused.
  const held = refreshHolds(next);
  const [repeated, effects] = repeatOpen(held, marked, refusal, now);
  return [repeated, [...effects, ...factOf(state, nack, judged.parked, channel)]];
}

/** How many rejections one response makes at most: beyond it they tell nothing. */
const REJECTIONS_MAX = 100;

/**
 * Envoy may put the text of an older error on the request that accepts a newer response (T-41):
 * the response is sent once more, and the second answer is believed.
 */
function doubt(state: ClientState, channel: Channel, { response }: Refused): ClientState {
  const names = response.frame.resources.map(({ name }) => name);
  return withChannel(state, {
    ...channel,
    owed: new Set([...channel.owed, ...names]),
    owesAll: channel.owesAll || channel.row.isComplete,
    owedSince: response.sentAt,
    hasDoubted: true,
    outcome: 'none',
  });
}

/** What was parked before, and was still on its way, is not told again, unless it is proven now. */
function newlyParked({ parked }: ClientState, judged: Judgement): Judgement {
  const fresh = judged.parked.filter(({ rejection: { key, version, isProven } }) => {
    const before = parked.get(key.type)?.get(key.name)?.rejection;
    return before?.version !== version || (isProven && !before.isProven);
  });
  return fresh.length === judged.parked.length ? judged : { ...judged, parked: fresh };
}

/** What a client of unknown content may have had: the newest content of that name not refused. */
function known(state: ClientState, channel: Channel, refusal: Refusal): Refusal {
  const isComplete = channel.wire === 'sotw' && channel.row.isComplete;
  if (!isComplete || !channel.isBlind) return refusal;
  const others = { ...state, spurned: withSpurned(state.spurned, refusal.refused) };
  const before = refusal.refused.map(
    ({ type, name }, index) => refusal.before[index] ?? recent(others, type, name),
  );
  return { ...refusal, before };
}

/** What must be said again: suspects by name, or the complete set without its culprits. */
function repeats(
  channel: Channel,
  { refused: all }: Refusal,
  { parked, suspects }: Judgement,
): Pick<Channel, 'owed' | 'owesAll' | 'owedSince'> {
  const isSet = channel.wire === 'sotw' && (channel.row.isComplete || channel.isEntire);
  const isCleared = parked.length > 0 && parked.every(({ mode }) => mode === 'omit');
  // Of a blind client it is not known that it has what stands in.
  const isToSay = parked.length < all.length || channel.isBlind;
  const owesAll = channel.owesAll || (isSet && isCleared && isToSay);
  const owed = suspects.length === 0 ? channel.owed : new Set([...channel.owed, ...suspects]);
  // An update like any other: only what was asked for may overtake an open response.
  return { owed, owesAll, owedSince: channel.owedSince };
}

interface Judgement {
  readonly parked: readonly Parked[];
  /** Names that the client is taken not to have got. */
  readonly retracted: ReadonlySet<string>;
  /** Names to send once more, each alone. */
  readonly suspects: readonly string[];
}

function judge(
  state: ClientState,
  channel: Channel,
  { error, response }: Refused,
  refusal: Refusal,
): Judgement {
  const all = refusal.refused.map(({ name }) => name);
  const isOnly = all.length === 1 && refusal.lost.length === 0;
  if (isOnly || all.length === 0) {
    return parkAll(state, refusal, { error, isProven: true, mode: modeOf(channel) });
  }
  if (channel.wire === 'delta' || !(channel.row.isComplete || channel.isEntire)) {
    // Some may have been applied: each is sent once more, whatever the client now has.
    return { parked: [], retracted: new Set(), suspects: all };
  }
  // A complete set cannot be taken apart: who is named in Envoy's words, or else everybody.
  const named = onlyOf(refusal, namedIn(error.message, all));
  const mode = modeOf(channel);
  if (named.refused.length > 0) {
    // Several may be named by chance: each is tried once more then.
    const isDue = named.refused.length > 1;
    return parkAll(state, named, { error, isProven: all.length === 1, mode, isDue });
  }
  // What had to be kept in the set was refused with it once more: that accuses nobody else.
  const isKept = [...(state.parked.get(channel.row.id)?.values() ?? [])].some(
    (parked) => parked.mode === 'keep' && isIn(response, parked.rejection),
  );
  if (isKept) return { parked: [], retracted: new Set(), suspects: [] };
  // Nobody is named: each is tried once more, one at a time.
  return parkAll(state, refusal, {
    error,
    isProven: all.length === 1,
    mode,
    isDue: all.length > 1,
  });
}

const isIn = ({ to }: OpenResponse, { key, version }: Rejection): boolean =>
  to.byName.get(key.name)?.version === version;

/**
 * Names in Envoy's words: a hint, where nothing better tells the culprit. Envoy lists them as
 * `cluster(s) a: why` and `, b: why`; where it does, other words that happen to be names mean
 * nothing.
 */
function namedIn(text: string, names: readonly string[]): ReadonlySet<string> {
  const listed = names.filter((name) =>
    [') ', ', ', '\n'].some((before) => text.includes(`${before}${name}: `)),
  );
  return new Set(listed.length > 0 ? listed : names.filter((name) => isNamedIn(text, name)));
}

function isNamedIn(text: string, name: string): boolean {
  const isBoundary = (char: string | undefined): boolean =>
    char === undefined || !/[A-Za-z0-9_-]/.test(char);
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    if (isBoundary(text[at - 1]) && isBoundary(text[at + name.length])) return true;
  }
  return false;
}

/** To leave out what the client may hold in an unknown version would take it away. */
const modeOf = ({ row, wire, isBlind }: Channel): Parked['mode'] =>
  row.isComplete && wire === 'sotw' && isBlind ? 'keep' : 'omit';

function parkAll(
  state: ClientState,
  { refused: resources, before }: Refusal,
  how: {
    readonly error: ErrorDetail;
    readonly isProven: boolean;
    readonly mode: Parked['mode'];
    readonly isDue?: boolean;
  },
): Judgement {
  const parked = resources.slice(0, REJECTIONS_MAX).map((resource, index): Parked => {
    const known = before[index] ?? null;
    // What it accepted once and refuses now is nothing to fall back on.
    const held = known?.version === resource.version ? null : known;
    const rejection: Rejection = {
      key: { type: resource.type, name: resource.name },
      version: resource.version,
      error: how.error,
      revision: state.target.revision,
      isProven: how.isProven,
      before: held,
    };
    const mode = held === null ? how.mode : 'omit';
    const isDue = how.isDue === true && mode === 'omit' && !isParked(state, rejection);
    return { rejection, mode, isDue };
  });
  const kept = parked.filter(({ mode }) => mode === 'keep');
  const keptNames = new Set(kept.map(({ rejection }) => rejection.key.name));
  const names = resources.map(({ name }) => name).filter((name) => !keptNames.has(name));
  return { parked, retracted: new Set(names), suspects: [] };
}

const isParked = ({ parked }: ClientState, { key, version }: Rejection): boolean =>
  parked.get(key.type)?.get(key.name)?.rejection.version === version;

function onlyOf({ refused: all, before, lost }: Refusal, names: ReadonlySet<string>): Refusal {
  const pairs = all.flatMap((resource, index) =>
    names.has(resource.name) ? [{ resource, held: before[index] ?? null }] : [],
  );
  return {
    refused: pairs.map(({ resource }) => resource),
    before: pairs.map(({ held }) => held),
    lost,
  };
}

function suspectsAfter(channel: Channel, judged: Judgement): ReadonlySet<string> {
  const next = new Set([...channel.suspects, ...judged.suspects]);
  for (const { rejection } of judged.parked) next.delete(rejection.key.name);
  return next;
}

function park(state: ClientState, type: TypeId, parked: readonly Parked[]): ClientState {
  if (parked.length === 0) return state;
  const ofType = new Map(state.parked.get(type));
  const snapshots = [state.target.snapshot, ...state.earlier];
  for (const entry of parked) {
    // What is gone will not be sent anyway.
    if (isNewest(entry.rejection, snapshots)) ofType.set(entry.rejection.key.name, entry);
  }
  return { ...state, parked: new Map(state.parked).set(type, ofType) };
}

function accusedOf({ refused: all }: Refusal, { parked }: Judgement): readonly Resource[] {
  const names = new Set(parked.map(({ rejection }) => rejection.key.name));
  return all.filter(({ name }) => names.has(name));
}

/** Refused content is held no more: what a recent revision had under that name takes its place. */
function unheld(state: ClientState, accused: readonly Resource[]): ClientState {
  if (accused.length === 0) return state;
  const holds = new Map(state.holds);
  for (const [type, list] of state.holds) {
    const kept = list.filter(({ resource }) => !accused.some((r) => isSame(r, resource)));
    if (kept.length < list.length) holds.set(type, kept);
  }
  return { ...state, spurned: withSpurned(state.spurned, accused), holds };
}

const isSame = (a: Resource, b: Resource): boolean =>
  a.type === b.type && a.name === b.name && a.version === b.version;

/** What stood in for refused content, and is refused itself, gives way to what was before it. */
function disowned(state: ClientState, { refused: resources }: Refusal): ClientState {
  let { parked } = state;
  for (const { type, name, version } of resources) {
    const entry = parked.get(type)?.get(name);
    if (entry === undefined || entry.rejection.before?.version !== version) continue;
    const isBlind = state.channels.get(type)?.isBlind === true;
    const before = isBlind ? recent(state, type, name) : null;
    const rejection: Rejection = { ...entry.rejection, before };
    // Only a complete set takes away what it leaves out: elsewhere nothing is sent any more.
    const isSet = state.wire === 'sotw' && typeRow(type).isComplete;
    const mode = before === null && isSet ? 'keep' : 'omit';
    const next: Parked = { rejection, mode, isDue: false };
    parked = new Map(parked).set(type, new Map(parked.get(type)).set(name, next));
  }
  return parked === state.parked ? state : { ...state, parked };
}

/** What was refused again has had its trial. */
function tried(state: ClientState, type: TypeId, again: readonly Parked[]): ClientState {
  const ofType = state.parked.get(type);
  if (ofType === undefined) return state;
  const next = new Map(ofType);
  for (const { rejection } of again) {
    const before = ofType.get(rejection.key.name);
    if (before === undefined || !before.isDue || !isParked(state, rejection)) continue;
    next.set(rejection.key.name, { ...before, isDue: false });
  }
  return { ...state, parked: new Map(state.parked).set(type, next) };
}

/** Types whose refusals end the warming of all others of the type on the stream (D19). */
const ENDS_WARMING: readonly TypeId[] = ['ClusterLoadAssignment', 'Secret', 'RouteConfiguration'];

/** Children that are not acknowledged yet are sent once more: Envoy may have stopped waiting. */
function repeatOpen(state: ClientState, channel: Channel, refusal: Refusal, now: Mono): Stepped {
  const isRefused = ({ name, version }: Resource): boolean =>
    refusal.refused.some((other) => other.name === name && other.version === version);
  // An overdue response may bring what newer content has replaced.
  const isCurrent = ({ name, version }: Resource): boolean =>
    channel.sent.byName.get(name)?.version === version;
  const waiting = [...channel.open].filter(
    ({ isRepeat, frame }) =>
      !isRepeat && frame.resources.every(isCurrent) && !frame.resources.some(isRefused),
  );
  if (!ENDS_WARMING.includes(channel.row.id) || waiting.length === 0) return [state, []];
  const frames = waiting.map(({ frame }) => frame);
  if (state.blockedSince !== null) {
    const names = frames.flatMap(({ resources }) => resources.map(({ name }) => name));
    const owed = new Set([...channel.owed, ...names]);
    return [withChannel(state, { ...channel, owed }), []];
  }
  const [sent, effects] = send(state, channel, frames, now);
  const entered = sent.channels.get(channel.row.id) ?? channel;
  const open = Queue.of([...entered.open].map((response) => ({ ...response, isRepeat: true })));
  return [withChannel(sent, { ...entered, open }), effects];
}

const isWarming = ({ channels }: ClientState): boolean =>
  (['Cluster', 'ClusterLoadAssignment', 'Secret'] as const).some(
    (type) => (channels.get(type)?.open.length ?? 0) > 0,
  );

function factOf(
  state: ClientState,
  { type }: Refused,
  parked: readonly Parked[],
  channel: Channel,
): readonly ClientEffect[] {
  if (parked.length === 0) return [];
  const rejections = parked.map(({ rejection }) => rejection);
  const resources: Resource[] = [];
  for (const { key } of rejections) {
    const resource = channel.sent.byName.get(key.name);
    if (resource !== undefined) resources.push(resource);
  }
  const before = rejections.map((rejection) => rejection.before);
  const fact = { kind: 'rejected', client: state.id, type, rejections, before } as const;
  return [{ kind: 'fact', fact: { ...fact, refused: resources } }];
}
