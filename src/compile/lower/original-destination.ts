import type { NativeDocument } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { connectionDefaults } from './cluster-defaults.ts';
import { finding, type Lowering } from './finding.ts';
import { ownerMetadata } from './owner-metadata.ts';
import { seconds } from './seconds.ts';
import { clusterTls, tlsFindings, tlsReferences } from './upstream-tls.ts';

/** Ms after which a host that nobody was sent to any more is forgotten. */
const CLEANUP_MS = 5_000;

/** A cluster whose hosts are where connections were meant to go: nothing chooses among them. */
export function originalDestination(
  cluster: NativeDocument<'Cluster'>,
  separate: NativeDocument<'Endpoints'> | null,
): Lowering {
  const { id, name, value } = cluster;
  const { tls, protocol } = value;
  const message: envoy.Cluster = {
    name,
    type: 'ORIGINAL_DST',
    lb_policy: 'CLUSTER_PROVIDED',
    cleanup_interval: seconds(CLEANUP_MS),
    ...connectionDefaults(value),
    ...(tls === null ? {} : { transport_socket: clusterTls(tls, [], protocol) }),
    metadata: ownerMetadata('Cluster', cluster),
  };
  const words = 'originalDestination and endpoints exclude each other; keep one';
  const at = { doc: id, pointer: '/originalDestination' };
  const twice =
    separate === null
      ? []
      : [
          finding('SCHEMA_ONE_OF', at, words, [
            { message: 'the Endpoints document', origin: { doc: separate.id, pointer: '' } },
          ]),
        ];
  const lowered = {
    type: 'Cluster' as const,
    name,
    value: message,
    origin: { doc: id, pointer: '' },
    references: tlsReferences(cluster),
    isOnDemand: value.isOnDemand,
    places: new Map(tls === null ? [] : [['/transport_socket', { doc: id, pointer: '/tls' }]]),
  };
  return { lowered: [lowered], findings: [...twice, ...tlsFindings(cluster, [])] };
}
