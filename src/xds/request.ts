import type { Nonce } from '../base/index.ts';
import type { NodeInfo, NodeParameters, TypeId } from '../snapshot/index.ts';

/** The two variants of the protocol. A stream is of one variant for its whole life. */
export type Wire = 'sotw' | 'delta';

/** `google.rpc.Status` of a NACK. PEM blocks are redacted on decoding (ERR-07, D19). */
export interface ErrorDetail {
  readonly code: number;
  readonly message: string;
}

/**
 * One DiscoveryRequest or DeltaDiscoveryRequest, decoded. The node is decoded only where asked
 * (the first message of a stream): Envoy's is 61 KB.
 */
export interface Request {
  readonly wire: Wire;
  readonly typeUrl: string;
  /** Null: a type that helve does not serve (TRN-07). */
  readonly type: TypeId | null;
  readonly node: NodeInfo | null;
  /** Of a node on this request, whether it was decoded or not; null where there is none. */
  readonly parameters: NodeParameters | null;
  /** '' where the client sent none. */
  readonly nonce: Nonce | '';
  readonly error: ErrorDetail | null;
  /** SotW: `version_info`; delta: ''. */
  readonly versionInfo: string;
  /**
   * SotW: `resource_names`; delta: `resource_names_subscribe`. Without repeats, and in their
   * canonical spelling, like all names of a request (NAME-02).
   */
  readonly names: readonly string[];
  /** Delta: `resource_names_unsubscribe`. */
  readonly unsubscribe: readonly string[];
  /** Delta, first request of a type: what the client still holds. */
  readonly initialVersions: ReadonlyMap<string, string>;
  /** Of names that the client spells otherwise: canonical → as it does. Absent: none. */
  readonly spellings?: ReadonlyMap<string, string>;
}
