import { quotedName, shownName } from '../base/index.ts';
import { isObject, kindOf, ownValue, shortName } from './json.ts';
import { checkRule } from './encode-scalar.ts';
import { nearestType } from './nearest-type.ts';
import type { MessagePlan } from './plan.ts';
import type { Json, JsonObject } from './types.ts';
import type { Spot, Walk } from './walk.ts';
import { isUnderValue, TYPE_URL_PREFIX, typeOfUrl } from './well-known.ts';

/** `{"@type": …, …}`, opened and encoded again, whatever it holds. */
export function encodeAny(walk: Walk, value: Json, spot: Spot): void {
  if (!isObject(value)) {
    const words = `must be an object with "@type", got ${kindOf(value)}; write one`;
    walk.problems.add('SCHEMA_TYPE', spot.place, `${spot.label} ${words}`);
    return;
  }
  if (spot.takesEmptyAny === true && Object.keys(value).length === 0) return;
  const plan = typeOf(walk, value, spot);
  if (plan === null) return;
  if (plan.since !== null) walk.needs.type(plan.name, plan.since, spot.place.child('@type'));
  const typeUrl = TYPE_URL_PREFIX + plan.name;
  checkRule(walk, typeUrl, spot);
  walk.writer.uint32(0x0a);
  walk.writer.string(typeUrl);
  const start = walk.writer.length;
  walk.writer.uint32(0x12);
  const mark = walk.writer.begin();
  encodeContent(walk, plan, value, spot);
  if (walk.writer.length === mark + 1) walk.writer.truncate(start);
  else walk.writer.end(mark);
}

function encodeContent(walk: Walk, plan: MessagePlan, value: JsonObject, spot: Spot): void {
  const label = shortName(plan.name);
  if (!isUnderValue(plan.form)) {
    walk.message(plan, value, { place: spot.place, label, rule: null, isOpened: true });
    return;
  }
  for (const key of Object.keys(value)) {
    if (key === '@type' || key === 'value') continue;
    const shown = walk.isSecret ? shownName(key, false) : quotedName(key);
    const words = `unknown field ${shown} beside "@type" of ${label}; write "value"`;
    walk.problems.addAtKey('SCHEMA_UNKNOWN_FIELD', spot.place.child(key), words);
  }
  const inner = ownValue(value, 'value');
  if (inner === undefined) {
    const words = `${label} in an Any needs "value"; add it`;
    walk.problems.add('SCHEMA_REQUIRED', spot.place, words);
    return;
  }
  walk.message(plan, inner, { place: spot.place.child('value'), label: '"value"', rule: null });
}

function typeOf(walk: Walk, value: JsonObject, spot: Spot): MessagePlan | null {
  const url = ownValue(value, '@type');
  if (url === undefined) {
    const words = `${spot.label} has no "@type"; add the type of the message that it holds`;
    walk.problems.add('SCHEMA_REQUIRED', spot.place, words);
    return null;
  }
  const place = spot.place.child('@type');
  if (typeof url !== 'string') {
    const words = `"@type" must be a string, got ${kindOf(url)}; write a type URL`;
    walk.problems.add('SCHEMA_TYPE', place, words);
    return null;
  }
  const name = typeOfUrl(url);
  // Only the part behind the last slash says what it is; what is sent has the usual prefix.
  const plan = walk.planner.message(name);
  if (plan !== null) return plan;
  const shown = url.length > 200 ? `${url.slice(0, 200)}…` : url;
  const near = nearestType(name, walk.planner.messageNames());
  const advice =
    near === null ? 'use a type that it has' : `did you mean "${TYPE_URL_PREFIX}${near}"?`;
  const words = `this Envoy does not know the type ${JSON.stringify(shown)}; ${advice}`;
  walk.problems.add('PROTO_TYPE', place, words);
  return null;
}

/** Envoy reads a TypedStruct as the message that it names, so its content is checked like one. */
export function checkTypedStruct(walk: Walk, value: JsonObject, spot: Spot): void {
  const url = ownValue(value, 'type_url') ?? ownValue(value, 'typeUrl');
  const inner = ownValue(value, 'value');
  const plan = typeof url === 'string' ? walk.planner.message(typeOfUrl(url)) : null;
  if (plan?.form !== 'fields' || inner === undefined || !isObject(inner)) return;
  if (plan.since !== null) walk.needs.type(plan.name, plan.since, spot.place);
  const start = walk.writer.length;
  walk.message(plan, inner, {
    place: spot.place.child('value'),
    label: shortName(plan.name),
    rule: null,
  });
  walk.writer.truncate(start);
}
