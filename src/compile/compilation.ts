import {
  compareText,
  groupName,
  hashFields,
  invariant,
  manifestId,
  materialId,
  revisionId,
  type Diagnostic,
  type Located,
  type MaterialValue,
  type Origin,
  type RevisionId,
  type Span,
} from '../base/index.ts';
import { originLocator, type NativeDocument, type Settings } from '../model/index.ts';
import {
  typeRow,
  type Group,
  type Resource,
  type ResourceKey,
  type RevisionDelta,
  type ViewChange,
  type ViewKey,
} from '../snapshot/index.ts';
import type { Buckets } from './buckets.ts';
import { isSameResource, type Draft } from './draft.ts';
import type { Compilation } from './types.ts';
import type { Exclusions } from './views.ts';

/** All that one compile came to. Immutable, and shares what did not change with the one before. */
export interface Content {
  readonly version: string;
  readonly filterProfile: number;
  readonly settings: Settings;
  /** As they were read: an unreadable file of endpoints with its last good text. */
  readonly texts: Buckets<string>;
  readonly sources: Buckets<string>;
  readonly material: ReadonlyMap<string, MaterialValue>;
  readonly drafts: Buckets<Draft>;
  readonly exclusions: Exclusions;
  readonly nodeGroups: readonly NativeDocument<'NodeGroup'>[];
  readonly defined: Buckets<string>;
  readonly warnings: readonly Diagnostic[];
  readonly heldMaterial: readonly Diagnostic[];
}

const CONTENTS = new WeakMap<Compilation, Content>();

/** What stands behind a compilation of this compiler. */
export function contentOf(compilation: Compilation): Content {
  const content = CONTENTS.get(compilation);
  invariant(content !== undefined, 'a compilation of another compiler');
  return content;
}

export function newCompilation(content: Content): Compilation {
  const { drafts, exclusions, material } = content;
  const revision = revisionOf(content);
  const resource = (view: ViewKey, { type, name }: ResourceKey): Resource | null => {
    const key = `${type}/${name}`;
    const hidden = exclusions.get(view);
    return hidden === undefined || hidden.has(key) ? null : (drafts.get(key)?.resource ?? null);
  };
  const compilation: Compilation = {
    revision,
    material,
    resource,
    delta: (base) => deltaOf(content, revision, base),
    resources: (view) => {
      const hidden = exclusions.get(view);
      if (hidden === undefined) return [];
      const shown = [...drafts.entries()].filter(([key]) => !hidden.has(key));
      return shown.map(([, draft]) => draft.resource).sort(compareResources);
    },
    locate: (origins) => {
      const locate = placesIn(content.texts);
      return origins.map((origin): Located => ({ origin, span: locate(origin) }));
    },
  };
  CONTENTS.set(compilation, content);
  return compilation;
}

/** Finds the places of origins in texts. Each text is parsed once for all of them. */
export function placesIn(texts: Buckets<string>): (origin: Origin, isKey?: boolean) => Span | null {
  const locators = new Map<string, ReturnType<typeof originLocator>>();
  return (origin, isKey) => {
    const path = origin.doc.slice(0, origin.doc.lastIndexOf('#'));
    const text = texts.get(path);
    if (text === undefined) return null;
    const locate = locators.get(path) ?? originLocator(text, path);
    locators.set(path, locate);
    return locate(origin, isKey);
  };
}

const compareResources = (a: Resource, b: Resource): number =>
  typeRow(a.type).order - typeRow(b.type).order || compareText(a.name, b.name);

function revisionOf(content: Content): RevisionId {
  const { version, filterProfile, settings, sources, material } = content;
  return revisionId(
    hashFields([
      version,
      String(filterProfile),
      JSON.stringify(settings),
      sources.hash((text) => text),
      ...[...material.values()].flatMap(({ name, hash }) => [name, hash]),
    ]),
  );
}

