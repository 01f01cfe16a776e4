/**
 * Envoy's own API, read from an Envoy binary: descriptors, a strict ProtoJSON codec, validation
 * rules, redaction, and what each version knows. It must not know documents or files: bytes come
 * through `read(offset, length)` or as buffers.
 */
export type { BinaryFile } from './elf.ts';
export * from './derive-facts.ts';
export * from './extract.ts';
export * from './facts.ts';
export * from './facts-between.ts';
export * from './re2/regex-reach.ts';
export * from './regex.ts';
export * from './release.ts';
export * from './schema.ts';
export * from './types.ts';
/** Types of the messages that helve writes, in ProtoJSON: `envoy.Cluster`. */
export type * as envoy from './generated/types.ts';
