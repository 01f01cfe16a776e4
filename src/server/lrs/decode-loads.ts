import type { NodeInfo } from '../../snapshot/index.ts';
import { decodeNode, readFields, readMessage, textOf } from '../../xds/index.ts';

/** What one Envoy says of one cluster, locality and priority since its last report. */
export interface LocalityLoad {
  readonly cluster: string;
  /** Its name at EDS, '' where that is the cluster's. */
  readonly service: string;
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
  readonly priority: number;
  readonly successes: number;
  readonly errors: number;
  readonly issued: number;
  /** At the time of the report. */
  readonly inProgress: number;
}

export interface DroppedLoad {
  readonly cluster: string;
  readonly service: string;
  readonly dropped: number;
}

export interface LoadReport {
  readonly node: NodeInfo | null;
  readonly localities: readonly LocalityLoad[];
  readonly drops: readonly DroppedLoad[];
}

/** `envoy.service.load_stats.v3.LoadStatsRequest`. */
export function decodeLoadReport(bytes: Uint8Array): LoadReport {
  let node: NodeInfo | null = null;
  const localities: LocalityLoad[] = [];
  const drops: DroppedLoad[] = [];
  readMessage(bytes, {
    1: (value) => (node = decodeNode(value)),
    2: (value) => readCluster(value, localities, drops),
  });
  return { node, localities, drops };
}

/** `envoy.config.endpoint.v3.ClusterStats`. */
function readCluster(bytes: Uint8Array, localities: LocalityLoad[], drops: DroppedLoad[]): void {
  let cluster = '';
  let service = '';
  let dropped = 0;
  readFields(bytes, (field, wireType, reader) => {
    if (field === 1 && wireType === 2) cluster = textOf(reader.bytes());
    else if (field === 3 && wireType === 0) dropped = countOf(reader.uint64());
    else if (field === 6 && wireType === 2) service = textOf(reader.bytes());
    else return false;
    return true;
  });
  readMessage(bytes, {
    2: (value) => localities.push({ cluster, service, ...readLocality(value) }),
  });
  if (dropped > 0) drops.push({ cluster, service, dropped });
}

/** `envoy.config.endpoint.v3.UpstreamLocalityStats`. */
function readLocality(bytes: Uint8Array): Omit<LocalityLoad, 'cluster' | 'service'> {
  const counts = new Map<number, number>();
  const place = { region: '', zone: '', subZone: '' };
  readFields(bytes, (field, wireType, reader) => {
    if (field === 1 && wireType === 2) {
      readMessage(reader.bytes(), {
        1: (text) => (place.region = textOf(text)),
        2: (text) => (place.zone = textOf(text)),
        3: (text) => (place.subZone = textOf(text)),
      });
    } else if (wireType === 0) counts.set(field, countOf(reader.uint64()));
    else return false;
    return true;
  });
  const count = (field: number): number => counts.get(field) ?? 0;
  return {
    ...place,
    priority: count(6),
    successes: count(2),
    inProgress: count(3),
    errors: count(4),
    issued: count(8),
  };
}

/** Sums stay exact for a long time even with a client that counts as high as it can. */
const COUNT_MAX = 1e12;

/** A reader gives what does not fit a number as an object. */
const countOf = (value: unknown): number => Math.min(COUNT_MAX, Number(String(value)));
