import {
  capDiagnostics,
  compareText,
  diagnostic,
  failure,
  success,
  type Diagnostic,
  type MaterialValue,
  type Origin,
  type Outcome,
  type Span,
} from '../base/index.ts';
import { parseFile, parseSettings } from '../model/index.ts';
import { addAddressChecks } from './addresses.ts';
import { Buckets } from './buckets.ts';
import { addCertificateChecks } from './client-certificates.ts';
import { newCertificates } from './certificates.ts';
import { MINUTE_MS } from './clock.ts';
import { contentOf, newCompilation, placesIn, type Content } from './compilation.ts';
import type { Draft } from './draft.ts';
import { emptyFiles, hasDocument } from './empty-files.ts';
import { addFiles, storedText } from './files.ts';
import { addFinals } from './finals.ts';
import { asRemoval, isFollowUp, unreadDefinitions } from './follow-ups.ts';
import { newFloorCheck } from './floor-check.ts';
import { isError, toDiagnostics, type Found, type Places } from './found.ts';
import { newGraph, type Graph } from './graph.ts';
import { guard as guardOf } from './guards.ts';
import { addGrpcChecks } from './grpc-checks.ts';
import { addNative } from './native.ts';
import { namesOfTexts } from './names.ts';
import { addNameChecks } from './confusable-names.ts';
import { addGroupChecks } from './empty-groups.ts';
import { addOwnerCheck } from './owners.ts';
import { addOwnershipChecks } from './ownership.ts';
import { newPieces } from './pieces.ts';
import { addPolicyChecks, newPolicyRules } from './policy-rules.ts';
import { addRaw } from './raw.ts';
import type { Names } from './recent-names.ts';
import { addStickyChecks } from './sticky-cookies.ts';
import { newSecrets } from './secrets.ts';
import { addTables } from './tables.ts';
import type { Compilation, CompileInput, Compiler, CompilerOptions, Guard } from './types.ts';
import { exclusionsOf, type Exclusions } from './views.ts';

const SETTINGS_FILE = 'helve.yaml';

/** A compiler remembers what it read and made; one call after another costs what has changed. */
export function createCompiler(options: CompilerOptions): Compiler {
  const { schema, forbiddenUpstreams: forbidden, parse = parseFile } = options;
  const graph = newGraph(schema);
  const certificates = newCertificates(graph);
  const secrets = newSecrets(graph);
  const policies = newPolicyRules(graph);
  const pieces = newPieces(graph, policies);
  addFiles(graph, parse);
  addRaw(graph, forbidden);
  addNative(graph, { certificates, secrets, pieces, policies }, forbidden);
  addTables(graph, { pieces, policies }, forbidden);
  addPolicyChecks(graph);
  addCertificateChecks(graph);
  addOwnerCheck(graph);
  addNameChecks(graph);
  addGroupChecks(graph);
  addOwnershipChecks(graph);
  addStickyChecks(graph);
  addFinals(graph);
  addAddressChecks(graph);
  addGrpcChecks(graph);
  const intake = newIntake(graph, parse);
  const memory = newMemory(graph);
  return {
    compile: (input, guard) => {
      const parsed = parseSettings(SETTINGS_FILE, input.texts.get(SETTINGS_FILE) ?? null);
      graph.baseFloor.set('', parsed.settings.envoy);
      graph.ownerships.set('', parsed.settings.owners);
      graph.baseProfile.set('', baseProfileOf(input, guard));
      const sources = intake(input);
      graph.cells.settle();
      const state = memory();
      return judge({ graph, options, input, guard, parsed, state, sources });
    },
    namesOf: (compilation) => contentOf(compilation).defined,
    namesOfTexts: (texts) => namesOfTexts(texts, schema, parse),
  };
}

/** Listeners keep the filters that they have: another set would drain them. */
const baseProfileOf = (input: CompileInput, guard: Guard | null): number | null =>
  guard === null || guard.base === null ? input.filterProfile : contentOf(guard.base).filterProfile;

/**
 * Puts an input into the cells: only what differs from the last one is touched. Gives the texts in
 * a form that compilations share.
 */
function newIntake(
  graph: Graph,
  parse: NonNullable<CompilerOptions['parse']>,
): (input: CompileInput) => Buckets<string> {
  let texts: ReadonlyMap<string, string> = new Map();
  let files: CompileInput['material'] = new Map();
  let good: CompileInput['lastGood'] = new Map();
  let sources = Buckets.empty<string>();
  const setText = (path: string, text: string | null): void => {
    if (path === SETTINGS_FILE) return;
    graph.texts.set(path, text === null ? null : { text, parsed: parse(path, text) });
  };
  return (input) => {
    graph.minute.set('', Math.floor(input.now / MINUTE_MS));
    for (const [path, file] of input.material) graph.materialFiles.set(path, file);
    for (const path of files.keys()) {
      if (!input.material.has(path)) graph.materialFiles.set(path, null);
    }
    files = input.material;
    setLastGood(graph, good, input.lastGood);
    good = input.lastGood;
    const changes = textChanges(texts, input.texts);
    for (const [path, text] of changes) setText(path, text);
    sources = sources.with(changes);
    texts = input.texts;
    return sources;
  };
}

