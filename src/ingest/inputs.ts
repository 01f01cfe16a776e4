import { invariant, type ManifestId, type MaterialId, type RevisionId } from '../base/index.ts';
import type { Compilation } from '../compile/index.ts';
import type { MaterialFile } from '../model/index.ts';
import type { Axes, DocumentAxis, MaterialAxis } from './axes.ts';

/** One compiled input with what it was compiled from. */
export interface Compiled {
  readonly compilation: Compilation;
  readonly documents: DocumentAxis;
  readonly material: MaterialAxis;
}

/**
 * What may still be asked for: the accepted input, what was compiled since, and the newest
 * generations that were told. Nothing here grows with the number of edits.
 */
export interface Inputs {
  /** What the last run accepted; held until something compiled stands in its place. */
  seed(axes: Axes): void;
  /** A generation that is told to the engine. */
  told(axes: Axes): void;
  /** A name of before this process was started can only mean what was accepted. */
  documents(id: ManifestId): DocumentAxis;
  material(id: MaterialId): MaterialAxis;
  /** Forgets what is neither the base nor newer. */
  base(revision: RevisionId): Compiled | null;
  compiled(value: Compiled): void;
  /** The last that compiled: what is accepted, or will be. */
  newest(): Compiled | null;
  /** What is accepted or may be, newest first. */
  accepted(): readonly Axes[];
}

/** The engine asks for the newest scan that it knows; those on their way to it come before. */
const TOLD_MAX = 4;

export function createInputs(): Inputs {
  let seeded: Axes | null = null;
  let told: readonly Axes[] = [];
  let compilations: readonly Compiled[] = [];

  const accepted = (): readonly Axes[] => [...compilations, ...(seeded === null ? [] : [seeded])];
  const all = (): readonly Axes[] => [...told, ...accepted()];
  return {
    seed(axes) {
      seeded = axes;
    },
    told(axes) {
      told = [axes, ...told].slice(0, TOLD_MAX);
    },
    documents(id) {
      const found = all().find(({ documents }) => documents.id === id) ?? accepted()[0];
      invariant(found !== undefined, 'a compile of documents that were never told');
      return found.documents;
    },
    material(id) {
      const found = all().find(({ material }) => material.id === id) ?? accepted()[0];
      invariant(found !== undefined, 'a compile of material that was never told');
      return found.material;
    },
    base(revision) {
      const known = compilations.find(({ compilation }) => compilation.revision === revision);
      if (known === undefined) return null;
      compilations = [known];
      seeded = null;
      return known;
    },
    compiled(value) {
      const { revision } = value.compilation;
      const others = compilations.filter(({ compilation }) => compilation.revision !== revision);
      compilations = [value, ...others].slice(0, 2);
    },
    newest: () => compilations[0] ?? null,
    accepted,
  };
}

/** All texts and files of an input. */
export interface JoinedInput {
  readonly texts: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, MaterialFile>;
}

/**
 * Documents with material that need not be of the same generation. The documents win where both
 * have a path. A file that has become a document on disk is still material to documents that do
 * not have it: its text is taken from what is accepted.
 */
export function joinAxes(
  documents: DocumentAxis,
  material: MaterialAxis,
  accepted: readonly Axes[],
): JoinedInput {
  // Mostly there is no file of endpoints, and that saves copying ten thousand texts.
  const isAlone = [material, ...accepted.map((before) => before.material)].every(
    (axis) => axis.texts.size === 0,
  );
  if (isAlone) return { texts: documents.texts, files: material.files };
  const texts = new Map(material.texts);
  for (const before of accepted) {
    for (const [path, text] of before.material.texts) {
      const isMoved = material.documentPaths.has(path) && !documents.texts.has(path);
      if (isMoved && !texts.has(path)) texts.set(path, text);
    }
  }
  for (const [path, text] of documents.texts) texts.set(path, text);
  return { texts, files: material.files };
}
