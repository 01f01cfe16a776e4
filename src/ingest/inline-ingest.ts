import {
  capDiagnostics,
  failure,
  success,
  type Diagnostic,
  type MaterialValue,
  type Outcome,
  type SourcesBefore,
} from '../base/index.ts';
import { type Guard, NO_RECENT, noteNames, type RecentNames } from '../compile/index.ts';
import { foreignSource } from '../model/index.ts';
import type { CompileRequest, Resource, RevisionDelta } from '../snapshot/index.ts';
import { typeRow } from '../snapshot/index.ts';
import { axesOfTexts, textsOf, type DocumentAxis } from './axes.ts';
import { createAxisSplitter } from './axis-splitter.ts';
import { createInputs, joinAxes, type Compiled, type Inputs } from './inputs.ts';
import type { Language } from './language.ts';
import { createLookout } from './lookout.ts';
import { realParts, type IngestParts } from './parts.ts';
import type { Ingest, IngestListener, IngestOptions, Rendered, Seed, SeedIds } from './port.ts';
import { createScanner } from './scans.ts';
import type { WantedFile } from './source/material.ts';

/** The ingest in this process: for commands and tests, and inside the process of `serve`. */
export function createInlineIngest(
  options: IngestOptions,
  listener: IngestListener,
  parts: IngestParts = realParts(options),
): Ingest {
  const { language } = parts;
  const inputs = createInputs();
  const bench: Bench = { parts, inputs, seed: null, recent: NO_RECENT };
  const wasMaterial = (path: string): boolean =>
    inputs.accepted().some(({ material }) => material.texts.has(path));
  const scanner = createScanner({
    split: createAxisSplitter(language, wasMaterial),
    told: (axes) => inputs.told(axes),
    onScan: listener.onScan,
  });
  const acceptedFiles = filesOfAccepted(language, inputs);
  const lookout = createLookout({
    ...options,
    limits: parts.limits,
    language,
    acceptedFiles,
    onSettled: (settled) => {
      language.keep(settled.generation.files);
      scanner.settled(options.source, settled);
    },
    onUnsettled: (unsettled) => scanner.unsettled(unsettled),
    onLog: (message) => listener.onLog('warn', message),
  });

  return {
    start(seed) {
      return attempt(() => {
        const ids = takeSeed(bench, seed);
        lookout.start();
        return ids;
      });
    },
    compile: (request) => attempt(() => compile(bench, request)),
    locate: (origins) =>
      attempt(() => {
        const newest = inputs.newest()?.compilation;
        return newest?.locate(origins) ?? origins.map((origin) => ({ origin, span: null }));
      }),
    render: (view, keys) =>
      attempt(() => {
        const compilation = inputs.newest()?.compilation;
        if (compilation === undefined) return [];
        const wanted =
          keys === null
            ? compilation.resources(view)
            : keys.flatMap((key) => compilation.resource(view, key) ?? []);
        return wanted.map((resource) => rendered(parts, resource));
      }),
    look: (number) => lookout.look(number),
    close: () => lookout.close(),
  };
}

interface Bench {
  readonly parts: IngestParts;
  readonly inputs: Inputs;
  seed: RestoredSeed | null;
  recent: RecentNames;
}

interface RestoredSeed extends SeedIds {
  readonly material: SeedIds['material'];
  readonly lastGood: ReadonlyMap<string, MaterialValue>;
  readonly filterProfile: number;
  readonly texts: ReadonlyMap<string, string>;
  isCompiled: boolean;
}

/** So that a fault is a rejection, not a throw at the caller. */
const attempt = <T>(task: () => T): Promise<T> =>
  new Promise((resolve) => {
    resolve(task());
  });

function takeSeed(bench: Bench, seed: Seed | null): SeedIds | null {
  if (seed === null) return null;
  const axes = axesOfTexts(bench.parts.language, seed.sources);
  bench.inputs.seed(axes);
  const ids = { documents: axes.documents.id, material: axes.material.id };
  const lastGood = new Map(seed.material.map((value) => [value.name, value]));
  const { filterProfile } = seed;
  const texts = textsOf(seed.sources);
  bench.seed = { ...ids, lastGood, filterProfile, texts, isCompiled: false };
  bench.recent = recentOf(bench, texts, seed.recent ?? null);
  return ids;
}

function compile(bench: Bench, request: CompileRequest): Outcome<RevisionDelta> {
  const base = request.base === null ? null : baseOf(bench, request.base);
  const guard = guardOf(bench, base, request);
  const outcome = compileInput(bench, request, guard);
  const accepted = base?.documents.id ?? bench.seed?.documents;
  if (request.documents !== accepted) judged(bench, request, outcome);
  if (!outcome.ok) return outcome;
  const { compilation, material } = outcome.value;
  bench.inputs.compiled(outcome.value);
  const delta = compilation.delta(base?.compilation ?? null);
  const { documents } = request;
  const warnings = [...delta.warnings, ...material.warnings];
  return success(
    { ...delta, ...allowedBy(request), documents, material: request.material, warnings },
    outcome.diagnostics,
  );
}

/**
 * Never none where something is accepted: where that cannot be compiled again, as after an upgrade
 * or with other flags, what its texts define is enough.
 */
