import { Writer } from 'protobufjs/minimal.js';
import { CLIENT_FEATURES, type NodeInfo } from '../../snapshot/index.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { MALFORMED, readable, type Service } from '../transport/service.ts';
import type { StreamListener, TransportStream } from '../transport/transport.ts';
import { decodeLoadReport } from './decode-loads.ts';
import type { Loads } from './loads.ts';

export interface LoadStatsOptions {
  readonly loads: Loads;
  readonly metrics: Metrics;
  /** How often nodes are to report, ms. */
  readonly intervalMs: number;
  /** What a node is asked about that cannot be asked about all that it has. */
  readonly clustersOf: (node: NodeInfo) => readonly string[];
}

const PATH = '/envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats';

/** `LoadReportingService`: what nodes say of the requests that they sent where (LRS-01…03). */
export function createLoadStats(options: LoadStatsOptions): Service {
  const streams = new Set<TransportStream>();
  /** A node that connects again may do so before its old stream is gone. */
  const streamsOf = new Map<string, number>();
  const open = (stream: TransportStream): StreamListener => {
    streams.add(stream);
    let node: NodeInfo | null = null;
    let asked = '';
    const ask = (of: NodeInfo): void => {
      const isAll = of.features.has(CLIENT_FEATURES.allClusterLoads);
      const clusters = isAll ? [] : options.clustersOf(of);
      const key = JSON.stringify(clusters);
      // An answer only where it says something new: reports are not answered (LRS-03).
      if (key === asked) return;
      asked = key;
      stream.send(encodeAnswer(clusters, { isAll, intervalMs: options.intervalMs }));
    };
    return {
      onMessage: (bytes) => {
        const read = readable(decodeLoadReport, bytes);
        if (read === null) {
          stream.end('INVALID_ARGUMENT', MALFORMED);
          return;
        }
        if (node === null) {
          node = read.value.node;
          if (node === null || node.id === '') {
            node = null;
            stream.end('INVALID_ARGUMENT', 'NODE_REQUIRED: the first request must carry its node');
            return;
          }
          streamsOf.set(node.id, (streamsOf.get(node.id) ?? 0) + 1);
        }
        ask(node);
        options.loads.add(node.id, read.value);
        options.metrics.loads(read.value);
      },
      onWritable: () => undefined,
      onClosed: () => {
        streams.delete(stream);
        if (node === null) return;
        const left = (streamsOf.get(node.id) ?? 1) - 1;
        if (left > 0) {
          streamsOf.set(node.id, left);
          return;
        }
        streamsOf.delete(node.id);
        options.loads.forget(node.id);
      },
    };
  };
  return {
    methods: [{ path: PATH, outlivesRequests: false, open }],
    close: () => {
      for (const stream of [...streams]) stream.end('OK', 'shutting down');
    },
  };
}

/** `LoadStatsResponse`. */
function encodeAnswer(
  clusters: readonly string[],
  { isAll, intervalMs }: { readonly isAll: boolean; readonly intervalMs: number },
): Uint8Array {
  const writer = Writer.create();
  for (const name of clusters) writer.uint32(10).string(name);
  const seconds = Math.floor(intervalMs / 1000);
  writer.uint32(18).fork().uint32(8).int64(seconds);
  writer
    .uint32(16)
    .int32((intervalMs - seconds * 1000) * 1_000_000)
    .ldelim();
  if (isAll) writer.uint32(32).bool(true);
  return writer.finish();
}
