// What a change of one resource in a large set costs.
// Argument: `{resources, changes}` as JSON; prints what it found as JSON.
import { documentId, hashBytes } from '../../dist/base/index.js';
import { createInterner, NO_TRAITS } from '../../dist/snapshot/index.js';
import { median, quantile } from '../rig/clock.mjs';

const { resources, changes } = JSON.parse(process.argv[2]);

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
const all = Array.from({ length: resources }, (_, index) => resource(`cluster-${index}`, 'first'));

/** `changeOf`: what is put and what is removed by the nth change. */
function measure(name, changeOf) {
  let set = interner.set('Cluster', all);
  const times = [];
  for (let index = 0; index < changes; index += 1) {
    const [put, removed] = changeOf((index * 131) % resources);
    const startedAt = performance.now();
    set = interner.changeSet(set, put, removed);
    times.push(performance.now() - startedAt);
  }
  return { name, resources, changes, ms: median(times), ms95: quantile(times, 0.95) };
}

process.stdout.write(
  JSON.stringify([
    measure('one changed', (index) => [[resource(`cluster-${index}`, `now ${index}`)], []]),
    measure('one added', (index) => [[resource(`cluster-${index}-b`, 'new')], []]),
    measure('one removed', (index) => [[], [`cluster-${index}`]]),
  ]),
);