function guardOf(
  bench: Bench,
  base: Compiled | null,
  { allowRemovals }: CompileRequest,
): Guard | null {
  const compiler = bench.parts.compiler();
  const texts = base === null ? (bench.seed?.texts ?? null) : null;
  const accepted = texts === null ? null : { texts, names: compiler.namesOfTexts(texts) };
  const names = base === null ? accepted?.names : compiler.namesOf(base.compilation);
  if (names === undefined) return null;
  bench.recent = noteNames(bench.recent, names, Date.now());
  const recent = bench.recent.marks.map((mark) => mark.names);
  return {
    base: base?.compilation ?? null,
    allowRemovals,
    recent,
    ...(accepted === null ? {} : { accepted }),
  };
}

/** A removal that is held stays so, however long it waits; what was allowed begins anew. */
function judged(bench: Bench, { allowRemovals }: CompileRequest, outcome: Outcome<unknown>): void {
  const { marks, isFrozen } = bench.recent;
  if (outcome.ok) {
    const isAllowed = allowRemovals !== null && allowRemovals > 0;
    bench.recent = isAllowed ? NO_RECENT : { marks, isFrozen: false };
    return;
  }
  const isHeld = outcome.diagnostics.some(({ code }) => code === 'GUARD_SHRINK');
  bench.recent = { marks, isFrozen: isFrozen || isHeld };
}

/** Which names were live a moment before the seed was accepted. */
function recentOf(
  bench: Bench,
  texts: ReadonlyMap<string, string>,
  before: SourcesBefore | null,
): RecentNames {
  if (before === null) return NO_RECENT;
  const then = new Map(texts);
  for (const path of before.removed) then.delete(path);
  for (const { path, text } of before.put) then.set(path, text);
  return noteNames(NO_RECENT, bench.parts.compiler().namesOfTexts(then), before.until);
}

const allowedBy = ({ allowRemovals }: CompileRequest): Pick<RevisionDelta, 'allowedRemovals'> =>
  allowRemovals !== null && allowRemovals > 0 ? { allowedRemovals: allowRemovals } : {};

type Asked = Pick<CompileRequest, 'documents' | 'material'>;

/** Where nothing is accepted yet, and nothing was meant for helve, one finding says so. */
function compileInput(bench: Bench, asked: Asked, guard: Guard | null): Outcome<Compiled> {
  const outcome = compileTexts(bench, asked, guard);
  if (outcome.ok || guard !== null) return outcome;
  const foreign = foreignSource(bench.inputs.documents(asked.documents).texts);
  return foreign === null ? outcome : failure([foreign]);
}

function compileTexts(bench: Bench, asked: Asked, guard: Guard | null): Outcome<Compiled> {
  const { inputs, parts } = bench;
  const documents = inputs.documents(asked.documents);
  const material = inputs.material(asked.material);
  const { texts, files } = joinAxes(documents, material, inputs.accepted());
  if (documents.problems.length > 0) return unreadable(parts.language, documents);
  const lastGood =
    guard?.base?.material ?? bench.seed?.lastGood ?? new Map<string, MaterialValue>();
  const filterProfile = bench.seed?.filterProfile ?? null;
  const input = { texts, material: files, lastGood, filterProfile, now: Date.now() };
  const outcome = parts.compiler().compile(input, guard);
  if (!outcome.ok) return outcome;
  return success({ compilation: outcome.value, documents, material }, outcome.diagnostics);
}

/** The accepted revision as a compilation; null where it cannot be had again. */
function baseOf(bench: Bench, revision: NonNullable<CompileRequest['base']>): Compiled | null {
  const known = bench.inputs.base(revision);
  if (known !== null || bench.seed === null || bench.seed.isCompiled) return known;
  bench.seed.isCompiled = true;
  const outcome = compileInput(bench, bench.seed, null);
  if (!outcome.ok) return null;
  bench.inputs.compiled(outcome.value);
  return bench.inputs.base(revision);
}

/** Without the files that cannot be read, the rest would only seem to be wrong. */
function unreadable(language: Language, { texts, problems }: DocumentAxis): Outcome<never> {
  const found: Diagnostic[] = [...problems];
  for (const [path, text] of texts) {
    found.push(...language.parse(path, text).diagnostics);
  }
  return { ok: false, diagnostics: capDiagnostics(found) };
}

/** Files that accepted documents name, listed once for each accepted input. */
function filesOfAccepted(language: Language, inputs: Inputs): () => readonly WantedFile[] {
  let known: readonly unknown[] = [];
  let files: readonly WantedFile[] = [];
  return () => {
    const documents = inputs.accepted().map((axes) => axes.documents);
    const isSame = documents.length === known.length && documents.every((d, i) => d === known[i]);
    if (isSame) return files;
    known = documents;
    files = documents.flatMap((axis) => namedBy(language, axis));
    return files;
  };
}

function namedBy(language: Language, { texts }: DocumentAxis): readonly WantedFile[] {
  const files: WantedFile[] = [];
  for (const [source, text] of texts) {
    for (const { path, origin } of language.parse(source, text).files) {
      files.push({ path, where: () => language.locate(text, origin) });
    }
  }
  return files;
}

function rendered({ schema }: IngestParts, resource: Resource): Rendered {
  const { type, name, version, bytes } = resource;
  const { url, isSecret } = typeRow(type);
  // The schema knows what is sensitive in a Secret; elsewhere a secret is all of its resource.
  const isHidden = resource.secret && !isSecret;
  const json = isHidden
    ? '[redacted]'
    : schema().decode(url.replace('type.googleapis.com/', ''), bytes);
  const marked = resource.traits.isOnDemand === true ? ({ isOnDemand: true } as const) : {};
  return { key: { type, name }, version, json, ...marked };
}
