import type { GroupMatch } from './group-match.ts';

/** `kind: NodeGroup`. */
export interface NodeGroupValue {
  readonly match: GroupMatch;
  /** `major.minor` of the oldest Envoy; null: `envoy:` of helve.yaml, else 1.36. */
  readonly envoy: string | null;
}
