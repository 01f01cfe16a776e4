import { defineConfig } from 'vitest/config';

// Whole processes, commands and pipelines, real gRPC, file systems and checkouts: two thirds of the
// time of all units, and so not in the loop of `npm run check`.
const WHOLE = [
  'test/{protocol,property,samples,simulation}/**/*.test.ts',
  'src/**/laws.test.ts',
  'src/host/held-over-restart.test.ts',
  'src/host/start-host.test.ts',
  'src/host/{bad-input,fleet-view,rest-port,rest-refusals,services,start-trouble}.test.ts',
  'src/cli/{diff,diff-served,docs-blocks,examples,explain,foreign-folder,start-mistakes}.test.ts',
  'src/ingest/{forked-ingest,inline-ingest}.test.ts',
  'src/ingest/lookout*.test.ts',
  'src/store/{open-store,set-aside}.test.ts',
];

// System tests that are given the machine for themselves: where everything is starved, a route can
// be in an Envoy before the endpoints of its new cluster are, and requests are lost.
const ALONE = ['test/system/churn.test.ts'];

export default defineConfig({
  test: {
    // All of the cores: by default one is left idle, which is half of a small machine.
    maxWorkers: '100%',
    // A starved machine must not fail a test that only judges errors.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Modules hold no state but memos: loading them once per worker halves the run.
          isolate: false,
          exclude: WHOLE,
          include: ['src/**/*.test.ts', 'test/{golden,tidy}/**/*.test.ts'],
        },
      },
      { extends: true, test: { name: 'whole', isolate: false, include: WHOLE } },
      {
        extends: true,
        test: {
          // Real processes and real Envoys, which wait most of the time: they need `npm run build`.
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ALONE,
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      // What the others prove of the protocol: it runs after them, or lists them.
      {
        extends: true,
        test: { name: 'conformance', include: ['test/conformance/**/*.test.ts'] },
      },
    ],
  },
});
