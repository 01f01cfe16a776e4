import { compareText, LIMITS, type Mono, type Nonce } from '../base/index.ts';
import {
  diffSets,
  isGlob,
  type Resource,
  type ResourceSet,
  type SetDiff,
} from '../snapshot/index.ts';
import type { OpenResponse } from './accepted.ts';
import { NOTHING, type Channel } from './channel.ts';
import {
  completeFrame,
  deltaFrames,
  frameOf,
  namedFrame,
  singleFrame,
  splitFrames,
  type Frame,
} from './frames.ts';
import type { NameSet } from './names.ts';
import { Queue } from './queue.ts';
import type { ResponseContent } from './response.ts';
import { changedSet, isGhost } from './sets.ts';
import { covers } from './subscription.ts';
import { membersOf, resourcesFor } from './collections.ts';
import { withErrors, type Servable } from './unserved.ts';
import { aliasesIn, isThere, resourceFor } from './visible.ts';

export interface Push extends Servable {
  /** Names to send after their changed parent, changed or not, asked for or not (ADS-05). */
  readonly children: ReadonlySet<string>;
  /** Names that stay only for who has them: no answer about a collection brings them. */
  readonly leaving: NameSet;
}

export interface Composed {
  readonly channel: Channel;
  readonly frames: readonly Frame[];
  /** What the client now gets at another content than before. */
  readonly changed: readonly Resource[];
}

/** Whether `want` holds anything for this subscription that was not sent. */
export function differs(channel: Channel, want: ResourceSet): boolean {
  const { sent, subscription, row, wire } = channel;
  if (sent === want) return false;
  const { changed, removed } = diffSets(sent, want);
  const hasRemovals = wire === 'sotw' ? row.isComplete : row.removals === 'sent';
  return (
    changed.some(({ name }) => covers(subscription, name)) ||
    (hasRemovals && removed.some((name) => covers(subscription, name)))
  );
}

/** What to send now, and the channel as if it were sent. */
export function compose(before: Channel, given: Push): Composed {
  const channel = given.advances ? before : withDemanded(before, given.want);
  const push = given.advances ? given : { ...given, children: asked(channel, given) };
  const diff = push.advances ? ownDiff(channel, push.want) : NO_DIFF;
  const { frames, waiting } = framesOf(channel, push, diff);
  const said = withErrors(channel, push, { frames, removed: diff.removed });
  const owesAll = channel.owesAll && !push.advances && frames.length === 0;
  const next: Channel = {
    ...channel,
    sent: push.advances ? push.want : channel.sent,
    // Nothing open: what the client has no part in changes unseen.
    acked:
      push.advances && frames.length === 0 && channel.open.length === 0 ? push.want : channel.acked,
    owed: waiting,
    suspects: push.advances ? stillSuspect(channel, frames) : channel.suspects,
    owesAll,
    owedSince: owesAll || waiting.size > 0 ? channel.owedSince : null,
    isAnswered: channel.isAnswered || frames.length > 0,
    errors: said.errors,
  };
  return { channel: next, frames: said.frames, changed: diff.changed };
}

/**
 * A request waits at the client for what is on demand: where it may be sent ahead of the switch, it
 * does not wait for the answers to earlier responses, which a warming cluster holds back.
 */
function withDemanded(channel: Channel, want: ResourceSet): Channel {
  const { row, owed, sent } = channel;
  if (row.stage !== 'add' || owed.size === 0) return channel;
  const put = [...owed].flatMap((name) => {
    const resource = want.byName.get(name);
    const isNew = resource?.traits.isOnDemand === true && !sent.byName.has(name);
    return isNew ? [resource] : [];
  });
  return put.length === 0 ? channel : { ...channel, sent: changedSet(sent, put, []) };
}

/** What was sent tells nothing of names that were not asked for. */
const asked = ({ subscription }: Channel, { children }: Push): ReadonlySet<string> =>
  new Set([...children].filter((name) => covers(subscription, name)));

export interface Opening {
  readonly nonceOf: () => Nonce;
  readonly now: Mono;
  /** See `OpenResponse.isRefresh`. */
  readonly isRefresh: boolean;
}

/** Enters sent frames as open responses. `nonceOf` numbers them. */
export function opened(
  channel: Channel,
  frames: readonly Frame[],
  { nonceOf, now, isRefresh }: Opening,
): { readonly channel: Channel; readonly responses: readonly OpenResponse[] } {
  const responses = frames.map((frame) => ({
    nonce: nonceOf(),
    frame,
    to: channel.sent,
    sentAt: now,
    isRepeat: false,
    isRefresh,
  }));
  const lastNonce = responses.at(-1)?.nonce ?? channel.lastNonce;
  const all = channel.open.followedBy(Queue.of(responses));
  // More of the update that is under way: there are no more updates than before.
  const isSame = channel.open.last?.to === channel.sent;
  const open = isSame ? all.drop(Math.max(0, all.length - OPEN_MAX)) : newest(all);
  return { channel: { ...channel, lastNonce, open }, responses };
}

