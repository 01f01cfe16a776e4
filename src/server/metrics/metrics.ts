import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { TYPES, type TypeId } from '../../snapshot/index.ts';
import type { Wire } from '../../xds/index.ts';
import { type LoadMetrics, loadMetrics } from './load-metrics.ts';

/** What happened, told by whoever did it; names on the page are in `createMetrics`. */
export interface Metrics extends LoadMetrics {
  /** One reload: `seconds` from settled to committed, successes only. */
  reloaded(isSuccess: boolean, seconds: number): void;
  /** Position in the log of what is served. */
  active(seq: number): void;
  /** Wall clock, ms, since when the input is held; null while it is clean. */
  held(since: number | null): void;
  nacked(type: TypeId, count: number): void;
  stalled(type: TypeId, what: string): void;
  /** From the first sight of an edit to the last connected node that runs it. */
  savedToAcked(seconds: number): void;
  ingestDied(): void;
  stream: StreamMetrics;
  /** A request that belongs to no stream, and what became of it; null: of no type. */
  fetched(via: Via, type: TypeId | null, answer: FetchAnswer): void;
  /** Asked at each scrape. */
  observeNodes(read: () => readonly NodeCount[]): void;
  /** Asked at each scrape: nodes that get nothing new, by group. */
  observeTooOld(read: () => ReadonlyMap<string, number>): void;
  /** Asked at each scrape: nodes that do not get what their build cannot take, by group. */
  observeUnsupported(read: () => ReadonlyMap<string, number>): void;
  text(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** How a request came that belongs to no stream: a unary call, or REST. */
export type Via = 'grpc' | 'rest';

/** `unchanged`: the client has it already; `deferred`: something else is to be taken before. */
export type FetchAnswer = 'sent' | 'unchanged' | 'deferred' | 'refused';

export interface StreamMetrics {
  opened(wire: Wire): void;
  closed(wire: Wire): void;
  received(wire: Wire, bytes: number): void;
  /** `type`: null for an answer about a type that helve does not serve. */
  sent(wire: Wire, type: TypeId | null, bytes: number): void;
  /** A call that helve ended, by gRPC status. */
  ended(code: string): void;
  /** A request for a type that helve does not serve. */
  unknownType(): void;
  /** A request with a nonce that is not of an open response, nor the last one. */
  stale(): void;
  /** An exception while a client was served: a bug, confined to its stream. */
  fault(): void;
}

/** Nodes of one group; where a node is in several, it counts in each. */
export interface NodeCount {
  readonly group: string;
  readonly type: TypeId;
  readonly connected: number;
  readonly inStep: number;
  readonly nacked: number;
  readonly pending: number;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** All metrics, in a registry of their own: several hosts can live in one process (tests). */
export function createMetrics(wall: () => number): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter<L>({ name, help, labelNames, registers: [registry] });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] });
  const seconds = (name: string, help: string) =>
    new Histogram({ name, help, buckets: SECONDS, registers: [registry] });

  const total = counter('reload_total_count', 'Reloads that were decided.');
  const success = counter('reload_success_count', 'Reloads that were accepted.');
  const failure = counter('reload_failure_count', 'Reloads that were held.');
  const duration = seconds('reload_duration_seconds', 'From a settled input to its commit.');
  const active = gauge('active_config_version', 'Sequence number of the served revision.');
  const nacks = counter('helve_nacks_total', 'Resources that a node refused.', ['type']);
  const stalls = counter('helve_stalled_total', 'Waits for a node that timed out.', [
    'type',
    'what',
  ]);
  const saveToAck = seconds('helve_save_to_ack_seconds', 'From an edit to the last node with it.');
  const deaths = counter('helve_ingest_deaths_total', 'Ends of the compile process.');
  const fetches = counter('helve_fetch_total', 'Unary and REST requests, by what was answered.', [
    'via',
    'type',
    'answer',
  ]);
  const setHeld = heldGauges(registry, wall);
  // A counter that does not exist cannot raise an alert when it starts to count.
  for (const { id } of TYPES) nacks.inc({ type: id }, 0);
  const setNodes = nodeGauges(registry);
  const observeTooOld = gaugeByGroup(registry, {
    name: 'helve_nodes_too_old',
    help: 'Nodes with an Envoy older than their group declares: they get nothing new.',
  });
  const observeUnsupported = gaugeByGroup(registry, {
    name: 'helve_nodes_unsupported',
    help: 'Nodes with an Envoy that has not built in what a resource needs: they do not get it.',
  });
  let readNodes = (): readonly NodeCount[] => [];
  return {
    reloaded: (isSuccess, took) => {
      total.inc();
      (isSuccess ? success : failure).inc();
      if (isSuccess) duration.observe(took);
    },
    active: (seq) => active.set(seq),
    held: setHeld,
    nacked: (type, count) => nacks.inc({ type }, count),
    stalled: (type, what) => stalls.inc({ type, what }),
    savedToAcked: (took) => saveToAck.observe(took),
    ingestDied: () => deaths.inc(),
    stream: streamMetrics(registry),
    ...loadMetrics(registry),
    fetched: (via, type, answer) => fetches.inc({ via, type: type ?? '', answer }),
    observeTooOld,
    observeUnsupported,
    observeNodes: (read) => {
      readNodes = read;
    },
    text: async () => {
      setNodes(readNodes());
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function heldGauges(registry: Registry, wall: () => number): (since: number | null) => void {
  const box: { since: number | null } = { since: null };
  new Gauge({
    name: 'helve_input_held',
    help: '1 while what is on disk is not what is accepted.',
    registers: [registry],
    collect() {
      this.set(box.since === null ? 0 : 1);
    },
  });
  new Gauge({
    name: 'helve_input_held_seconds',
    help: 'How long the input has been held; 0 while it is clean.',
    registers: [registry],
    collect() {
      this.set(box.since === null ? 0 : Math.max(0, wall() - box.since) / 1000);
    },
  });
  return (since) => {
    box.since = since;
  };
}

function streamMetrics(registry: Registry): StreamMetrics {
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter<L>({ name, help, labelNames, registers: [registry] });
  const open = new Gauge({
    name: 'helve_streams',
    help: 'Open xDS streams.',
    labelNames: ['wire'],
    registers: [registry],
  });
  const opened = counter('helve_stream_opened_total', 'xDS streams opened.', ['wire']);
  const ended = counter(
    'helve_stream_ended_total',
    'Calls that helve ended, those that nobody serves included.',
    ['code'],
  );
  const requests = counter('helve_stream_requests_total', 'Requests received.', ['wire']);
  const responses = counter('helve_stream_responses_total', 'Responses sent.', ['wire', 'type']);
  const received = counter('helve_stream_received_bytes_total', 'Bytes of requests.', ['wire']);
  const sent = counter('helve_stream_sent_bytes_total', 'Bytes of responses.', ['wire', 'type']);
  const unknown = counter('helve_stream_unknown_type_total', 'Requests for unserved types.', []);
  const stale = counter('helve_stream_stale_total', 'Answers to no open response.', []);
  const faults = counter('helve_stream_faults_total', 'Streams lost to a bug of helve.', []);
  return {
    opened: (wire) => {
      opened.inc({ wire });
      open.inc({ wire });
    },
    closed: (wire) => open.dec({ wire }),
    received: (wire, bytes) => {
      requests.inc({ wire });
      received.inc({ wire }, bytes);
    },
    sent: (wire, type, bytes) => {
      const labels = { wire, type: type ?? 'unknown' };
      responses.inc(labels);
      sent.inc(labels, bytes);
    },
    ended: (code) => ended.inc({ code }),
    unknownType: () => unknown.inc(),
    stale: () => stale.inc(),
    fault: () => faults.inc(),
  };
}

function gaugeByGroup(
  registry: Registry,
  words: { readonly name: string; readonly help: string },
): Metrics['observeTooOld'] {
  let counts = (): ReadonlyMap<string, number> => new Map();
  new Gauge({
    ...words,
    labelNames: ['group'],
    registers: [registry],
    collect() {
      this.reset();
      this.set({ group: '' }, 0);
      for (const [group, count] of counts()) this.set({ group }, count);
    },
  });
  return (read) => {
    counts = read;
  };
}

const NODE_GAUGES = [
  ['helve_nodes_connected', 'Nodes with a stream that subscribes to the type.', 'connected'],
  ['helve_nodes_in_step', 'Nodes that run what they should.', 'inStep'],
  ['helve_nodes_nacked', 'Nodes that refuse something.', 'nacked'],
  ['helve_nodes_pending', 'Nodes that owe an acknowledgement.', 'pending'],
] as const;

/** A gauge that lacks cannot be alerted on: nodes without a group are always there, be they 0. */
function nodeGauges(registry: Registry): (counts: readonly NodeCount[]) => void {
  const gauges = NODE_GAUGES.map(([name, help, field]) => {
    const labelNames = ['group', 'type'];
    return { field, gauge: new Gauge({ name, help, labelNames, registers: [registry] }) };
  });
  return (counts) => {
    for (const { field, gauge } of gauges) {
      gauge.reset();
      for (const { id } of TYPES) gauge.set({ group: '', type: id }, 0);
      for (const count of counts) gauge.set({ group: count.group, type: count.type }, count[field]);
    }
  };
}
