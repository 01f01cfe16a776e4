/** How ProtoJSON spells a message: most are objects of their fields. */
export type WellKnownForm =
  | 'fields'
  | 'any'
  | 'duration'
  | 'timestamp'
  | 'fieldMask'
  | 'struct'
  | 'value'
  | 'listValue'
  | 'wrapper'
  | 'typedStruct';

const FORMS: ReadonlyMap<string, WellKnownForm> = new Map([
  ['google.protobuf.Any', 'any'],
  ['google.protobuf.Duration', 'duration'],
  ['google.protobuf.Timestamp', 'timestamp'],
  ['google.protobuf.FieldMask', 'fieldMask'],
  ['google.protobuf.Struct', 'struct'],
  ['google.protobuf.Value', 'value'],
  ['google.protobuf.ListValue', 'listValue'],
  ['google.protobuf.DoubleValue', 'wrapper'],
  ['google.protobuf.FloatValue', 'wrapper'],
  ['google.protobuf.Int64Value', 'wrapper'],
  ['google.protobuf.UInt64Value', 'wrapper'],
  ['google.protobuf.Int32Value', 'wrapper'],
  ['google.protobuf.UInt32Value', 'wrapper'],
  ['google.protobuf.BoolValue', 'wrapper'],
  ['google.protobuf.StringValue', 'wrapper'],
  ['google.protobuf.BytesValue', 'wrapper'],
  ['xds.type.v3.TypedStruct', 'typedStruct'],
  ['udpa.type.v1.TypedStruct', 'typedStruct'],
]);

export const NULL_VALUE = 'google.protobuf.NullValue';
export const TYPE_URL_PREFIX = 'type.googleapis.com/';

export function wellKnownForm(fullName: string): WellKnownForm {
  return FORMS.get(fullName) ?? 'fields';
}

/** Whether an Any spells the message under `value` beside `@type`. */
export function isUnderValue(form: WellKnownForm): boolean {
  return form !== 'fields' && form !== 'typedStruct';
}

/** The message that a type URL names: what is after its last slash. */
export function typeOfUrl(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** Fields where an Any without a type means something: this one switches a filter on. */
export const EMPTY_ANY_FIELDS: ReadonlySet<string> = new Set([
  'envoy.config.route.v3.FilterConfig.config',
]);
