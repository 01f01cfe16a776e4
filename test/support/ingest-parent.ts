// A parent of an ingest process, to be killed. Arguments: the source; optionally the program of the
// process, which is told to look once it answers. It passes on what the process logs.
import { createForkedIngest } from '../../src/ingest/forked-ingest.ts';

const [, , source = '', entry] = process.argv;
const ingest = createForkedIngest(
  {
    source,
    allowPaths: [],
    hasEvents: true,
    scanIntervalMs: 200,
    forbiddenUpstreams: [],
    version: '0.0.0',
  },
  {
    onScan: () => undefined,
    onDeath: () => undefined,
    onLog: (_level, message) => process.send?.(message),
  },
  { execArgv: process.execArgv, ...(entry === undefined ? {} : { entry: new URL(entry) }) },
);
await ingest.start(null);
process.send?.('started');
if (entry !== undefined) ingest.look(1);