/**
 * A client that answers nothing must not cost more with every edit: Envoy withholds its answers
 * for as long as one cluster warms. An answer to what is forgotten is stale.
 */
function newest(open: Queue<OpenResponse>): Queue<OpenResponse> {
  let updates = 0;
  let after: OpenResponse | null = null;
  const all = [...open];
  for (let index = all.length - 1; index >= 0; index -= 1) {
    const response = all[index];
    if (response === undefined || response.to === after?.to) continue;
    after = response;
    updates += 1;
    if (updates > UPDATES_MAX) return open.drop(index + 1);
  }
  return open.drop(Math.max(0, open.length - OPEN_MAX));
}

/** Updates that are remembered as open; one may be thousands of responses. */
const UPDATES_MAX = 64;
const OPEN_MAX = LIMITS.namesPerTypeMax;

interface Answer {
  readonly frames: readonly Frame[];
  /** Owed names that must wait: they exist, but may not be sent yet. */
  readonly waiting: ReadonlySet<string>;
}

const NO_DIFF: SetDiff = Object.freeze({ changed: [], removed: [] });

function ownDiff(channel: Channel, want: ResourceSet): SetDiff {
  if (channel.sent === want) return NO_DIFF;
  const diff = diffSets(channel.sent, want);
  if (channel.subscription.isWildcard) return diff;
  return {
    changed: diff.changed.filter(({ name }) => covers(channel.subscription, name)),
    removed: diff.removed.filter((name) => covers(channel.subscription, name)),
  };
}

function framesOf(channel: Channel, push: Push, diff: SetDiff): Answer {
  if (channel.wire === 'delta') return deltaAnswer(channel, push, diff);
  return channel.row.isComplete
    ? completeAnswer(channel, push, diff)
    : partialAnswer(channel, push, diff);
}

/** SotW, LDS, CDS and SRDS: the whole subscription or nothing (SOTW-12). */
function completeAnswer(channel: Channel, push: Push, diff: SetDiff): Answer {
  const { row, owed, owesAll, sent, subscription, isAnswered } = channel;
  const waiting = push.advances ? NOTHING : notYetSent(channel, push);
  // An answer out of nothing sent would delete everything.
  if (!push.advances && (!isAnswered || waiting.size > 0)) return { frames: [], waiting: owed };
  const isSilent = !subscription.isWildcard && subscription.names.size === 0;
  const isDue =
    owesAll ||
    owed.size > 0 ||
    push.children.size > 0 ||
    diff.changed.length > 0 ||
    diff.removed.length > 0;
  if (!isDue || isSilent) return { frames: [], waiting: NOTHING };
  const source = push.advances ? push.want : sent;
  const frame = subscription.isWildcard
    ? completeFrame(row, source)
    : namedFrame(row, source, subscription.names);
  return { frames: [frame], waiting: NOTHING };
}

/** SotW, the other types: only what changed, or was asked for (SOTW-13). */
function partialAnswer(channel: Channel, push: Push, diff: SetDiff): Answer {
  const source = push.advances ? push.want : channel.sent;
  const put = new Map(diff.changed.map((r) => [r.name, r]));
  const asked = channel.owesAll ? channel.subscription.names : channel.owed;
  for (const name of [...asked, ...push.children]) {
    for (const resource of resourcesFor(source, name)) put.set(resource.name, resource);
  }
  const resources = [...put.values()];
  const all = channel.isEntire ? entire(channel, source, resources) : resources;
  return {
    frames: partition(channel, all, [], { version: source.version }),
    waiting: push.advances ? NOTHING : notYetSent(channel, push),
  };
}

/** Delta: what changed, and an answer to every name (DELTA-05, DELTA-06). */
function deltaAnswer(channel: Channel, push: Push, diff: SetDiff): Answer {
  const { row, owed, owesAll, subscription, suspects, sent } = channel;
  const isPlain =
    owed.size === 0 &&
    push.children.size === 0 &&
    suspects.size === 0 &&
    subscription.spellings.size === 0 &&
    !(row.isAliased && subscription.names.size > 0);
  if (isPlain && push.advances && subscription.isWildcard && row.perResponse.delta === 'all') {
    const frames = sent === push.want ? [] : deltaFrames(row, sent, push.want);
    return { frames: orEmpty(channel, frames, owesAll, push.want), waiting: NOTHING };
  }
  const source = push.advances ? push.want : sent;
  const waiting = push.advances ? NOTHING : notYetSent(channel, push);
  const put = new Map(diff.changed.filter((r) => !isGhost(r)).map((r) => [r.name, r]));
  const gone = new Set(row.removals === 'sent' ? diff.removed : []);
  const absent = answerOwed(channel, waiting, { source, push, put, gone });
  for (const name of push.children) {
    if (isGlob(name)) answerGlob(name, { source, push, put, gone });
    else putAll(put, resourcesFor(source, name));
  }
  for (const name of absent) gone.delete(name);
  const aliases = aliasesIn(source, subscription.names);
  const content = { version: source.version, aliases, absent };
  const frames = partition(channel, [...put.values()], [...gone], content);
  const mustAnswer = owesAll && push.advances && subscription.isWildcard;
  return { frames: orEmpty(channel, frames, mustAnswer, source), waiting };
}

