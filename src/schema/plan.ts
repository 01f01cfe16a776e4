import type { FieldKind } from './descriptor.ts';
import type { EnumPlan } from './enum-plan.ts';
import type { FieldRules } from './rules/index.ts';
import type { WellKnownForm } from './well-known.ts';

/** What the walk needs to know of a field, read once from its descriptor. */
export interface FieldPlan {
  readonly name: string;
  readonly jsonName: string;
  readonly number: number;
  readonly kind: FieldKind;
  readonly isRepeated: boolean;
  readonly isPacked: boolean;
  readonly isMap: boolean;
  readonly hasPresence: boolean;
  /** Index into the message's oneofs, or -1. */
  readonly oneof: number;
  readonly tag: number;
  readonly isSensitive: boolean;
  /** Null: Envoy's authors stand by it. A disallowed one is refused. */
  readonly status: 'deprecated' | 'disallowed' | 'unfinished' | null;
  /** The release that brought it; null where every pinned Envoy has it. */
  readonly since: string | null;
  /** An Any without a type means something there. */
  readonly takesEmptyAny: boolean;
  /** Envoy compiles the text as an RE2 expression. */
  readonly isRegex: boolean;
  /** Only for kind `message`. */
  message(): MessagePlan;
  /** Only for kind `enum`. */
  enumeration(): EnumPlan;
  rules(): FieldRules;
}

/** Rules of one field that the Envoys before a release have. */
export interface EarlierRules {
  readonly field: FieldPlan;
  readonly since: string;
  readonly rules: () => FieldRules;
}

export interface OneofPlan {
  readonly name: string;
  readonly isRequired: boolean;
  readonly members: readonly string[];
}

/** How far Envoy's authors stand by a message. */
export type MessageStatus = 'stable' | 'alpha' | 'unfinished';

export interface MessagePlan {
  readonly name: string;
  /** The release that brought it; null where every pinned Envoy has it. */
  readonly since: string | null;
  readonly status: MessageStatus;
  readonly form: WellKnownForm;
  /** By number. */
  readonly fields: readonly FieldPlan[];
  readonly byNumber: ReadonlyMap<number, FieldPlan>;
  /** Both spellings of each field. */
  readonly byKey: ReadonlyMap<string, FieldPlan>;
  readonly oneofs: readonly OneofPlan[];
  /** Proto names of the fields that Envoy marks as secrets. */
  readonly sensitive: readonly string[];
  /** Fields whose absence violates a rule. */
  demanded(): readonly FieldPlan[];
  /** Rules that older Envoys have and this one has not. */
  readonly earlierRules: readonly EarlierRules[];
  /** The rules of this message, and of all that is in it, are not enforced. */
  readonly isUnchecked: boolean;
}

/** Plans of the messages of a set; each is made when it is first needed. */
export interface Planner {
  message(fullName: string): MessagePlan | null;
  messageNames(): Iterable<string>;
}
