import { clientId, mono, type Mono } from '../../../src/base/index.ts';
import {
  deadline,
  openClient,
  parkedOf,
  reportClient,
  stepClient,
  type Answering,
  type ClientEvent,
  type ClientReport,
  type ClientState,
  type Fact,
  type Rejection,
  type Target,
} from '../../../src/delivery/index.ts';
import { NOBODY, typeRow, type NodeInfo, type Snapshot } from '../../../src/snapshot/index.ts';
import { decodeRequest, withNonce, type Wire } from '../../../src/xds/index.ts';
import { readResponse, writeRequest, type Heard, type Spoken } from './messages.ts';
import { SHORT, type Short } from './world.ts';

export interface SessionOptions {
  readonly wire: Wire;
  readonly target: Target;
  readonly parked?: readonly Rejection[];
  readonly earlier?: readonly Snapshot[];
  /** Default: a client of no known kind. */
  readonly userAgent?: string;
  readonly features?: readonly string[];
  readonly answering?: Answering;
  readonly left?: readonly Snapshot[];
}

export type Words = Omit<Spoken, 'type_url'> & { readonly typeUrl?: string };

/** One stream against the real delivery, with a clock that the test moves. */
export interface Session {
  /** Says something of a type, and gives what is heard in answer. */
  say(short: Short, words?: Words): readonly Heard[];
  retarget(target: Target): readonly Heard[];
  /** Lets time pass; deadlines come at their moments. */
  wait(ms: number): readonly Heard[];
  event(event: ClientEvent): readonly Heard[];
  report(): ClientReport;
  readonly state: () => ClientState;
  parked(): readonly Rejection[];
  readonly facts: readonly Fact[];
  readonly closed: () => string | null;
  readonly now: () => Mono;
  readonly nextDeadline: () => Mono | null;
}

const NODE: NodeInfo = {
  ...NOBODY,
  id: 'n1',
  cluster: 'edge',
  userAgent: 'test',
  envoyVersion: '1.40.0',
};

export function openSession(options: SessionOptions, start: Mono = mono(1_000_000)): Session {
  const { wire } = options;
  let now = start;
  const node = {
    ...NODE,
    userAgent: options.userAgent ?? NODE.userAgent,
    features: new Set(options.features ?? []),
  };
  let state: ClientState = openClient({ id: clientId('c1'), node, parked: [], ...options }, now);
  let closed: string | null = null;
  const facts: Fact[] = [];
  const step = (event: ClientEvent): readonly Heard[] => {
    const [next, effects] = stepClient(state, event, now);
    state = next;
    const heard: Heard[] = [];
    for (const effect of effects) {
      if (effect.kind === 'send') {
        heard.push(readResponse(wire, withNonce(effect.body, effect.nonce)));
      } else if (effect.kind === 'fact') facts.push(effect.fact);
      else closed = effect.code;
    }
    return heard;
  };
  return {
    say: (short, { typeUrl, ...words } = {}) => {
      const url = typeUrl ?? typeRow(SHORT[short]).url;
      const bytes = writeRequest(wire, { type_url: url, ...words });
      const decoded = decodeRequest(wire, bytes, { withNode: false });
      if (!decoded.ok) throw new Error(decoded.why);
      return step({ kind: 'request', request: decoded.request });
    },
    retarget: (target) => step({ kind: 'target', target }),
    wait: (ms) => {
      const end = now + ms;
      const heard: Heard[] = [];
      for (let at = deadline(state); at !== null && at <= end; at = deadline(state)) {
        if (at <= now) throw new Error(`deadline ${at} is not after ${now}`);
        now = at;
        heard.push(...step({ kind: 'tick' }));
      }
      now = mono(end);
      return heard;
    },
    event: step,
    report: () => reportClient(state),
    state: () => state,
    parked: () => parkedOf(state),
    facts,
    closed: () => closed,
    now: () => now,
    nextDeadline: () => deadline(state),
  };
}
