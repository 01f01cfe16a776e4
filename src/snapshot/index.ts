/**
 * The data that passes between the owners: resources, interned sets, snapshots, revisions, groups
 * and node matching, the type table, and what compile, engine, store and delivery say to each
 * other. It is pure, and knows neither documents nor the protocol.
 */
export { applyDelta, wholeDelta } from './apply.ts';
export { bridge, compositeBytes, losesEntries } from './bridge.ts';
export { CLIENT_FEATURES, featureName } from './client-features.ts';
export * from './diff.ts';
export * from './extensions.ts';
export type { NodeHeld } from './held.ts';
export * from './intern.ts';
export { lackingOf, NO_LACKS, type Lack } from './lacking.ts';
export { matchGroups, versionBelow } from './match.ts';
export * from './node.ts';
export * from './resource.ts';
export * from './resource-name.ts';
export * from './snapshot.ts';
export * from './types.ts';
export { doRangesMeet, type VersionRange } from './version-range.ts';
export { snapshotFor } from './view.ts';
