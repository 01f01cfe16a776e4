import type { NeedList } from './need-list.ts';
import type { Place } from './place.ts';
import type { FieldPlan, MessagePlan, Planner } from './plan.ts';
import type { ProblemList } from './problem-list.ts';
import type { Rule } from './rules/index.ts';
import type { Json } from './types.ts';
import type { WireWriter } from './wire-writer.ts';

/** One walk over a value, as its parts see it. */
export interface Walk {
  readonly planner: Planner;
  readonly problems: ProblemList;
  readonly needs: NeedList;
  readonly writer: WireWriter;
  /** How many messages the walk is inside of. */
  readonly depth: number;
  /** Whether Envoy's rules are enforced here, besides the shape. */
  readonly isChecking: boolean;
  /** Inside of a message with secrets: names that nobody knows may be some. */
  readonly isSecret: boolean;
  /** Writes a message's fields; its tag and length are the caller's. */
  message(plan: MessagePlan, value: Json, spot: Spot): void;
}

/** A value's place and what its field asks of it. */
export interface Spot {
  readonly place: Place;
  /** For messages to the user: `"connect_timeout"`, `an item of "domains"`. */
  readonly label: string;
  readonly rule: Rule | null;
  /** The message is what an Any holds: `@type` is not one of its fields. */
  readonly isOpened?: boolean;
  /** An Any without a type means something here. */
  readonly takesEmptyAny?: boolean;
}

export function fieldLabel(field: FieldPlan, role: 'field' | 'item' | 'key' | 'value'): string {
  switch (role) {
    case 'field':
      return `"${field.name}"`;
    case 'item':
      return `an item of "${field.name}"`;
    case 'key':
      return `a key of "${field.name}"`;
    case 'value':
      return `a value of "${field.name}"`;
  }
}
