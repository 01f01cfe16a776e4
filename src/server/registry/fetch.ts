import { clientId, type Mono, type Version } from '../../base/index.ts';
import { answerOnce, type CloseCode, type Standing } from '../../delivery/index.ts';
import {
  type NodeInfo,
  type Resource,
  type Revision,
  type TypeId,
  typeRow,
} from '../../snapshot/index.ts';
import type { Request } from '../../xds/index.ts';
import type { Metrics, Via } from '../metrics/metrics.ts';
import { fetchBucket } from './admission.ts';
import type { Earlier } from './earlier.ts';
import { createPolls, type Look, type PolledView } from './polls.ts';
import { refusalOf } from './refusal.ts';
import { type Place, placeOf } from './retarget.ts';
import type { NodeStreams } from './siblings.ts';

export type Fetched =
  | {
      readonly kind: 'answer';
      readonly type: TypeId;
      readonly version: Version;
      readonly resources: readonly Resource[];
    }
  /** What the client has stays: there is nothing new, or not yet. REST only. */
  | { readonly kind: 'unchanged' }
  | Refused;

export interface Refused {
  readonly kind: 'refused';
  readonly code: CloseCode;
  readonly message: string;
}

export interface Asked {
  readonly via: Via;
  /** The one type that may be asked for. */
  readonly scope: TypeId;
  /** For logs only. */
  readonly peer: string;
}

/** Requests that belong to no stream: unary calls and REST. */
export interface Fetch {
  /** Which server answers. */
  readonly identifier: string;
  ask(request: Request, asked: Asked): Fetched;
  /** A request that is not one, perhaps of no type either. */
  refuse(
    refusal: Omit<Refused, 'kind'>,
    asked: Omit<Asked, 'scope'> & { readonly scope: TypeId | null },
  ): Refused;
  /** Nodes that poll. */
  polls(): readonly PolledView[];
  /** What a node that polls some types means to its streams of others; null: it does not poll. */
  standing(id: string): Standing | null;
}

export interface FetchOptions {
  readonly now: () => Mono;
  /** Wall clock, ms. */
  readonly wall: () => number;
  readonly metrics: Metrics;
  readonly onTrouble: (peer: string, message: string, cause: unknown) => void;
  readonly earlier: Earlier;
  readonly identifier: string;
  /** Default `LIMITS.fetchesBurstMax`. */
  readonly fetchesBurstMax?: number;
  /** The streams of nodes: some have both. */
  readonly streams: Pick<NodeStreams, 'standing' | 'polled' | 'isSotw'>;
  /** Null: nothing is served yet, or any more. */
  readonly served: () => Revision | null;
}

const TOO_MANY = {
  code: 'UNAVAILABLE',
  message: 'too many requests; try again later',
} as const;

export const NOT_SERVING = { code: 'UNAVAILABLE', message: 'not serving; try again' } as const;

export function createFetch(options: FetchOptions): Fetch {
  const { now, wall, metrics, onTrouble, earlier, streams, served } = options;
  const polls = createPolls({ now, wall });
  const requests = fetchBucket(options.fetchesBurstMax);

  const refuse: Fetch['refuse'] = ({ code, message }, { via, scope, peer }) => {
    metrics.fetched(via, scope, 'refused');
    onTrouble(peer, message, null);
    return { kind: 'refused', code, message };
  };
  const ask: Fetch['ask'] = (request, asked) => {
    const { via, scope } = asked;
    const { node } = request;
    if (!requests.takes(now())) return refuse(TOO_MANY, asked);
    const why = refusalOf(request, { scope }, true);
    if (why !== null || node === null) {
      return refuse({ code: 'INVALID_ARGUMENT', message: why ?? 'no node' }, asked);
    }
    const revision = served();
    if (revision === null) return refuse(NOT_SERVING, asked);
    const place = placeOf(node, revision, streams.isSotw(node.id));
    if (place.floorMissed !== null) {
      return refuse({ code: 'UNAVAILABLE', message: tooOld(node, place.floorMissed) }, asked);
    }
    const look = lookOf(node, place);
    const answered = look.answer(scope, request);
    if (!answered.ok) return refuse(answered, asked);
    const { version, resources } = answered.answer;
    const others = streams.standing(node.id);
    const due = polls.take({ ...look, via, node, type: scope, request, version, streams: others });
    streams.polled(node.id);
    // A unary call has no way to say that nothing is new.
    if (via === 'rest' && due !== 'due') {
      metrics.fetched(via, scope, due);
      return { kind: 'unchanged' };
    }
    metrics.fetched(via, scope, 'sent');
    return { kind: 'answer', type: scope, version, resources };
  };
  const lookOf = (node: NodeInfo, place: Place): Look => ({
    place,
    answer: (type, request) =>
      answerOnce(
        {
          ...{ ...CLIENT, node, target: place.target },
          earlier: [...earlier.of(place.groups), ...polls.leftBy(node.id)],
        },
        type,
        { ...request, type, typeUrl: typeRow(type).url },
        now(),
      ),
  });
  const { identifier } = options;
  return {
    identifier,
    ask: guarded(ask, refuse, options),
    refuse,
    polls: () => polls.list(),
    standing: (id) => {
      const revision = served();
      if (revision === null) return null;
      return polls.standing(id, revision, (node) =>
        lookOf(node, placeOf(node, revision, streams.isSotw(id))),
      );
    },
  };
}

/** An exception is a bug of helve, confined to the request. */
const guarded =
  (
    ask: Fetch['ask'],
    refuse: Fetch['refuse'],
    { metrics, onTrouble }: FetchOptions,
  ): Fetch['ask'] =>
  (request, asked) => {
    try {
      return ask(request, asked);
    } catch (cause) {
      metrics.stream.fault();
      onTrouble(asked.peer, 'answering a request failed', cause);
      return refuse({ code: 'UNAVAILABLE', message: 'internal error' }, asked);
    }
  };

/** It is nobody's stream. */
const CLIENT = { id: clientId('fetch') };

const tooOld = ({ id }: NodeInfo, floor: string): string =>
  `NODE_VERSION: node ${id} is older than Envoy ${floor}, so it gets nothing new; upgrade it, or ` +
  'lower `envoy:` of its NodeGroup or of helve.yaml';
