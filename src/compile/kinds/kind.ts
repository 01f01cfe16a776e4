import { hashFields, type Origin } from '../../base/index.ts';
import type { KindName, NativeDocument } from '../../model/index.ts';
import type { JsonObject } from '../../schema/index.ts';
import type { Read, Table } from '../cell.ts';
import type { CertificateState } from '../certificates.ts';
import { toDraft, type Draft } from '../draft.ts';
import { forbiddenUpstreams } from '../forbidden.ts';
import { emitNeeds, EVERY_NODE } from '../floors.ts';
import { isError, type Found } from '../found.ts';
import { emitDraft, type Graph } from '../graph.ts';
import type { Emit } from '../groups.ts';
import { applyEdits } from '../inspect/json.ts';
import { placeOf, type Lowered } from '../lowered.ts';
import { patchesOf, patchResource, type Patched } from '../patches.ts';
import { walkLowered } from '../patched-walk.ts';
import type { RoutePieces } from '../pieces.ts';
import type { PolicyRules } from '../policy-rules.ts';
import type { SecretState } from '../secrets.ts';

/** What one document is compiled with. */
export interface KindContext {
  readonly graph: Graph;
  /** Addresses that no upstream may be. */
  readonly forbidden: readonly string[];
  readonly certificates: Table<CertificateState>;
  readonly secrets: Table<SecretState>;
  readonly pieces: Table<RoutePieces>;
  readonly policies: PolicyRules;
  readonly read: Read;
  readonly emit: Emit;
}

/**
 * What a document of one kind contributes: drafts, references, findings. One file in `kinds/` each,
 * which exports it under the kind's name in camel case; the table of them is generated.
 */
export type KindCompiler<K extends KindName> = (
  context: KindContext,
  document: NativeDocument<K>,
) => void;

interface EmitOptions {
  readonly nodes?: readonly string[] | null;
  readonly isShared?: boolean;
  /** What else is known of the resource. */
  readonly finish?: (draft: Draft) => Draft;
}

/** Encodes one message and contributes it. */
export function emitLowered(
  context: Pick<KindContext, 'graph' | 'read' | 'emit' | 'forbidden'>,
  lowered: Lowered,
  { nodes = null, isShared = false, finish = asItIs }: EmitOptions = {},
): void {
  const { graph, read, emit, forbidden } = context;
  const base = fitted(graph, read, lowered);
  const patches = isShared ? [] : patchesOf(graph, read, { ...lowered, value: base });
  const patched =
    patches.length === 0
      ? null
      : patchResource(graph, patches, { type: lowered.type, value: base });
  const walked = walkLowered(
    graph.schema,
    {
      ...lowered,
      value: base,
      source: isShared ? 'shared' : 'native',
      nodes,
      originAt: (pointer) => placeOf(lowered, pointer),
    },
    patched,
  );
  const { input, found } = walked;
  tell(context, found);
  const draft = toDraft(graph.schema, input, walked);
  const refused = forbiddenUpstreams(draft, forbidden);
  tell(context, refused);
  if (refused.length > 0 || found.some(isError)) {
    refuse(context, lowered);
    return;
  }
  emitDraft(graph, emit, finish(withParts(draft, partsOf(lowered, patched))));
  emitNeeds(graph, emit, `${lowered.type}/${lowered.name}`, walked.needs);
}

function partsOf(lowered: Lowered, patched: Patched | null): Lowered['parts'] {
  if (patched === null) return lowered.parts;
  const { name, origin, value } = lowered;
  const own = lowered.parts ?? [{ key: name, origin, text: JSON.stringify(value) }];
  return [...own, ...patched.parts];
}

function withParts(draft: Draft, parts: Lowered['parts']): Draft {
  if (parts === undefined) return draft;
  const all = parts.map(({ key, text, origin }) => ({
    key,
    hash: hashFields([text]),
    origins: [origin],
  }));
  return { ...draft, resource: { ...draft.resource, parts: all } };
}

const asItIs = (draft: Draft): Draft => draft;

/** Without what the oldest Envoy that may get it does not know, as far as it can do without. */
function fitted(graph: Graph, read: Read, { type, name, value, optional }: Lowered): JsonObject {
  if (optional === undefined) return value;
  const profile = graph.schema.profileOf(
    read(graph.floors, type === 'Listener' ? name : EVERY_NODE),
  );
  const left = optional.filter(({ message, field }) => !profile.hasField(message, field));
  return applyEdits(
    value,
    left.map(({ pointer }) => ({ pointer, value: null })),
  );
}

/** References to it are no findings of their own. */
export const refuse = (
  { graph, emit }: Pick<KindContext, 'graph' | 'emit'>,
  { type, name }: Pick<Lowered, 'type' | 'name'>,
): void => emit(graph.refused, `${type}/${name}`, name);

export function tell(
  { graph, emit }: Pick<KindContext, 'graph' | 'emit'>,
  found: readonly Found[],
): void {
  for (const one of found) emit(graph.found, '', one);
}

export const wholeOf = (document: NativeDocument): Origin => ({ doc: document.id, pointer: '' });
