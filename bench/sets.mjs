// `npm run bench`: what a change of one resource in a set of ten thousand costs.
import { documentId, hashBytes } from '../dist/base/index.js';
import { createInterner, NO_TRAITS } from '../dist/snapshot/index.js';

const RESOURCES = 10_000;
const CHANGES = 60;

const resource = (name, content) => ({
  type: 'Cluster',
  name,
  version: hashBytes(name + content),
  bytes: Buffer.from(content),
  refs: [],
  parts: [
    { key: '', hash: hashBytes(content), origins: [{ doc: documentId('a', 0), pointer: '' }] },
  ],
  secret: false,
  traits: NO_TRAITS,
});

const interner = createInterner();
const all = Array.from({ length: RESOURCES }, (_, index) => resource(`cluster-${index}`, 'first'));

/** `changeOf`: what is put and what is removed by the nth change. */
function measure(name, changeOf) {
  let set = interner.set('Cluster', all);
  const times = [];
  for (let index = 0; index < CHANGES; index += 1) {
    const [put, removed] = changeOf(index * 131);
    const startedAt = performance.now();
    set = interner.changeSet(set, put, removed);
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(share * (times.length - 1))].toFixed(1);
  process.stdout.write(
    `a set of ${RESOURCES}, ${name}: ${at(0.5)} ms median, ${at(0.95)} ms p95\n`,
  );
}

measure('one changed', (index) => [[resource(`cluster-${index}`, `now ${index}`)], []]);
measure('one added', (index) => [[resource(`cluster-${index}-b`, 'new')], []]);
measure('one removed', (index) => [[], [`cluster-${index}`]]);
