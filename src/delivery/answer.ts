import type { Mono, Version } from '../base/index.ts';
import {
  bridge,
  setOf,
  setVersion,
  typeRow,
  type Resource,
  type Snapshot,
  type TypeId,
} from '../snapshot/index.ts';
import { resourcesFor, type Request } from '../xds/index.ts';
import { openClient } from './client.ts';
import { requested } from './requested.ts';
import type { ClientState } from './state.ts';
import type { ClientOptions, CloseCode } from './types.ts';
import { isKept, wantOf } from './want.ts';

/** All that a request is answered with, whole. */
export interface Answer {
  /** Hash of what is in it: the same wherever and whenever it is asked for. */
  readonly version: Version;
  readonly resources: readonly Resource[];
}

export type Answered =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly code: CloseCode; readonly message: string };

/**
 * The answer to a request of one type that belongs to no stream: what a SotW stream would begin
 * with. A client that has some version already keeps what recent revisions had beside the target.
 */
export function answerOnce(
  options: AnswerOptions,
  type: TypeId,
  given: Request,
  now: Mono,
): Answered {
  const { snapshot, lacking = [] } = options.target;
  if (lacking.length > 0 && given.versionInfo !== '') {
    // It has what it was given at first, without what it cannot take.
    const first = answered(options, type, { ...given, versionInfo: '' }, now);
    if (first.ok && first.answer.version === given.versionInfo) return first;
  }
  return answered(options, type, withoutDate(given, type, snapshot), now);
}

type AnswerOptions = Omit<ClientOptions, 'wire' | 'scope' | 'parked' | 'known'>;

function answered(options: AnswerOptions, type: TypeId, request: Request, now: Mono): Answered {
  const opened = openClient({ ...options, wire: 'sotw', scope: type, parked: [] }, now);
  const [state, effects] = requested(opened, request, now);
  for (const effect of effects) {
    if (effect.kind === 'close') return { ok: false, code: effect.code, message: effect.message };
  }
  const channel = state.channels.get(type);
  if (channel !== undefined && isKept(state, channel)) return KEPT;
  const isReturning = request.versionInfo !== '' && typeRow(type).stage === 'add';
  const found = subscribed(state, type);
  const resources = isReturning ? withEarlier(found, options.earlier ?? []) : found;
  return { ok: true, answer: { version: setVersion(resources), resources } };
}

const KEPT: Answered = Object.freeze({
  ok: false,
  code: 'UNAVAILABLE',
  message: 'NODE_UNSUPPORTED: what it has stays, since some of it now works over delta only',
});

/**
 * Between requests it is not known what the client took: a version that is not the target's stands
 * for anything recent, so that asking again is answered the same.
 */
function withoutDate(request: Request, type: TypeId, snapshot: Snapshot): Request {
  const { versionInfo } = request;
  const isPlain = versionInfo === '' || versionInfo === setOf(snapshot, type).version;
  return isPlain ? request : { ...request, versionInfo: ANY_VERSION };
}

/** No version: those are hexadecimal. */
const ANY_VERSION = 'any';

function subscribed(state: ClientState, type: TypeId): readonly Resource[] {
  const { subscription } = state.channels.get(type) ?? {};
  if (subscription === undefined) return [];
  const want = wantOf(state, type);
  if (subscription.isWildcard) return [...want.byName.values()];
  return [...subscription.names].sort().flatMap((name) => resourcesFor(want, name));
}

/** Configs that routes fill together keep the entries that routes of before name. */
const withEarlier = (
  resources: readonly Resource[],
  earlier: readonly Snapshot[],
): readonly Resource[] =>
  resources.map((resource) =>
    earlier.reduce((all, snapshot) => {
      const before = setOf(snapshot, resource.type).byName.get(resource.name);
      return before === undefined ? all : bridge(before, all);
    }, resource),
  );
