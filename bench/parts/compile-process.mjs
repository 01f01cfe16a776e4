// What one compile costs, cold and after one edit, without files, processes or clients.
// Argument: `{routes, clusters, edits}` as JSON; prints what it found as JSON.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createCompiler } from '../../dist/compile/index.js';
import { parseFile } from '../../dist/model/index.js';
import { openSchema } from '../../dist/schema/index.js';
import { median, quantile } from '../rig/clock.mjs';
import { EDITED, documentsOf, editedText, markerOf } from '../rig/documents.mjs';

const PINS = new URL('../../envoy/pins.json', import.meta.url);
const { default: version } = JSON.parse(readFileSync(PINS, 'utf8'));
const API = new URL(`../../generated/envoy-${version}.pb.gz`, import.meta.url);

const { routes, clusters, edits } = JSON.parse(process.argv[2]);
const schema = openSchema(version, gunzipSync(readFileSync(API)));
const shapes = {
  'all routes on one host': 1,
  'a hundred routes on each host': Math.ceil(routes / 100),
  'a host for each route': routes,
};

function timed(run) {
  const startedAt = performance.now();
  const value = run();
  return { ms: performance.now() - startedAt, value };
}

function compile(compiler, texts, base) {
  const input = { texts, material: new Map(), lastGood: new Map(), filterProfile: null, now: 0 };
  const guard = base === null ? null : { base, allowRemovals: null };
  const outcome = compiler.compile(input, guard);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics.slice(0, 3)));
  const delta = timed(() => outcome.value.delta(base));
  const bytes = delta.value.put.reduce((sum, one) => sum + one.bytes.byteLength, 0);
  return { revision: outcome.value, deltaMs: delta.ms, bytes };
}

function measure(name, hosts) {
  let texts = documentsOf({ routes, clusters, hosts });
  const parsed = timed(() => [...texts].map(([path, text]) => parseFile(path, text)));
  const compiler = createCompiler({ schema, version: 'bench', forbiddenUpstreams: [] });
  const cold = timed(() => compile(compiler, texts, null));
  let base = cold.value.revision;
  const [times, reads, deltas] = [[], [], []];
  let bytes = 0;
  for (let edit = 1; edit <= edits; edit += 1) {
    const text = editedText(markerOf(edit));
    texts = new Map(texts).set(EDITED, text);
    reads.push(timed(() => parseFile(EDITED, text)).ms);
    const { ms, value } = timed(() => compile(compiler, texts, base));
    base = value.revision;
    bytes = value.bytes;
    times.push(ms);
    deltas.push(value.deltaMs);
  }
  return {
    ...{ name, documents: texts.size, hosts, readMs: parsed.ms, coldMs: cold.ms },
    ...{ edits: times.length, editMs: median(times), editMs95: quantile(times, 0.95) },
    ...{ editReadMs: median(reads), editDeltaMs: median(deltas), editBytes: bytes },
  };
}

const rows = Object.entries(shapes).map(([name, hosts]) => measure(name, hosts));
process.stdout.write(JSON.stringify(rows));
