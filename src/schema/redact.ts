import { emptyObject, isList, isObject } from './json.ts';
import type { MessagePlan, Planner } from './plan.ts';
import type { Json, JsonObject } from './types.ts';
import { typeOfUrl } from './well-known.ts';

export const REDACTED = '[redacted]';

const DATA_SOURCE = 'envoy.config.core.v3.DataSource';
/** Where a secret is may be shown, what it is may not. */
const PLACES: ReadonlySet<string> = new Set([
  'filename',
  'environment_variable',
  'environmentVariable',
  'watched_directory',
  'watchedDirectory',
]);

/**
 * A copy of a message's ProtoJSON without its secrets: fields marked sensitive, in Anys and in
 * TypedStructs of a known type too. Under `isSecret` every leaf is one.
 */
export function redactedJson(
  plan: MessagePlan | null,
  json: Json,
  planner: Planner,
  isSecret = false,
): Json {
  if (isList(json)) return json.map((item) => redactedJson(plan, item, planner, isSecret));
  if (!isObject(json)) return isSecret && json !== null ? REDACTED : json;
  switch (plan?.form) {
    case 'any':
      return redactedAny(json, planner, isSecret);
    case 'typedStruct':
      return redactedTypedStruct(plan, json, planner, isSecret);
    default:
      return redactedFields(plan, json, planner, isSecret);
  }
}

function redactedAny(json: JsonObject, planner: Planner, isSecret: boolean): Json {
  const url = json['@type'];
  const inner = typeof url === 'string' ? planner.message(typeOfUrl(url)) : null;
  const body = redactedJson(inner, json, planner, isSecret);
  // The type is no secret, even where all leaves are.
  return isObject(body) && url !== undefined ? { ...body, '@type': url } : body;
}

function redactedTypedStruct(
  plan: MessagePlan,
  json: JsonObject,
  planner: Planner,
  isSecret: boolean,
): Json {
  const url = json['type_url'] ?? json['typeUrl'];
  const value = json['value'];
  if (value === undefined || typeof url !== 'string') {
    return redactedFields(plan, json, planner, isSecret);
  }
  const inner = planner.message(typeOfUrl(url));
  return { ...json, value: redactedJson(inner, value, planner, isSecret) };
}

function redactedFields(
  plan: MessagePlan | null,
  json: JsonObject,
  planner: Planner,
  isSecret: boolean,
): Json {
  const copy = emptyObject();
  for (const [key, value] of Object.entries(json)) {
    const field = plan?.byKey.get(key);
    if (isSecret && plan?.name === DATA_SOURCE && PLACES.has(key)) {
      copy[key] = value;
      continue;
    }
    const isHidden = isSecret || field?.isSensitive === true;
    if (field?.isMap !== true || !isObject(value)) {
      const inner = field?.kind === 'message' ? field.message() : null;
      copy[key] = redactedJson(inner, value, planner, isHidden);
      continue;
    }
    const item = field.message().byNumber.get(2);
    const inner = item?.kind === 'message' ? item.message() : null;
    const entries = emptyObject();
    for (const [name, part] of Object.entries(value)) {
      entries[name] = redactedJson(inner, part, planner, isHidden);
    }
    copy[key] = entries;
  }
  return copy;
}
