/**
 * Text → values with origins: the YAML reader with positions, the kinds (what they *mean*), raw
 * resource files, and settings. It knows no protobuf, no Envoy message, and does no I/O.
 */
export type * from './json.ts';
export type * from './kinds/address.ts';
export type * from './kinds/certificate.ts';
export type * from './kinds/cluster.ts';
export type * from './kinds/listener.ts';
export type * from './kinds/node-group.ts';
export type * from './kinds/route.ts';
export * from './settings.ts';
export type * from './types.ts';
