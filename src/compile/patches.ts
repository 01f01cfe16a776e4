import { invariant, type Origin } from '../base/index.ts';
import type { NativeDocument } from '../model/index.ts';
import type { JsonObject } from '../schema/index.ts';
import type { TypeId } from '../snapshot/index.ts';
import type { Read } from './cell.ts';
import { messageOfType } from './draft.ts';
import type { Found } from './found.ts';
import type { Graph } from './graph.ts';
import { guardPatch } from './patch-guard.ts';
import type { LoweredPart } from './lowered.ts';

type Patch = NativeDocument<'Patch'>;

/** A message with what patches say of it. */
export interface Patched {
  readonly value: JsonObject;
  readonly found: readonly Found[];
  /** The patches, as parts of the resource. */
  readonly parts: readonly LoweredPart[];
  /** Where a patch wrote what stands at a pointer of the message; null where none did. */
  placeOf(pointer: string): Origin | null;
  isPatch(origin: Origin): boolean;
}

const TARGETS: ReadonlyMap<TypeId, string> = new Map([
  ['Cluster', 'Cluster'],
  ['ClusterLoadAssignment', 'Endpoints'],
  ['Listener', 'Listener'],
]);

/** Patches of the document that a resource comes from, sorted by name. */
export function patchesOf(
  graph: Graph,
  read: Read,
  { type, name }: { readonly type: TypeId; readonly name: string },
): readonly Patch[] {
  const kind = TARGETS.get(type);
  return kind === undefined ? [] : read(graph.patches, `${kind}/${name}`);
}

/** Patches of one rule, sorted by name. */
export const patchesOfRule = (
  graph: Graph,
  read: Read,
  { document, rule }: { readonly document: string; readonly rule: string },
): readonly Patch[] =>
  read(graph.patches, `Route/${document}`).filter(
    ({ value }) => value.target.rule === null || value.target.rule === rule,
  );

/** Lays the patches over the message of a resource. */
export const patchResource = (
  graph: Graph,
  patches: readonly Patch[],
  { type, value }: { readonly type: TypeId; readonly value: JsonObject },
): Patched => patchMessage(graph, patches, { message: messageOfType(type), value });

interface Message {
  /** Full name. */
  readonly message: string;
  readonly value: JsonObject;
}

/** Lays patches over a message. */
export function patchMessage(
  { schema }: Graph,
  patches: readonly Patch[],
  { message, value }: Message,
): Patched {
  const layers = patches.map((patch) => patch.value.merge);
  const merged = schema.merge(message, value, { layers, guard: guardPatch });
  const at = (layer: number, pointer: string): Origin => ({
    doc: docOf(patches, layer),
    pointer: `/merge${pointer}`,
  });
  const found = merged.problems.map(({ layer, pointer, message: words, other }): Found => {
    const related =
      other === undefined
        ? []
        : [{ message: 'the other patch', origin: at(other.layer, other.pointer) }];
    const subject = `patch "${patches[layer]?.name ?? ''}"`;
    const origin = at(layer, pointer);
    return { code: 'PATCH_CONFLICT', message: `${subject}: ${words}`, origin, related };
  });
  const documents = new Set(patches.map(({ id }) => id));
  return {
    value: merged.value,
    found,
    parts: patches.map((patch) => ({
      key: `Patch/${patch.name}`,
      text: JSON.stringify(patch.value),
      origin: { doc: patch.id, pointer: '/merge' },
    })),
    placeOf: (pointer) => {
      const exact = merged.places.get(pointer);
      if (exact !== undefined) return at(exact.layer, exact.pointer);
      for (let up = parentOf(pointer); up !== ''; up = parentOf(up)) {
        const place = merged.places.get(up);
        if (place?.isWhole === true) return at(place.layer, place.pointer);
      }
      return null;
    },
    isPatch: ({ doc }) => documents.has(doc),
  };
}

function docOf(patches: readonly Patch[], layer: number): Origin['doc'] {
  const patch = patches[layer];
  invariant(patch !== undefined, 'a layer without a patch');
  return patch.id;
}

const parentOf = (pointer: string): string => pointer.slice(0, pointer.lastIndexOf('/'));
