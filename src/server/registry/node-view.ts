import type { ClientId, GroupName } from '../../base/index.ts';
import type { ClientReport, ResourceStatus } from '../../delivery/index.ts';
import type { Lack, NodeInfo } from '../../snapshot/index.ts';
import type { Wire } from '../../xds/index.ts';

/** One node as the registry knows it: one entry for each stream, or a stream that has ended. */
export interface NodeView {
  readonly id: ClientId;
  /** Its connection. */
  readonly peer: string;
  readonly node: NodeInfo;
  readonly groups: readonly GroupName[];
  readonly wire: Wire;
  readonly isConnected: boolean;
  /** Wall clock, ms: when the stream began, or when it ended. */
  readonly since: number;
  /** The Envoy version that its groups ask for, where its own is older: it gets nothing new. */
  readonly floorMissed: string | null;
  /** What its Envoy has not built in, and so it is not sent. */
  readonly lacking: readonly Lack[];
  /** Null where the node has not been served on this stream. */
  readonly report: ClientReport | null;
}

/** A stream that is open. */
export interface NodeStatus {
  readonly node: NodeInfo;
  /** Each resource on it, computed with each call. */
  readonly resources: () => readonly ResourceStatus[];
}
