/**
 * The protocol: one subscription core and two encoders (SotW, delta). It is sans I/O and knows
 * only what a client has and what it should have: no stages, no revisions, no sockets, no clock.
 */
export { firstUpdate, lastUpdate, NO_RESPONSES, type OpenResponse } from './accepted.ts';
export {
  openChannel,
  receive,
  type Channel,
  type Lifetimes,
  type Receipt,
  type Verdict,
} from './channel.ts';
export { membersOf, resourcesFor } from './collections.ts';
export { compose, differs, opened, type Composed, type Push } from './compose.ts';
export { decodeNode } from './decode-node.ts';
export { decodeRequest, type Decoded } from './decode-request.ts';
export { readFields, readMessage, tag, textOf } from './fields.ts';
export { frameOf, type Frame } from './frames.ts';
export { Queue } from './queue.ts';
export * from './request.ts';
export { mortalOf, refreshFrames } from './refresh.ts';
export { refusalOf, retract, withSent, type Refusal } from './refusal.ts';
export {
  CONTROL_PLANE,
  controlPlane,
  nonceTail,
  unknownTypeAnswer,
  withNonce,
} from './response.ts';
export { resume, type Known, type Resumed } from './resume.ts';
export { changedSet, ghost, isGhost } from './sets.ts';
export type { NameSet } from './names.ts';
export { covers, type Subscription } from './subscription.ts';
export { hostsOf } from './virtual-hosts.ts';
export { visibleTo } from './visible.ts';
