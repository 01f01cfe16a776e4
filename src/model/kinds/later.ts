/** Policy keys of the language that no place has yet in this version. */
export const LATER_POLICY_KEYS: readonly string[] = [
  'accessLog',
  'admission',
  'apiKey',
  'bandwidth',
  'basicAuth',
  'buffer',
  'compress',
  'concurrency',
  'cors',
  'csrf',
  'decompress',
  'externalAuth',
  'externalProcessor',
  'fault',
  'geo',
  'grpcWeb',
  'localReply',
  'lua',
  'maxBody',
  'oidc',
  'session',
  'tracing',
  'transcode',
  'wasm',
];

/** Kinds of the language that come later. */
export const LATER_KINDS: readonly string[] = ['Model', 'Prompt', 'Provider', 'Tenant'];
