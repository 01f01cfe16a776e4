/**
 * Envoy's validation rules (protoc-gen-validate, field option `validate.rules`) as functions: a
 * rule looks at a converted value and says in words what is wrong and what to do. It must not know
 * how values are read or written.
 */
export * from './field-rules.ts';
export type { Checked, Rule } from './rule.ts';
