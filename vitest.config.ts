import { defineConfig } from 'vitest/config';

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
          include: [
            'src/**/*.test.ts',
            'test/{golden,protocol,property,samples,simulation,tidy}/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          // Real processes and real Envoys: they need `npm run build`, and one run at a time.
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
