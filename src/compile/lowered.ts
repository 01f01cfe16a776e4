import type { Origin } from '../base/index.ts';
import type { JsonObject } from '../schema/index.ts';
import type { Ref, TypeId } from '../snapshot/index.ts';
import type { SlotEntry } from './slots.ts';

/** A reference as the user wrote it, so that one that leads nowhere is shown at its place. */
export interface Reference {
  readonly to: Ref;
  readonly origin: Origin;
  /** Who refers, for the message: `rule "cart"`, `listener "web"`. */
  readonly subject: string;
}

/**
 * One message that a document spells for Envoy, in ProtoJSON (snake_case), not yet encoded. What it
 * refers to in the bytes, its traits and its filters are found by the walk that encodes it, raw or
 * native alike; `references` are only those that the user wrote.
 */
export interface Lowered {
  readonly type: TypeId;
  readonly name: string;
  readonly value: JsonObject;
  readonly origin: Origin;
  readonly references: readonly Reference[];
  /** Sent to who asks for it by name alone. Default: to all. */
  readonly isOnDemand?: boolean;
  /** Where parts of the message were written, by their pointers in it; others are at `origin`. */
  readonly places?: ReadonlyMap<string, Origin>;
  /** Where its parts come from, if not all from `origin`; the first is its own. */
  readonly parts?: readonly LoweredPart[];
  /** What helve says of its own accord, and leaves out for a floor that does not know it. */
  readonly optional?: readonly OptionalField[];
}

/** What one document brings to a message: it is asked about a refusal if this changed. */
export interface LoweredPart {
  readonly key: string;
  /** Equal texts, equal parts. */
  readonly text: string;
  readonly origin: Origin;
}

export interface OptionalField {
  /** Of the field in the message. */
  readonly pointer: string;
  /** The full name of the message that has it. */
  readonly message: string;
  readonly field: string;
}

/** A formatter command, at the user's own place. */
export interface CommandNeed {
  readonly message: string;
  /** `1.39`. */
  readonly since: string;
  readonly origin: Origin;
}

/**
 * A piece of a composite: one Route of a virtual host. Pieces are encoded and hashed one by one and
 * concatenated, so that an edit of one rule encodes one rule (D4).
 */
export interface LoweredRule {
  /** The Part key: `<document>#<rule>` for the first form, which is also the wire name. */
  readonly key: string;
  /** Whose it is, in messages: `rule "cart" of "shop"`. */
  readonly subject: string;
  /** The form that it belongs to, by the key of that form's last route. */
  readonly form: string;
  /** An `envoy.config.route.v3.Route` in ProtoJSON. */
  readonly value: JsonObject;
  readonly origin: Origin;
  /** Where parts of the message were written, by their pointers in it; others are at `origin`. */
  readonly places?: ReadonlyMap<string, Origin>;
  readonly references: readonly Reference[];
  /** Clusters that the rule brings along, e.g. `addr:<canonical text>`, deduplicated by name. */
  readonly clusters: readonly Lowered[];
  /** Commands that it writes, and that not every pinned Envoy has. */
  readonly needs: readonly CommandNeed[];
  /** What it adds to the shared configs of filters. */
  readonly entries: readonly SlotEntry[];
}

/** Where the user wrote what stands at a pointer of the message. */
export function placeOf(
  { origin, places }: Pick<Lowered, 'origin' | 'places'>,
  pointer: string,
): Origin {
  if (places === undefined) return origin;
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const place = places.get(at);
    if (place !== undefined) return place;
  }
  return origin;
}