function deltaOf(content: Content, id: RevisionId, base: Compilation | null): RevisionDelta {
  const before = base === null ? null : contentOf(base);
  const changed = changedKeys(content, before);
  const views = [...content.exclusions.keys()];
  return {
    id,
    base: base?.revision ?? null,
    documents: manifestId(content.sources.hash((text) => text)),
    material: materialId(hashFields([...content.material.values()].map(({ hash }) => hash))),
    compiler: content.version,
    filterProfile: content.filterProfile,
    language: content.settings.language,
    settings: { drainTimeMs: content.settings.drainTimeMs, envoy: content.settings.envoy },
    groups: groupsOf(content),
    views,
    put: putOf(content, before, changed),
    changes: views.flatMap((view) => viewChanges(content, before, { view, changed })),
    sources: sourceChange(content, before),
    materialPut: [...content.material.values()].filter(
      ({ name, hash }) => before?.material.get(name)?.hash !== hash,
    ),
    materialRemoved: [...(before?.material.keys() ?? [])].filter(
      (name) => !content.material.has(name),
    ),
    warnings: content.warnings,
    heldMaterial: content.heldMaterial,
  };
}

const groupsOf = ({ nodeGroups, settings }: Content): readonly Group[] =>
  nodeGroups.map(({ name, value }) => ({
    name: groupName(name),
    match: value.match,
    envoy: value.envoy ?? settings.envoy,
  }));

function changedKeys(content: Content, before: Content | null): readonly string[] {
  const keys =
    before === null
      ? [...content.drafts.entries()].map(([key]) => key)
      : content.drafts.changedKeys(before.drafts);
  return [...keys].sort(compareText);
}

function putOf(
  content: Content,
  before: Content | null,
  changed: readonly string[],
): readonly Resource[] {
  return changed.flatMap((key): readonly Resource[] => {
    const is = content.drafts.get(key)?.resource;
    const was = before?.drafts.get(key)?.resource;
    if (is === undefined || (was !== undefined && isSameResource(is, was))) return [];
    return [is];
  });
}

interface ViewKeys {
  readonly view: ViewKey;
  readonly changed: readonly string[];
}

function viewChanges(
  content: Content,
  before: Content | null,
  { view, changed }: ViewKeys,
): readonly ViewChange[] {
  const hidden = content.exclusions.get(view);
  const wasHidden = before?.exclusions.get(view);
  const keys = suspectKeys(content, { hidden, wasHidden, changed });
  const byType = new Map<
    ViewChange['type'],
    { put: ViewChange['put'][number][]; removed: string[] }
  >();
  for (const key of [...keys].sort(compareText)) {
    const is = hidden?.has(key) === true ? undefined : content.drafts.get(key)?.resource;
    const had = wasHidden === undefined || wasHidden.has(key) ? undefined : before?.drafts.get(key);
    const was = had?.resource;
    const either = is ?? was;
    if (either === undefined || is?.version === was?.version) continue;
    const change = byType.get(either.type) ?? { put: [], removed: [] };
    byType.set(either.type, change);
    if (is === undefined) change.removed.push(either.name);
    else change.put.push([is.name, is.version]);
  }
  const changes = [...byType].map(([type, change]) => ({ view, type, ...change }));
  return changes.sort((a, b) => typeRow(a.type).order - typeRow(b.type).order);
}

interface Suspects {
  readonly hidden: ReadonlySet<string> | undefined;
  /** Undefined where there was no such view. */
  readonly wasHidden: ReadonlySet<string> | undefined;
  readonly changed: readonly string[];
}

function suspectKeys(content: Content, suspects: Suspects): Iterable<string> {
  const { hidden, wasHidden, changed } = suspects;
  if (wasHidden === undefined) return [...content.drafts.entries()].map(([key]) => key);
  if (hidden === wasHidden) return changed;
  return new Set([...changed, ...(hidden ?? []), ...wasHidden]);
}

function sourceChange(content: Content, before: Content | null): RevisionDelta['sources'] {
  const keys =
    before === null
      ? [...content.sources.entries()].map(([key]) => key)
      : content.sources.changedKeys(before.sources);
  const sorted = [...keys].sort(compareText);
  return {
    put: sorted.flatMap((path) => {
      const text = content.sources.get(path);
      return text === undefined ? [] : [{ path, text }];
    }),
    removed: sorted.filter((path) => content.sources.get(path) === undefined),
  };
}
