import type { KindName, KindValues } from '../types.ts';
import { certificate } from './certificate.ts';
import { cluster } from './cluster.ts';
import { endpoints } from './endpoints.ts';
import type { Kind } from './kind.ts';
import { listener } from './listener.ts';
import { nodeGroup } from './node-group.ts';
import { route } from './route.ts';

/** The table of kinds: with `types.ts` and its own file, all that a kind touches. */
export const KINDS: { readonly [K in KindName]: Kind<KindValues[K]> } = {
  Certificate: certificate,
  Cluster: cluster,
  Endpoints: endpoints,
  Listener: listener,
  NodeGroup: nodeGroup,
  Route: route,
};
