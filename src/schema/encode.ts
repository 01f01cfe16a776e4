import { LIMITS, nearestName, quotedName, shownName } from '../base/index.ts';
import { checkTypedStruct, encodeAny } from './encode-any.ts';
import { encodeDuration, encodeFieldMask, encodeTimestamp } from './encode-forms.ts';
import { isDefault, toScalar, writeScalar } from './encode-scalar.ts';
import { encodeListValue, encodeStruct, encodeValue } from './encode-struct.ts';
import { isList, isObject, kindOf, RESERVED_KEYS, shortName } from './json.ts';
import { toMapKeys } from './map-keys.ts';
import { checkEarlierRules } from './earlier-rules.ts';
import { reportFieldStatus, reportStatus } from './message-status.ts';
import { NeedList } from './need-list.ts';
import { Place } from './place.ts';
import type { FieldPlan, MessagePlan, Planner } from './plan.ts';
import type { ProblemList } from './problem-list.ts';
import type { Checked, Rule } from './rules/index.ts';
import type { Json, JsonObject, Visit } from './types.ts';
import { MessageVisit } from './visit.ts';
import { fieldLabel, type Spot, type Walk } from './walk.ts';
import { NULL_VALUE, typeOfUrl } from './well-known.ts';
import type { WireWriter } from './wire-writer.ts';

export interface EncodingParts {
  readonly planner: Planner;
  readonly problems: ProblemList;
  readonly writer: WireWriter;
  readonly onMessage: ((visit: Visit) => void) | null;
  /** Whether validation rules are enforced, besides the shape. */
  readonly isChecking: boolean;
}

const FIELDS_LISTED_MAX = 8;

const leadsToSecrets = (field: FieldPlan): boolean =>
  field.kind === 'message' && field.message().sensitive.length > 0;

/** One walk: checks, visits and writes a value in a single pass. */
export class Encoding implements Walk {
  readonly planner: Planner;
  readonly problems: ProblemList;
  readonly writer: WireWriter;
  readonly needs = new NeedList();
  readonly #onMessage: ((visit: Visit) => void) | null;
  #depth = 0;
  #isChecking: boolean;
  #isSecret = false;
  #isUnstable = false;

  constructor({ planner, problems, writer, onMessage, isChecking }: EncodingParts) {
    this.#isChecking = isChecking;
    this.planner = planner;
    this.problems = problems;
    this.writer = writer;
    this.#onMessage = onMessage;
  }

  get depth(): number {
    return this.#depth;
  }

  get isChecking(): boolean {
    return this.#isChecking;
  }

  get isSecret(): boolean {
    return this.#isSecret;
  }

  message(plan: MessagePlan, value: Json, spot: Spot): void {
    if (this.#depth > LIMITS.messageDepthMax) {
      const max = String(LIMITS.messageDepthMax);
      const words = `nesting is deeper than ${max} messages; flatten it`;
      this.problems.add('COMPILE_LIMIT', spot.place, words);
      return;
    }
    this.#depth++;
    this.#form(plan, value, spot);
    this.#depth--;
  }

