/**
 * `npm run facts`: provisions every pinned Envoy, reads the API of each, and writes what the newer
 * ones brought into `envoy/facts.json`. Run it after a change of `envoy/pins.json`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { packageRoot } from '../src/envoy/package-root.ts';
import { readPinnedApi } from './pinned-api.ts';
import { readPins } from '../src/envoy/pins.ts';
import { deriveFacts } from '../src/schema/derive-facts.ts';

const say = (line: string): boolean => process.stderr.write(`${line}\n`);
const path = join(packageRoot(), 'envoy', 'facts.json');

const sets = [];
for (const version of Object.keys(readPins().versions)) {
  sets.push({ version, set: await readPinnedApi(version, say) });
}
const facts = deriveFacts(sets);
writeFileSync(path, await format(JSON.stringify(facts), { parser: 'json', printWidth: 100 }));
say(`wrote envoy/facts.json: Envoy ${facts.versions.join(', ')}`);
