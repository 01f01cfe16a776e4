import {
  boolOption,
  bytesOption,
  type FieldDescriptor,
  type FieldKind,
  type MessageDescriptor,
} from './descriptor.ts';
import type { DescriptorSet } from './descriptor-set.ts';
import { decodeMessage } from './decode.ts';
import { type EnumPlan, enumPlan } from './enum-plan.ts';
import type { Since } from './facts.ts';
import { isObject } from './json.ts';
import { fieldStatus, statusOf } from './message-status.ts';
import {
  DISABLED_OPTION,
  ONEOF_REQUIRED_OPTION,
  RULES_OPTION,
  SENSITIVE_OPTION,
} from './options.ts';
import type { EarlierRules, FieldPlan, MessagePlan, Planner } from './plan.ts';
import { type FieldRules, fieldRules, NO_RULES } from './rules/index.ts';
import { EMPTY_ANY_FIELDS, wellKnownForm } from './well-known.ts';

interface Source {
  readonly set: DescriptorSet;
  readonly planner: Planner;
  readonly enums: Map<string, EnumPlan>;
  readonly since: Since;
}

export function createPlanner(set: DescriptorSet, since: Since): Planner {
  const plans = new Map<string, MessagePlan>();
  const message = (fullName: string): MessagePlan | null => {
    const known = plans.get(fullName);
    if (known !== undefined) return known;
    const descriptor = set.message(fullName);
    if (descriptor === null) return null;
    const plan = messagePlan(source, descriptor);
    plans.set(fullName, plan);
    return plan;
  };
  const planner: Planner = { message, messageNames: () => set.messageNames() };
  const source: Source = { set, planner, enums: new Map(), since };
  return planner;
}

function messagePlan(source: Source, descriptor: MessageDescriptor): MessagePlan {
  const fields = descriptor.fields.map((field) => fieldPlan(source, field, descriptor.name));
  return {
    name: descriptor.name,
    since: source.since.message(descriptor.name),
    status: statusOf(source.set, descriptor),
    form: wellKnownForm(descriptor.name),
    fields,
    byNumber: new Map(fields.map((field) => [field.number, field])),
    byKey: new Map(
      fields.flatMap((field) => [
        [field.jsonName, field],
        [field.name, field],
      ]),
    ),
    oneofs: descriptor.oneofs.map(({ name, options }, index) => ({
      name,
      isRequired: boolOption(options, ONEOF_REQUIRED_OPTION) === true,
      members: fields.filter(({ oneof }) => oneof === index).map((field) => field.name),
    })),
    sensitive: fields.filter(({ isSensitive }) => isSensitive).map(({ name }) => name),
    demanded: once(() => fields.filter((field) => field.rules().absent !== null)),
    earlierRules: fields.flatMap((field) => earlierRules(source, descriptor.name, field)),
    isUnchecked: boolOption(descriptor.options, DISABLED_OPTION) === true,
  };
}

const REGEX_FIELDS: ReadonlySet<string> = new Set([
  'envoy.type.matcher.v3.RegexMatcher.regex',
  'xds.type.matcher.v3.RegexMatcher.regex',
]);

const WIRE_TYPES: Readonly<Record<FieldKind, number>> = {
  double: 1,
  float: 5,
  int64: 0,
  uint64: 0,
  int32: 0,
  fixed64: 1,
  fixed32: 5,
  bool: 0,
  string: 2,
  bytes: 2,
  uint32: 0,
  sfixed32: 5,
  sfixed64: 1,
  sint32: 0,
  sint64: 0,
  message: 2,
  enum: 0,
  group: 3,
};

function fieldPlan(source: Source, field: FieldDescriptor, owner: string): FieldPlan {
  const isMessage = field.kind === 'message';
  const entry = isMessage && field.isRepeated ? source.set.message(field.typeName) : null;
  const plan: FieldPlan = {
    name: field.name,
    jsonName: field.jsonName,
    number: field.number,
    kind: field.kind,
    isRepeated: field.isRepeated,
    isPacked: field.isPacked,
    isMap: entry?.isMapEntry === true,
    hasPresence: field.hasPresence,
    oneof: field.oneof,
    tag: field.number * 8 + (field.isPacked ? 2 : WIRE_TYPES[field.kind]),
    isSensitive: boolOption(field.options, SENSITIVE_OPTION) === true,
    status: fieldStatus(field.options),
    since: source.since.field(owner, field.name),
    takesEmptyAny: EMPTY_ANY_FIELDS.has(`${owner}.${field.name}`),
    isRegex: REGEX_FIELDS.has(`${owner}.${field.name}`),
    message: once(() => {
      const found = source.planner.message(field.typeName);
      if (found === null) throw new RangeError(`${field.typeName} is not in the descriptors`);
      return found;
    }),
    enumeration: once(() => enumOf(source, field.typeName)),
    rules: once(() => readRules(source.planner, bytesOption(field.options, RULES_OPTION), plan)),
  };
  return plan;
}

function enumOf(source: Source, name: string): EnumPlan {
  const known = source.enums.get(name);
  if (known !== undefined) return known;
  const descriptor = source.set.enumeration(name);
  if (descriptor === null) throw new RangeError(`${name} is not in the descriptors`);
  const plan = enumPlan(descriptor, source.since);
  source.enums.set(name, plan);
  return plan;
}

function earlierRules(
  { since, planner }: Source,
  message: string,
  field: FieldPlan,
): readonly EarlierRules[] {
  return since.earlierRules(message, field.name).map((earlier) => ({
    field,
    since: earlier.since,
    rules: once(() => readRules(planner, earlier.rule, field)),
  }));
}

/** The rules are a message of the same descriptor set, so our own decoder reads them. */
function readRules(planner: Planner, option: Uint8Array | null, plan: FieldPlan): FieldRules {
  const shape = option === null ? null : planner.message('validate.FieldRules');
  if (option === null || shape === null) return NO_RULES;
  const rules = decodeMessage(shape, option, { isRevealed: true, planner });
  return isObject(rules) ? fieldRules(plan, rules) : NO_RULES;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
