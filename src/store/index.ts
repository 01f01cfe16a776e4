/**
 * The state directory: an append-only hash-chained log over content-addressed objects, the last
 * good material, and the compiled cache. It must not know what a document means.
 */
export * from './port.ts';
export { openStore, type OpenedStore, type StoreOptions } from './open-store.ts';