  #form(plan: MessagePlan, value: Json, spot: Spot): void {
    switch (plan.form) {
      case 'fields':
        this.#object(plan, value, spot);
        return;
      case 'any':
        encodeAny(this, value, spot);
        return;
      case 'duration':
        encodeDuration(this, value, spot);
        return;
      case 'timestamp':
        encodeTimestamp(this, value, spot);
        return;
      case 'fieldMask':
        encodeFieldMask(this, value, spot);
        return;
      case 'struct':
        encodeStruct(this, value, spot);
        return;
      case 'value':
        encodeValue(this, value, spot);
        return;
      case 'listValue':
        encodeListValue(this, value, spot);
        return;
      case 'wrapper':
        this.#wrapper(plan, value, spot);
        return;
      case 'typedStruct':
        this.#object(plan, value, spot);
        if (isObject(value)) checkTypedStruct(this, value, spot);
    }
  }

  #wrapper(plan: MessagePlan, value: Json, spot: Spot): void {
    const field = plan.fields[0];
    if (field === undefined) return;
    const found = toScalar(this, field, value, spot);
    if (found === null || isDefault(found)) return;
    this.writer.uint32(field.tag);
    writeScalar(this.writer, field.kind, found);
  }

  #object(plan: MessagePlan, value: Json, spot: Spot): void {
    if (!isObject(value)) {
      const words = `${spot.label} must be an object, got ${kindOf(value)}; write its fields`;
      this.problems.add('SCHEMA_TYPE', spot.place, words);
      return;
    }
    this.#onMessage?.(new MessageVisit(plan, value, spot.place));
    const wasChecking = this.#isChecking;
    if (plan.isUnchecked) this.#isChecking = false;
    const wasUnstable = this.#isUnstable;
    if (plan.status !== 'stable') this.#unstable(plan, value, spot.place);
    const wasSecret = this.#isSecret;
    if (plan.sensitive.length > 0) this.#isSecret = true;
    const given = this.#given(plan, value, spot);
    for (const field of given) {
      const key = Object.hasOwn(value, field.name) ? field.name : field.jsonName;
      const inner = value[key];
      if (inner !== undefined) this.#field(plan, field, inner, spot.place.child(key));
    }
    this.#oneofs(plan, given, value, spot.place);
    if (this.#isChecking) {
      this.#absent(plan, given, spot.place);
      if (plan.earlierRules.length > 0) checkEarlierRules(this, plan, value, spot.place);
    }
    this.#isChecking = wasChecking;
    this.#isSecret = wasSecret;
    this.#isUnstable = wasUnstable;
  }

  /** Once for a filter and all that is in it. */
  #unstable(plan: MessagePlan, value: JsonObject, place: Place): void {
    if (this.#isUnstable) return;
    const isOpen = Object.hasOwn(value, '@type');
    reportStatus(this.problems, plan, isOpen ? place.child('@type') : place);
    this.#isUnstable = true;
  }

  /** The fields of an object by number; keys that are none are reported. */
  #given(plan: MessagePlan, value: JsonObject, spot: Spot): readonly FieldPlan[] {
    const given: FieldPlan[] = [];
    let isSorted = true;
    let last = 0;
    for (const key of Object.keys(value)) {
      const field = plan.byKey.get(key);
      if (field === undefined) {
        if (key !== '@type' || !isOpened(plan, value, spot)) {
          this.#unknown(plan, key, spot.place.child(key));
        }
        continue;
      }
      // ProtoJSON: null is what an absent field is.
      if (value[key] === null && !takesNull(field)) continue;
      if (field.number <= last) isSorted = false;
      last = field.number;
      given.push(field);
    }
    return isSorted ? given : this.#sorted(given, spot.place);
  }

  #sorted(given: readonly FieldPlan[], place: Place): readonly FieldPlan[] {
    const sorted = [...given].sort((a, b) => a.number - b.number);
    return sorted.filter((field, index) => {
      if (sorted[index - 1] !== field) return true;
      const words = `"${field.name}" is given in both spellings; keep one`;
      this.problems.addAtKey('SCHEMA_ONE_OF', place.child(field.jsonName), words);
      return false;
    });
  }

  #unknown(plan: MessagePlan, key: string, place: Place): void {
    if (RESERVED_KEYS.has(key)) {
      const words = `the key "${key}" is reserved; remove it`;
      this.problems.addAtKey('YAML_RESERVED_KEY', place, words);
      return;
    }
    const names = plan.fields.map((field) => field.name);
    const near = nearestName(key, names) ?? nearestName(key, plan.byKey.keys());
    const shown =
      this.#isSecret || plan.fields.some(leadsToSecrets)
        ? shownName(key, near !== null)
        : quotedName(key);
    let advice = near === null ? 'remove it' : `did you mean "${near}"?`;
    if (near === null && names.length > 0 && names.length <= FIELDS_LISTED_MAX) {
      advice = `it has ${names.join(', ')}`;
    }
    const words = `unknown field ${shown} in ${shortName(plan.name)}; ${advice}`;
    this.problems.addAtKey('SCHEMA_UNKNOWN_FIELD', place, words);
  }

  #field(plan: MessagePlan, field: FieldPlan, value: Json, place: Place): void {
    if (field.status !== null) reportFieldStatus(this.problems, plan, field, place);
    const start = this.writer.length;
    if (field.isMap) this.#map(field, value, place);
    else if (field.isRepeated) this.#list(field, value, place);
    else this.#single(field, value, { place, label: fieldLabel(field, 'field'), rule: null });
    // What is not written says nothing that an older Envoy would miss.
    if (field.since !== null && this.writer.length > start) {
      this.needs.field(plan.name, field.name, field.since, place);
    }
  }

  #ruleOf(field: FieldPlan): Rule | null {
    return this.#isChecking ? field.rules().value : null;
  }

  #single(field: FieldPlan, value: Json, { place, label }: Spot): void {
    const { takesEmptyAny } = field;
    const spot = { place, label, rule: this.#ruleOf(field), takesEmptyAny };
    if (field.kind === 'message') {
      this.#nested(field, field.tag, value, spot);
      return;
    }
    const found = toScalar(this, field, value, spot);
    if (found === null || (!field.hasPresence && isDefault(found))) return;
    this.writer.uint32(field.tag);
    writeScalar(this.writer, field.kind, found);
  }

  #nested(field: FieldPlan, tag: number, value: Json, spot: Spot): void {
    const wasChecking = this.#isChecking;
    if (field.rules().isSkipped) this.#isChecking = false;
    this.writer.uint32(tag);
    const mark = this.writer.begin();
    this.message(field.message(), value, spot);
    this.writer.end(mark);
    this.#isChecking = wasChecking;
  }

  #list(field: FieldPlan, value: Json, place: Place): void {
    if (!isList(value)) {
      const words = `"${field.name}" must be a list, got ${kindOf(value)}; write a list`;
      this.problems.add('SCHEMA_TYPE', place, words);
      return;
    }
    this.#count(field, value.length, place);
    const label = fieldLabel(field, 'item');
    const rule = this.#ruleOf(field);
    if (field.kind === 'message') {
      for (const [index, item] of value.entries()) {
        this.#nested(field, field.tag, item, { place: place.child(index), label, rule });
      }
      return;
    }
    const found = value.map((item, index) =>
      toScalar(this, field, item, { place: place.child(index), label, rule }),
    );
    this.#unique(field, found, place);
    this.#scalars(
      field,
      found.filter((item) => item !== null),
    );
  }

  #scalars(field: FieldPlan, found: readonly Checked[]): void {
    if (found.length === 0) return;
    if (!field.isPacked) {
      for (const item of found) {
        this.writer.uint32(field.tag);
        writeScalar(this.writer, field.kind, item);
      }
      return;
    }
    this.writer.uint32(field.tag);
    const mark = this.writer.begin();
    for (const item of found) writeScalar(this.writer, field.kind, item);
    this.writer.end(mark);
  }

  #count(field: FieldPlan, count: number, place: Place): void {
    const words = this.#isChecking ? (field.rules().count?.(count) ?? null) : null;
    if (words !== null) this.problems.add('PROTO_INVALID', place, `"${field.name}" ${words}`);
  }

  #unique(field: FieldPlan, found: readonly (Checked | null)[], place: Place): void {
    if (!this.#isChecking || !field.rules().isUnique) return;
    const seen = new Set<Checked | null>();
    for (const [index, item] of found.entries()) {
      const key = item instanceof Uint8Array ? Buffer.from(item).toString('latin1') : item;
      if (key !== null && seen.has(key)) {
        const words = `an item of "${field.name}" is there twice; remove one`;
        this.problems.add('PROTO_INVALID', place.child(index), words);
      }
      seen.add(key);
    }
  }

  #map(field: FieldPlan, value: Json, place: Place): void {
    if (!isObject(value)) {
      const words = `"${field.name}" must be a map, got ${kindOf(value)}; write keys and values`;
      this.problems.add('SCHEMA_TYPE', place, words);
      return;
    }
    const entry = field.message();
    const keyField = entry.byNumber.get(1);
    const valueField = entry.byNumber.get(2);
    if (keyField === undefined || valueField === undefined) return;
    this.#count(field, Object.keys(value).length, place);
    const label = fieldLabel(field, 'value');
    const rule = this.#isChecking ? field.rules().key : null;
    for (const { key, name } of toMapKeys(this, keyField, value, {
      place,
      label: fieldLabel(field, 'key'),
      rule,
    })) {
      this.writer.uint32(field.tag);
      const mark = this.writer.begin();
      this.writer.uint32(keyField.tag);
      writeScalar(this.writer, keyField.kind, key);
      this.#mapValue(valueField, value[name] ?? null, {
        place: place.child(name),
        label,
        rule: this.#ruleOf(field),
      });
      this.writer.end(mark);
    }
  }

  #mapValue(field: FieldPlan, value: Json, spot: Spot): void {
    if (value === null && !takesNull(field)) {
      this.problems.add(
        'SCHEMA_NULL',
        spot.place,
        `${spot.label} is null; remove the key, or write a value`,
      );
      return;
    }
    if (field.kind === 'message') {
      this.#nested(field, field.tag, value, spot);
      return;
    }
    const found = toScalar(this, field, value, spot);
    if (found === null) return;
    this.writer.uint32(field.tag);
    writeScalar(this.writer, field.kind, found);
  }

  #oneofs(plan: MessagePlan, given: readonly FieldPlan[], value: JsonObject, place: Place): void {
    if (plan.oneofs.length === 0) return;
    for (const [index, oneof] of plan.oneofs.entries()) {
      const set = given.filter((field) => field.oneof === index);
      const [first, second] = set;
      if (first !== undefined && second !== undefined) {
        const key = Object.hasOwn(value, second.name) ? second.name : second.jsonName;
        const words = `"${first.name}" and "${second.name}" exclude each other; keep one`;
        this.problems.addAtKey('SCHEMA_ONE_OF', place.child(key), words);
      } else if (first === undefined && oneof.isRequired && this.#isChecking) {
        const listed = oneof.members.slice(0, FIELDS_LISTED_MAX).join(', ');
        const more = oneof.members.length > FIELDS_LISTED_MAX ? ', …' : '';
        const words = `${shortName(plan.name)} needs one of its alternatives; add ${listed}${more}`;
        this.problems.add('SCHEMA_ONE_OF', place, words);
      }
    }
  }

  #absent(plan: MessagePlan, given: readonly FieldPlan[], place: Place): void {
    for (const field of plan.demanded()) {
      if (given.includes(field)) continue;
      const words = field.rules().absent ?? '';
      const what = `"${field.name}" of ${shortName(plan.name)}`;
      this.problems.add('SCHEMA_REQUIRED', place, `${what} ${words}`);
    }
  }
}

/** `@type` belongs to an Any that was opened; at the root it may say again what is meant. */
function isOpened(plan: MessagePlan, value: JsonObject, spot: Spot): boolean {
  if (spot.isOpened !== undefined) return spot.isOpened;
  const url = value['@type'];
  return spot.place === Place.root && typeof url === 'string' && typeOfUrl(url) === plan.name;
}

/** Null is a value of two well-known types only. */
function takesNull(field: FieldPlan): boolean {
  if (field.isRepeated) return false;
  if (field.kind === 'message') return field.message().form === 'value';
  return field.kind === 'enum' && field.enumeration().name === NULL_VALUE;
}
