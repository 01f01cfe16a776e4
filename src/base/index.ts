/**
 * What every folder shares: brands, outcomes, diagnostics and their catalogue, hashing, `Secret`,
 * origins and limits. It knows nothing of Envoy, files or documents, and does no I/O.
 */
export * from './brand.ts';
export * from './catalogue.ts';
export * from './credentials.ts';
export * from './diagnostic.ts';
export * from './expected-error.ts';
export * from './hash.ts';
export * from './invariant.ts';
export * from './limits.ts';
export * from './nearest.ts';
export * from './origin.ts';
export * from './outcome.ts';
export * from './printable.ts';
export * from './scan.ts';
export * from './secret.ts';
export * from './shown-name.ts';
export * from './tokens.ts';
export { LOCAL_CLUSTER, REST_CLUSTER, XDS_CLUSTER } from './bootstrap-clusters.ts';
