/** `(validate.rules)` of a field (protoc-gen-validate). */
export const RULES_OPTION = 1071;
/** `(validate.disabled)` of a message: its fields' rules are not enforced. */
export const DISABLED_OPTION = 1071;
/** `(udpa.annotations.sensitive)` of a field. */
export const SENSITIVE_OPTION = 76569463;
/** `deprecated` of a field. */
export const FIELD_DEPRECATED_OPTION = 3;
/** `deprecated` of an enum value. */
export const VALUE_DEPRECATED_OPTION = 1;
/** `(envoy.annotations.disallowed_by_default)` of a field: deprecated and refused. */
export const FIELD_DISALLOWED_OPTION = 189503207;
/** `(envoy.annotations.disallowed_by_default_enum)` of an enum value. */
export const VALUE_DISALLOWED_OPTION = 70100853;
/** `(udpa.annotations.file_status)` of a file. */
export const FILE_STATUS_OPTION = 222707719;
/** `(xds.annotations.v3.…_status)` of a file, a message or a field. */
export const STATUS_OPTION = 226829418;
/** `work_in_progress` inside each of those. */
export const WORK_IN_PROGRESS = 1;
/** `(validate.required)` of a oneof. */
export const ONEOF_REQUIRED_OPTION = 1071;
