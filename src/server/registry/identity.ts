import { CONTROL_PLANE, controlPlane, type Wire } from '../../xds/index.ts';
import type { DriveContext } from './live-client.ts';

/** The constant one is in the bodies that are shared. */
export function identityOf(identifier: string): DriveContext['identity'] {
  const fieldOf = (wire: Wire): Uint8Array =>
    identifier === CONTROL_PLANE ? new Uint8Array(0) : controlPlane(wire, identifier);
  return { sotw: fieldOf('sotw'), delta: fieldOf('delta') };
}