function textChanges(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): readonly (readonly [path: string, text: string | null])[] {
  const changes: (readonly [string, string | null])[] = [];
  const beside = before.entries();
  let kept = 0;
  for (const [path, text] of now) {
    // Mostly both have the same paths in one order, and that saves looking up ten thousand.
    const pair = beside.next().value;
    const was = pair?.[0] === path ? pair[1] : before.get(path);
    if (was !== undefined) kept += 1;
    if (was !== text) changes.push([path, text]);
  }
  if (kept === before.size) return changes;
  for (const path of before.keys()) if (!now.has(path)) changes.push([path, null]);
  return changes;
}

function setLastGood(
  graph: Graph,
  before: CompileInput['lastGood'],
  now: CompileInput['lastGood'],
): void {
  for (const [name, value] of now) {
    if (before.get(name)?.hash === value.hash) continue;
    graph.lastGood.set(name, value);
    const stored = storedText(value);
    if (stored !== null) graph.goodTexts.set(stored.path, stored.text);
  }
  for (const [name, value] of before) {
    if (now.has(name)) continue;
    graph.lastGood.set(name, null);
    const stored = storedText(value);
    if (stored !== null) graph.goodTexts.set(stored.path, null);
  }
}

interface State {
  readonly drafts: Buckets<Draft>;
  readonly defined: Buckets<string>;
  readonly material: ReadonlyMap<string, MaterialValue>;
  readonly exclusions: Exclusions;
  /** What some node could get and does not take. */
  readonly tooNew: readonly Found[];
}

/** Takes over what changed in the cells into maps that compilations share. */
function newMemory(graph: Graph): () => State {
  let drafts = Buckets.empty<Draft>();
  let defined = Buckets.empty<string>();
  let material: ReadonlyMap<string, MaterialValue> = new Map();
  let exclusions: Exclusions = new Map();
  let groups = '';
  const floorCheck = newFloorCheck(graph);
  return () => {
    const changed = [...graph.finals.takeChanged()];
    const before = drafts;
    drafts = drafts.with(changed.map((key) => [key, graph.finals.peek(key)[0] ?? null]));
    defined = defined.with([
      ...[...graph.documents.takeChanged()].map(
        (key) => [key, graph.documents.peek(key).length > 0 ? key : null] as const,
      ),
      ...changed.map(
        (key) => [`raw ${key}`, drafts.get(key)?.source === 'raw' ? key : null] as const,
      ),
    ]);
    material = nextMaterial(graph, material);
    const names = graph.nodeGroups.peek('').map(({ name }) => name);
    const groupsNow = JSON.stringify(names);
    const isMoved = changed.some((key) => !isSamePlace(before.get(key), drafts.get(key)));
    if (isMoved || groupsNow !== groups || exclusions.size === 0) {
      exclusions = exclusionsOf(drafts, [...new Set(names)]);
    }
    groups = groupsNow;
    return { drafts, defined, material, exclusions, tooNew: floorCheck(exclusions) };
  };
}

function nextMaterial(
  graph: Graph,
  material: ReadonlyMap<string, MaterialValue>,
): ReadonlyMap<string, MaterialValue> {
  const changed = graph.materials.takeChanged();
  if (changed.size === 0) return material;
  const next = new Map(material);
  for (const name of changed) {
    const [value] = graph.materials.peek(name);
    if (value === undefined) next.delete(name);
    else next.set(name, value);
  }
  return new Map([...next].sort(([a], [b]) => compareText(a, b)));
}

/** Whether a changed resource leaves the views as they are. */
function isSamePlace(a: Draft | undefined, b: Draft | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (JSON.stringify(a.nodes) !== JSON.stringify(b.nodes) || a.source !== b.source) return false;
  const [refs, others] = [a.resource.refs, b.resource.refs];
  return (
    refs === others ||
    (refs.length === others.length &&
      refs.every((ref, i) => ref.name === others[i]?.name && ref.type === others[i].type))
  );
}

interface Case {
  readonly graph: Graph;
  readonly options: CompilerOptions;
  readonly input: CompileInput;
  readonly guard: Guard | null;
  readonly parsed: ReturnType<typeof parseSettings>;
  readonly state: State;
  readonly sources: Buckets<string>;
}

