import { compareText, invariant, type Origin } from '../base/index.ts';
import type { NativeDocument } from '../model/index.ts';
import type { JsonObject } from '../schema/index.ts';
import type { TypeId } from '../snapshot/index.ts';
import type { Read } from './cell.ts';
import { messageOfType } from './draft.ts';
import type { Found } from './found.ts';
import type { Graph } from './graph.ts';
import { guardPatch } from './patch-guard.ts';
import { fieldOf, listOf } from './inspect/json.ts';
import { clusterOfAssignment } from './lower/assignment-name.ts';
import { passedChainName } from './lower/passed-chains.ts';
import type { Lowered, LoweredPart } from './lowered.ts';

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

/** One patch as it is laid over a message. */
export interface PatchLayer {
  readonly patch: Patch;
  readonly merge: JsonObject;
  /** Of what the user wrote, in `merge`. */
  readonly at: string;
}

const wholeLayer = (patch: Patch): PatchLayer => ({ patch, merge: patch.value.merge, at: '' });

/** Patches of the documents that a resource comes from, sorted by name. */
export function patchesOf(
  graph: Graph,
  read: Read,
  { type, name, value }: Pick<Lowered, 'type' | 'name' | 'value'>,
): readonly PatchLayer[] {
  const kind = TARGETS.get(type);
  if (kind === undefined) return [];
  const document = type === 'ClusterLoadAssignment' ? clusterOfAssignment(name) : name;
  const own = read(graph.patches, `${kind}/${document}`).map(wholeLayer);
  if (type !== 'Listener') return own;
  const passed = passedLayers(graph, read, { name, value });
  if (passed.length === 0) return own;
  return [...own, ...passed].sort((a, b) => compareText(a.patch.name, b.patch.name));
}

/** Those of TcpRoutes, laid over the filter chains that these have in a listener. */
function passedLayers(
  graph: Graph,
  read: Read,
  { name, value }: Pick<Lowered, 'name' | 'value'>,
): readonly PatchLayer[] {
  const chains = new Set(
    listOf(fieldOf(value, 'filter_chains')).map((one) => fieldOf(one, 'name')),
  );
  return read(graph.tcpRoutes, name).flatMap((route) => {
    const chain = passedChainName(route.name);
    if (!chains.has(chain)) return [];
    return read(graph.patches, `TcpRoute/${route.name}`).map((patch) => ({
      patch,
      merge: { filter_chains: [{ ...patch.value.merge, name: chain }] },
      at: '/filter_chains/0',
    }));
  });
}

/** Patches of one rule, sorted by name. */
export const patchesOfRule = (
  graph: Graph,
  read: Read,
  { document, rule }: { readonly document: string; readonly rule: string },
): readonly PatchLayer[] =>
  read(graph.patches, `Route/${document}`)
    .filter(({ value }) => value.target.rule === null || value.target.rule === rule)
    .map(wholeLayer);

/** Lays the patches over the message of a resource. */
export const patchResource = (
  graph: Graph,
  patches: readonly PatchLayer[],
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
  patches: readonly PatchLayer[],
  { message, value }: Message,
): Patched {
  const layers = patches.map(({ merge }) => merge);
  const merged = schema.merge(message, value, { layers, guard: guardPatch });
  const at = (layer: number, pointer: string): Origin => originOf(patches, layer, pointer);
  const found = merged.problems.map(({ layer, pointer, message: words, other }): Found => {
    const related =
      other === undefined
        ? []
        : [{ message: 'the other patch', origin: at(other.layer, other.pointer) }];
    const subject = `patch "${patches[layer]?.patch.name ?? ''}"`;
    const origin = at(layer, pointer);
    return { code: 'PATCH_CONFLICT', message: `${subject}: ${words}`, origin, related };
  });
  const documents = new Set(patches.map(({ patch }) => patch.id));
  return {
    value: merged.value,
    found,
    parts: patches.map(({ patch }) => ({
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

function originOf(layers: readonly PatchLayer[], layer: number, pointer: string): Origin {
  const one = layers[layer];
  invariant(one !== undefined, 'a layer without a patch');
  const { patch, at } = one;
  return { doc: patch.id, pointer: `/merge${pointer.slice(at.length)}` };
}

const parentOf = (pointer: string): string => pointer.slice(0, pointer.lastIndexOf('/'));
