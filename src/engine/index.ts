/**
 * The one loop that accepts: scan → compile → propose → committed → publish. Pure: `step` takes a
 * state and an event and gives the next state and effects. It holds no resource and no client.
 */
export * from './types.ts';
