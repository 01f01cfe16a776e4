import { Counter, Gauge, type Registry } from 'prom-client';
import { LIMITS } from '../../base/index.ts';
import type { LoadReport, LocalityLoad } from '../lrs/decode-loads.ts';
import { OTHERS } from '../lrs/loads.ts';

export interface LoadMetrics {
  /** What a node said of its requests to upstreams. */
  loads(report: LoadReport): void;
  /** Asked at each scrape: requests in progress, by cluster. */
  observeLoads(read: () => ReadonlyMap<string, number>): void;
}

/** Load reports as metrics. What is over the limit of series counts under one name. */
export function loadMetrics(registry: Registry): LoadMetrics {
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter<L>({ name, help, labelNames, registers: [registry] });
  const requests = counter(
    'helve_load_requests_total',
    'Requests that nodes sent to clusters, by how they ended.',
    ['cluster', 'service', 'locality', 'priority', 'result'],
  );
  const issued = counter('helve_load_issued_total', 'Requests that nodes began.', [
    'cluster',
    'service',
    'locality',
    'priority',
  ]);
  const dropped = counter('helve_load_dropped_total', 'Requests that nodes dropped.', ['cluster']);
  let inProgress = (): ReadonlyMap<string, number> => new Map();
  new Gauge({
    name: 'helve_load_in_progress',
    help: 'Requests that nodes waited for when they last reported.',
    labelNames: ['cluster'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [cluster, count] of inProgress()) this.set({ cluster }, count);
    },
  });
  const series = new Set<string>();
  const drops = new Set<string>();
  return {
    loads: (report) => {
      for (const load of report.localities) {
        const labels = labelsOf(load, series);
        issued.inc(labels, load.issued);
        requests.inc({ ...labels, result: 'success' }, load.successes);
        requests.inc({ ...labels, result: 'error' }, load.errors);
      }
      for (const { cluster, dropped: count } of report.drops) {
        dropped.inc({ cluster: isWithin(drops, cluster) ? cluster : OTHERS }, count);
      }
    },
    observeLoads: (read) => {
      inProgress = read;
    },
  };
}

interface Labels {
  readonly cluster: string;
  readonly service: string;
  readonly locality: string;
  readonly priority: number;
}

function labelsOf(load: LocalityLoad, series: Set<string>): Labels {
  const { cluster, service, region, zone, subZone, priority } = load;
  const locality = [region, zone, subZone].join('/');
  const labels = { cluster, service, locality, priority };
  if (isWithin(series, JSON.stringify(labels))) return labels;
  return { cluster: OTHERS, service: '', locality: '', priority: 0 };
}

function isWithin(known: Set<string>, key: string): boolean {
  if (known.has(key)) return true;
  if (known.size >= LIMITS.loadSeriesMax) return false;
  known.add(key);
  return true;
}
