/**
 * The data that passes between the owners: resources, interned sets, snapshots, revisions, groups
 * and node matching, the type table, and what compile, engine, store and delivery say to each
 * other. It is pure, and knows neither documents nor the protocol.
 */
export * from './node.ts';
export * from './resource.ts';
export * from './snapshot.ts';
export * from './types.ts';
