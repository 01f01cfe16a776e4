import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Facts, parseFacts } from '../schema/index.ts';
import { packageRoot } from './package-root.ts';

/** How the pinned Envoys differ, as the package has it. */
export const readFacts = (): Facts =>
  parseFacts(readFileSync(join(packageRoot(), 'envoy', 'facts.json'), 'utf8'));