/** Enters an answer to each owed name, and gives those that are answered without a body. */
function answerOwed(
  { row, owed, subscription }: Channel,
  waiting: ReadonlySet<string>,
  entries: Entries,
): readonly string[] {
  const { source, put, gone } = entries;
  const absent: string[] = [];
  for (const name of owed) {
    if (waiting.has(name)) continue;
    if (isGlob(name)) {
      answerGlob(name, entries);
      continue;
    }
    const resource = resourceFor(source, name);
    if (resource !== null && !isGhost(resource)) put.set(resource.name, resource);
    else if (row.isAliased && subscription.names.has(name)) absent.push(name);
    else gone.add(name);
  }
  return absent;
}

/** What goes into a delta answer, and out of what. */
interface Entries {
  readonly source: ResourceSet;
  readonly push: Push;
  readonly put: Map<string, Resource>;
  readonly gone: Set<string>;
}

/** A collection that has nothing is said to be gone; Envoy keeps what it has of it. */
function answerGlob(name: string, { source, push, put, gone }: Entries): void {
  const members = membersOf(source, name).filter((member) => !push.leaving.has(member.name));
  putAll(put, members);
  if (members.length === 0) gone.add(name);
}

function putAll(put: Map<string, Resource>, resources: readonly Resource[]): void {
  for (const resource of resources) if (!isGhost(resource)) put.set(resource.name, resource);
}

/** A first wildcard request is answered even where there is nothing to say (DELTA-18). */
function orEmpty(
  { row, subscription }: Channel,
  frames: readonly Frame[],
  mustAnswer: boolean,
  source: ResourceSet,
): readonly Frame[] {
  if (frames.length > 0 || !mustAnswer || !subscription.isWildcard) return frames;
  return [frameOf('delta', row, { version: source.version, resources: [], removed: [] })];
}

/** What goes out, with all else that the client has of `source`. */
export function entire(
  { subscription }: Channel,
  source: ResourceSet,
  resources: readonly Resource[],
): readonly Resource[] {
  if (resources.length === 0) return resources;
  const all = [...source.byName.values()].filter(({ name }) => covers(subscription, name));
  return [...new Map([...all, ...resources].map((one) => [one.name, one])).values()];
}

/** Suspects, and the types that travel one by one, each in a response of its own (D19). */
export function partition(
  { wire, row, suspects, lifetimes, subscription, isEntire }: Channel,
  resources: readonly Resource[],
  removed: readonly string[],
  given: Pick<ResponseContent, 'version' | 'aliases' | 'absent'>,
): readonly Frame[] {
  const { spellings } = subscription;
  const content = { ...given, spellings };
  const isAlone = (r: Resource): boolean => row.perResponse[wire] === 'one' || suspects.has(r.name);
  const sorted = resources.toSorted((a, b) => compareText(a.name, b.name));
  if (isEntire && sorted.length > 0) {
    const isWrapped = lifetimes !== 'none';
    return [frameOf(wire, row, { ...content, resources: sorted, removed, isWrapped })];
  }
  const together = sorted.filter((r) => !isAlone(r));
  if (wire === 'sotw' && lifetimes !== 'none') {
    const wrapped = { ...content, removed, isWrapped: true };
    const alone = sorted.filter(isAlone).map((resource) => [resource]);
    return [together, ...alone].flatMap((resources) =>
      splitFrames(wire, row, { ...wrapped, resources }),
    );
  }
  return [
    ...splitFrames(wire, row, { ...content, resources: together, removed }),
    ...sorted
      .filter(isAlone)
      .map((r) => singleFrame(wire, row, { resource: r, spelling: spellings.get(r.name) })),
  ];
}

/** A suspect that is not on its way alone has changed or gone since. */
function stillSuspect({ suspects, open }: Channel, frames: readonly Frame[]): ReadonlySet<string> {
  if (suspects.size === 0) return suspects;
  const alone = [...[...open].map(({ frame }) => frame), ...frames].flatMap(({ resources }) =>
    resources.length === 1 ? resources.map(({ name }) => name) : [],
  );
  return new Set(alone.filter((name) => suspects.has(name)));
}

/** Owed names that exist in what the client should have, and were not in what it was sent. */
function notYetSent({ owed, sent }: Channel, { want }: Push): ReadonlySet<string> {
  if (owed.size === 0) return NOTHING;
  const late = [...owed].filter((name) => !isThere(sent, name) && isThere(want, name));
  return late.length === 0 ? NOTHING : new Set(late);
}
