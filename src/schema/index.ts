/**
 * Envoy's own API, read from an Envoy binary: descriptors, a strict ProtoJSON codec, validation
 * rules, redaction, and what each version knows. It must not know documents or files: bytes come
 * through `read(offset, length)` or as buffers.
 */
export * from './types.ts';
