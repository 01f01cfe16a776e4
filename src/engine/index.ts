/**
 * The one loop that accepts: scan → compile → propose → committed → publish. Pure: `step` takes a
 * state and an event and gives the next state and effects. It holds no resource and no client.
 */
export { openEngine, type EngineState } from './state.ts';
export { deadline, reportEngine, step } from './step.ts';
export * from './types.ts';
