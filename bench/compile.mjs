// `npm run bench`: what one compile costs at 10,000 documents, cold and after one edit.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createCompiler } from '../dist/compile/index.js';
import { parseFile } from '../dist/model/index.js';
import { openSchema } from '../dist/schema/index.js';

const DOCUMENTS = 10_000;
const CLUSTERS = 100;
const EDITS = 40;
const SHAPES = { 'a host for each route': true, 'all routes on one host': false };

const set = readFileSync(new URL('../generated/envoy-1.40.0.pb.gz', import.meta.url));
const schema = openSchema('1.40.0', gunzipSync(set));
const newCompiler = () => createCompiler({ schema, version: 'bench', forbiddenUpstreams: [] });
const say = (line) => process.stdout.write(`${line}\n`);

const routeText = (index, isSpread, timeout) =>
  `kind: Route\nname: r${index}\nhosts: [${isSpread ? `h${index}.test` : 'shop.test'}]\n` +
  `match: {prefix: /p${index}}\nto: c${index % CLUSTERS}\ntimeout: ${timeout}s\n`;

function textsOf(isSpread) {
  const texts = new Map([['web.yaml', 'kind: Listener\nname: web\nport: 8080\n']]);
  for (let index = 0; index < CLUSTERS; index += 1) {
    const text = `kind: Cluster\nname: c${index}\nendpoints: ["10.0.0.1:${1000 + index}"]\n`;
    texts.set(`clusters/c${index}.yaml`, text);
  }
  for (let index = 0; texts.size < DOCUMENTS; index += 1) {
    texts.set(`routes/r${index}.yaml`, routeText(index, isSpread, 5));
  }
  return texts;
}

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
  outcome.value.delta(base);
  return outcome.value;
}

function measure(name, isSpread) {
  let texts = textsOf(isSpread);
  const parsed = timed(() => [...texts].map(([path, text]) => parseFile(path, text)));
  const compiler = newCompiler();
  const cold = timed(() => compile(compiler, texts, null));
  let base = cold.value;
  const edits = [];
  for (let edit = 0; edit < EDITS; edit += 1) {
    const index = (edit * 241) % (DOCUMENTS - CLUSTERS - 1);
    texts = new Map(texts).set(`routes/r${index}.yaml`, routeText(index, isSpread, 6 + edit));
    const { ms, value } = timed(() => compile(compiler, texts, base));
    base = value;
    edits.push(ms);
  }
  edits.sort((a, b) => a - b);
  const at = (share) => edits[Math.floor(share * (edits.length - 1))].toFixed(1);
  const whole = `cold ${cold.ms.toFixed(0)} ms (reading alone ${parsed.ms.toFixed(0)} ms)`;
  say(`${name}: ${whole}; one edit ${at(0.5)} ms median, ${at(0.95)} ms p95`);
}

for (const [name, isSpread] of Object.entries(SHAPES)) measure(name, isSpread);
