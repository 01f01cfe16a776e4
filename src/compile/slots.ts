import type { JsonObject } from '../schema/index.ts';

/** The places of filters in every HTTP chain, from the client to the upstream. Never reordered. */
export const SLOTS = Object.freeze([
  'cors',
  'geo',
  'csrf',
  'rateLimit.node',
  'authorize.deny',
  'apiKey',
  'basicAuth',
  'oidc',
  'jwt',
  'authorize.allow',
  'externalAuth',
  'rateLimit.fleet',
  'fault',
  'admission',
  'concurrency',
  'bandwidth',
  'maxBody',
  'buffer',
  'grpcWeb',
  'transcode',
  'externalProcessor',
  'compress',
  'decompress',
  'headers',
  'session',
] as const);

export type Slot = (typeof SLOTS)[number];

/**
 * The name of a filter in the chain, and the key of its config on routes. A shared one is fetched
 * under its name, so that it says the listener.
 */
export const filterName = (slot: Slot, sharedBy: string | null): string =>
  sharedBy === null ? `helve.${slot}` : `helve.${slot}/${sharedBy}`;

/**
 * What one route adds to a shared config. The key is a hash of the value: equal entries are one,
 * and those of two revisions can stand beside each other while a switch is under way.
 */
export interface SharedEntry {
  readonly key: string;
  /** A part of the config as ProtoJSON: maps and lists of it add up. */
  readonly value: JsonObject;
}

/** What a rule adds to the shared config of a filter. */
export interface SlotEntry extends SharedEntry {
  readonly slot: Slot;
}
