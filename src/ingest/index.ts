/**
 * The ingest process: it watches, scans and reads the source, and runs model and compile, so that
 * neither can stall or kill what serves. It must not know engine, store, server or clients.
 */
export { loadSchema, readDescriptors } from './envoy-schema.ts';
export { createForkedIngest } from './forked-ingest.ts';
export { createInlineIngest } from './inline-ingest.ts';
export * from './port.ts';
