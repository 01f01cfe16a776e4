/**
 * The serving process: it owns the engine's loop and the deadlines, keeps the interned revisions,
 * carries out effects by store, ingest and registry, and answers the admin port. It must not know
 * what a document means, nor how a client is served.
 */
export type { Host, HostOptions, HostStarted } from './options.ts';
export { startHost } from './start-host.ts';
