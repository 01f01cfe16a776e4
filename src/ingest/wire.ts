import type { Located, Origin, Outcome, Scan } from '../base/index.ts';
import type { CompileRequest, ResourceKey, ViewKey } from '../snapshot/index.ts';
import type { PackedDelta } from './delta-packing.ts';
import type { IngestOptions, Rendered, Seed, SeedIds } from './port.ts';

/** What is asked of the process; each is answered once, by its id. */
export type Question =
  | { readonly call: 'start'; readonly seed: Seed | null }
  | { readonly call: 'compile'; readonly request: CompileRequest }
  | { readonly call: 'locate'; readonly origins: readonly Origin[] }
  | {
      readonly call: 'render';
      readonly view: ViewKey;
      readonly keys: readonly ResourceKey[] | null;
    }
  /** Whether it is still there: asked while nothing else is, since a scan can be stuck too. */
  | { readonly call: 'ping' };

export type Answer =
  | { readonly call: 'start'; readonly value: SeedIds | null }
  | { readonly call: 'compile'; readonly value: Outcome<PackedDelta> }
  | { readonly call: 'locate'; readonly value: readonly Located[] }
  | { readonly call: 'render'; readonly value: readonly Rendered[] }
  | { readonly call: 'ping'; readonly value: null };

export type ToProcess =
  | { readonly kind: 'open'; readonly options: IngestOptions }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'look'; readonly number: number }
  /** The last scan was taken: the next may be told. */
  | { readonly kind: 'taken' };

export type FromProcess =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'scan'; readonly scan: Scan }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn'; readonly message: string };

/** Both ends are this program, of one version: only a foreign message is to be told apart. */
export const isToProcess = (message: unknown): message is ToProcess =>
  isOf(message, ['open', 'ask', 'look', 'taken']);

export const isFromProcess = (message: unknown): message is FromProcess =>
  isOf(message, ['answer', 'scan', 'log']);

const isOf = (message: unknown, kinds: readonly string[]): boolean =>
  typeof message === 'object' &&
  message !== null &&
  'kind' in message &&
  typeof message.kind === 'string' &&
  kinds.includes(message.kind);
