/**
 * Envoys for people, demos and tests: provisioning of the pinned builds, bootstraps, launch, and
 * the API that was extracted from them. I/O; it knows nothing of documents or snapshots.
 */
export type { AdminReply } from './admin-client.ts';
export * from './bootstrap.ts';
export * from './facts-file.ts';
export * from './launch.ts';
export * from './package-root.ts';
export * from './pins.ts';
export * from './provision.ts';
export * from './run.ts';
export * from './temp-folder.ts';
export * from './words.ts';
