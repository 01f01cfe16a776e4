// What reading a folder costs a plain YAML parser, in a fresh process: no shapes, no positions.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';

const folder = process.argv[2];
const texts = readdirSync(folder, { recursive: true })
  .map((name) => join(folder, name))
  .filter((path) => statSync(path).isFile())
  .map((path) => readFileSync(path, 'utf8'));
const startedAt = performance.now();
for (const text of texts) loadAll(text);
const ms = performance.now() - startedAt;
const bytes = texts.reduce((sum, text) => sum + text.length, 0);
process.stdout.write(JSON.stringify({ files: texts.length, bytes, ms }));