function judge({
  graph,
  options,
  input,
  guard,
  parsed,
  state,
  sources,
}: Case): Outcome<Compilation> {
  const { settings } = parsed;
  const previous = previousOf(guard);
  const texts = effectiveTexts(graph, sources);
  const places = placesOf(graph, texts, state);
  const found = withAll(graph.found.peek(''), state.tooNew);
  const held = found.filter((one) => one.isMaterial === true && isError(one));
  const others = found.filter((one) => !(one.isMaterial === true && isError(one)));
  const parse = options.parse ?? parseFile;
  const located = [
    ...parsed.diagnostics,
    ...emptyFiles(graph.located.peek(''), parse, (path) => previous?.textOf(path)),
  ];
  if (others.some(isError) || located.some(({ severity }) => severity === 'error')) {
    const unread = unreadDefinitions(located, sources);
    const shown = others
      // What nothing uses may be used by what is wrong.
      .filter((one) => one.code !== 'UNUSED' && !isFollowUp(one, unread))
      .map((one) => asRemoval(one, previous?.names ?? null, state.defined));
    return failure(together(located, shown, places));
  }
  const isEmpty = state.defined.size === 0 && !hasDocument(input.texts, parse);
  if (isEmpty && (guard?.allowRemovals ?? null) === null) {
    return failure([NO_DOCUMENTS, ...located]);
  }
  if (previous !== null) {
    const { defined } = state;
    const allowRemovals = guard?.allowRemovals ?? null;
    const placeOf = (key: string): Span | null => {
      const [document] = graph.documents.peek(key);
      const origin =
        document === undefined
          ? state.drafts.get(key.replace(/^raw /, ''))?.origin
          : { doc: document.id, pointer: '/name' };
      return origin === undefined ? null : places.locate(origin);
    };
    const { names: before, recent } = previous;
    const { command = 'helve' } = options;
    const compared = { before, now: defined, recent, settings, allowRemovals, command };
    const refused = guardOf({ ...compared, placeOf });
    if (refused.length > 0) return failure(refused);
  }
  const warnings = together(located, others, places);
  const content: Content = {
    version: options.version,
    filterProfile: graph.filterProfile.node('').value,
    settings,
    sources,
    texts,
    ...state,
    nodeGroups: graph.nodeGroups.peek(''),
    warnings,
    heldMaterial: together(graph.heldLocated.peek(''), held, places),
  };
  return success(newCompilation(content), warnings);
}

interface Previous {
  readonly names: Names;
  /** The accepted text of a path. */
  readonly textOf: (path: string) => string | undefined;
  readonly recent: readonly Names[];
}

/** Null where nothing is accepted. */
function previousOf(guard: Guard | null): Previous | null {
  if (guard === null) return null;
  const { base, accepted, recent = [] } = guard;
  if (base !== null) {
    const { defined, sources } = contentOf(base);
    return { names: defined, textOf: (path) => sources.get(path), recent };
  }
  if (accepted === undefined) return null;
  return { names: accepted.names, textOf: (path) => accepted.texts.get(path), recent };
}

const withAll = (found: readonly Found[], others: readonly Found[]): readonly Found[] =>
  others.length === 0 ? found : [...found, ...others];

const NO_DOCUMENTS = diagnostic(
  'SOURCE_INCOMPLETE',
  'the source has no documents; add or restore them',
);

function together(
  located: readonly Diagnostic[],
  found: readonly Found[],
  places: Places,
): readonly Diagnostic[] {
  if (located.length === 0 && found.length === 0) return NOTHING;
  return capDiagnostics([...located, ...toDiagnostics(found, places)]);
}

const NOTHING: readonly Diagnostic[] = Object.freeze([]);

/** The texts that documents were read from. */
function effectiveTexts(graph: Graph, sources: Buckets<string>): Buckets<string> {
  const held = new Set(graph.heldLocated.peek('').flatMap(({ span }) => span?.file ?? []));
  return sources.with(
    [...held].map((path) => [path, graph.goodTexts.node(path).value ?? sources.get(path) ?? null]),
  );
}

function placesOf(graph: Graph, texts: Buckets<string>, state: State): Places {
  return {
    locate: placesIn(texts),
    candidates: (type) => {
      const found = new Map<string, Origin | null>();
      for (const [key] of state.defined.entries()) {
        const at = key.indexOf('/');
        if (key.slice(0, at) !== type) continue;
        const [document] = graph.documents.peek(key);
        const origin = document === undefined ? null : { doc: document.id, pointer: '/name' };
        found.set(key.slice(at + 1), origin);
      }
      for (const [, { resource, origin }] of state.drafts.entries()) {
        const isNamed = resource.type === type && !/[#:@]/.test(resource.name);
        if (isNamed && !found.has(resource.name)) {
          const field = type === 'ClusterLoadAssignment' ? '/cluster_name' : '/name';
          const pointer = `${origin.pointer}${field}`;
          found.set(resource.name, { doc: origin.doc, pointer });
        }
      }
      return found;
    },
  };
}
