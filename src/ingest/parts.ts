import { createCompiler, type Compiler } from '../compile/index.ts';
import type { Schema } from '../schema/index.ts';
import { loadSchema } from './envoy-schema.ts';
import type { Language } from './language.ts';
import { createLanguage } from './model-language.ts';
import type { IngestOptions } from './port.ts';
import { SOURCE_LIMITS, type SourceLimits } from './source/limits.ts';

/** What the ingest is made of; tests lower limits and count calls. */
export interface IngestParts {
  readonly language: Language;
  readonly limits: SourceLimits;
  /** Made when first asked for: looking at the source does not wait for it. */
  readonly compiler: () => Compiler;
  readonly schema: () => Schema;
}

/** The real ones. */
export function realParts(ingest: IngestOptions): IngestParts {
  const { forbiddenUpstreams, version, command = 'helve' } = ingest;
  const language = createLanguage();
  const schema = once(loadSchema);
  const parse = language.parse.bind(language);
  const options = { forbiddenUpstreams, version, command, parse };
  const compiler = once(() => createCompiler({ ...options, schema: schema() }));
  return { language, limits: SOURCE_LIMITS, compiler, schema };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}
