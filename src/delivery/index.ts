/**
 * One client: make-before-break stages, holds and gates over the protocol core. `stepClient` is
 * pure; time comes with each event. It must not know files, the engine, or other clients.
 */
export * from './types.ts';
export { answerOnce, type Answer, type Answered } from './answer.ts';
export { deadline, openClient, stepClient } from './client.ts';
export { hasCollections } from './collections.ts';
export { drains } from './drain.ts';
export { heldOf, isHeldChanged, isReached } from './held.ts';
export { parkedOf, reportClient } from './report.ts';
export { resourceStatuses, type ResourceStatus } from './resource-status.ts';
export { standingOf, type Standing } from './standing.ts';
export { type ClientState, NO_SIBLINGS } from './state.ts';
export { weigh } from './weigh.ts';
