#!/usr/bin/env node
// The program. The only place that exits; what was written before is flushed first.
import { processTerminal, runCli } from './cli/index.ts';

const code = await runCli(process.argv.slice(2), processTerminal());
process.stdout.write('', () => {
  process.exit(code);
});
