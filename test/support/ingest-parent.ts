// A parent of an ingest process, to be killed: it says when the process answers.
import { createForkedIngest } from '../../src/ingest/forked-ingest.ts';

const ingest = createForkedIngest(
  {
    source: process.argv[2] ?? '',
    allowPaths: [],
    hasEvents: true,
    scanIntervalMs: 200,
    forbiddenUpstreams: [],
    version: '0.0.0',
  },
  { onScan: () => undefined, onDeath: () => undefined, onLog: () => undefined },
  { execArgv: process.execArgv },
);
await ingest.start(null);
process.send?.('started');
