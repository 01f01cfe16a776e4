/**
 * Documents and material → resources, views and a revision: what the language means, spelled for
 * Envoy, incrementally. Pure: the same input gives the same bytes, in any order, on any machine.
 */
export { createCompiler } from './compiler.ts';
export type { Asked } from './explain/asked.ts';
export * from './explain/explain.ts';
export * from './types.ts';
export { noteNames, NO_RECENT, type Mark, type Names, type RecentNames } from './recent-names.ts';
