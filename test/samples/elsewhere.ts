import type { DiagnosticCode } from '../../src/base/index.ts';

/** Codes of what happens around the folder, or of sizes beyond it: the test of each. */
export const ELSEWHERE: Partial<Record<DiagnosticCode, string>> = {
  COMPILE_LIMIT: 'src/schema/schema.test.ts',
  ENVOY_REFUSES: 'test/system/validate.test.ts',
  FINDINGS_MORE: 'src/cli/program.test.ts',
  INGEST_DIED: 'src/engine/step.test.ts',
  NODE_UNSUPPORTED: 'test/system/unsupported.test.ts',
  RESPONSE_TOO_LARGE: 'src/schema/schema.test.ts',
  SOURCE_MISSING: 'src/ingest/lookout-source.test.ts',
  SOURCE_UNREADABLE: 'src/ingest/lookout-permissions.test.ts',
  SOURCE_UNSEEN: 'src/engine/step.test.ts',
  SOURCE_UNSETTLED: 'src/engine/step.test.ts',
  STATE_UNUSABLE: 'src/engine/step.test.ts',
  STORE_UNAVAILABLE: 'src/host/start-trouble.test.ts',
};

/** In the catalogue already, and nothing reports them yet. */
export const AWAITED: readonly DiagnosticCode[] = [];
