/**
 * One client: make-before-break stages, holds and gates over the protocol core. `stepClient` is
 * pure; time comes with each event. It must not know files, the engine, or other clients.
 */
export * from './types.ts';
export {
  deadline,
  openClient,
  parkedOf,
  reportClient,
  stepClient,
  type ClientState,
} from './client.ts';
