import { hashBytes, type MaterialValue } from '../base/index.ts';
import type { Json, JsonObject } from '../schema/index.ts';
import type { Read } from './cell.ts';
import { newJudge, type Judge } from './certificates.ts';
import { toDraft, walk, type Draft, type DraftInput, type Walked } from './draft.ts';
import { forbiddenUpstreams } from './forbidden.ts';
import { emitNeeds } from './floors.ts';
import type { Found } from './found.ts';
import { emitDraft, type Graph, type RawItem } from './graph.ts';
import type { Emit } from './groups.ts';
import { isError } from './found.ts';
import { applyEdits, fieldOf, isObject, textOf, type Edit } from './inspect/json.ts';
import type { TlsPair } from './inspect/notes.ts';
import { nounOf } from './nouns.ts';
import { openItem } from './raw-item.ts';
import { fileProblem } from './material/file-problem.ts';

/** Raw resources: checked field by field, their files inlined, their sources made canonical. */
export function addRaw(graph: Graph, forbidden: readonly string[]): void {
  const judge = newJudge(graph);
  graph.cells.family({
    stage: 1,
    keys: graph.rawItems,
    run: (key, read, emit) => {
      const item = read(graph.rawItems, key)[0];
      if (item === undefined) return;
      const tell = (found: readonly Found[]): boolean => {
        for (const one of found) emit(graph.found, '', one);
        return found.some((one) => isError(one) && one.isMaterial !== true);
      };
      const draft = draftOf({ graph, read, judge }, item, { forbidden, tell, emit });
      if (typeof draft === 'string') emit(graph.refused, draft, key);
      else emitDraft(graph, emit, draft);
    },
  });
}

interface Sinks {
  readonly forbidden: readonly string[];
  /** Whether there was an error that refuses the resource. */
  readonly tell: (found: readonly Found[]) => boolean;
  readonly emit: Emit;
}

/** The draft of an item, or the key under which it is refused. */
function draftOf(
  context: Context,
  item: RawItem,
  { forbidden, tell, emit }: Sinks,
): Draft | string {
  const { graph } = context;
  const { input, found } = openItem(graph.schema, item);
  if (tell(found) || input === null) return refusedKey(item, input);
  const refused = refusedKey(item, input);
  const walked = walk(graph.schema, input);
  if (tell(walked.found.filter((one) => !isRewritten(one, walked, input)))) return refused;
  const filled = fill(context, item, input, walked);
  if (tell(filled.found)) return refused;
  const draft = toDraft(graph.schema, filled.input, { ...walked, bytes: filled.bytes });
  if (tell(forbiddenUpstreams(draft, forbidden))) return refused;
  if (filled.value !== null) emit(graph.materials, filled.value.name, filled.value);
  emitNeeds(graph, emit, refused, walked.needs);
  return draft;
}

function refusedKey({ value }: RawItem, input: DraftInput | null): string {
  if (input !== null) return `${input.type}/${input.name}`;
  const inner = fieldOf(value, 'resource') ?? value;
  return `*/${textOf(fieldOf(inner, 'name'))}`;
}

/** A deprecated spelling of what helve writes anew is nobody's worry. */
function isRewritten(found: Found, { notes }: Walked, input: DraftInput): boolean {
  if (found.code !== 'ENVOY_DEPRECATED') return false;
  const { pointer } = found.origin;
  return notes.edits.some((edit) => pointer.startsWith(`${input.originAt(edit.pointer).pointer}/`));
}

interface Context {
  readonly graph: Graph;
  readonly read: Read;
  readonly judge: Judge;
}

interface Filled {
  readonly input: DraftInput;
  readonly bytes: Uint8Array;
  readonly value: MaterialValue | null;
  readonly found: readonly Found[];
}

/** Base64 of each file, by the pointer of its DataSource. */
type Slots = ReadonlyMap<string, string>;

/** The resource as it is sent: canonical sources, files inline. */
function fill(context: Context, item: RawItem, input: DraftInput, walked: Walked): Filled {
  const { notes } = walked;
  const files = readFiles(context, item, input, walked);
  const problems = [...files.found, ...pairProblems(context, input, walked, files.slots)];
  const name = `${input.type}/${input.name}`;
  let { slots } = files;
  let found: readonly Found[] = problems;
  if (slots.size + files.found.length > 0 && problems.some(isError)) {
    const last = context.read(context.graph.lastGood, name);
    const good = last === null ? null : storedSlots(last);
    if (good !== null && files.pointers.every((pointer) => good.has(pointer))) {
      slots = good;
      found = problems.map((one) => ({ ...one, isMaterial: true }));
    }
  }
  const inlined = [...slots].map(([pointer, bytes]): Edit => ({
    pointer,
    value: { inline_bytes: bytes },
  }));
  const dropped =
    slots.size === 0 ? [] : notes.watched.map((pointer): Edit => ({ pointer, value: null }));
  const edits = [...notes.edits, ...inlined, ...dropped];
  const value = slots.size === 0 ? null : slotsValue(name, slots);
  if (edits.length === 0) return { input, bytes: walked.bytes, value, found };
  const next = { ...input, value: applyEdits(input.value, edits) };
  const { bytes, found: again } = walk(context.graph.schema, next);
  const errors = again.filter((one) => isError(one));
  return { input: next, bytes, value, found: [...found, ...errors] };
}

interface ReadFiles {
  readonly slots: Slots;
  readonly pointers: readonly string[];
  readonly found: readonly Found[];
}

function readFiles(
  { graph, read }: Context,
  item: RawItem,
  input: DraftInput,
  { notes }: Walked,
): ReadFiles {
  const slots = new Map<string, string>();
  const pointers: string[] = [];
  const found: Found[] = [];
  for (const { pointer, filenamePointer } of notes.files) {
    const origin = input.originAt(filenamePointer);
    const path = item.files.get(origin.pointer);
    if (path === undefined) continue;
    const file = read(graph.materialFiles, path);
    if (file?.kind === 'read') {
      slots.set(pointer, Buffer.from(file.bytes).toString('base64'));
      pointers.push(pointer);
      continue;
    }
    // An absolute path outside the allowed roots is a file on the Envoy's own machine.
    const isOutside = file?.kind === 'refused' && file.problem.code === 'PATH_ESCAPE';
    if (isOutside && path.startsWith('/')) {
      found.push({ ...left(path), origin, related: [] });
      continue;
    }
    pointers.push(pointer);
    found.push(fileProblem(file, path, origin));
  }
  return { slots, pointers, found };
}

const left = (path: string): Pick<Found, 'code' | 'severity' | 'message'> => ({
  code: 'PATH_ESCAPE',
  severity: 'warning',
  message:
    `${path} is left to the Envoy's own machine, and not watched; ` +
    'to have helve read it, allow its folder with --allow-path',
});

/** Pairs that Envoy would refuse, or clients would: judged like those of Certificate documents. */
function pairProblems(
  { read, judge }: Context,
  input: DraftInput,
  { notes }: Walked,
  slots: Slots,
): readonly Found[] {
  return notes.pairs.flatMap((pair): readonly Found[] => {
    const chain = bytesOf(pair.chain, slots.get(pair.chainPointer));
    const key = bytesOf(pair.key, slots.get(pair.keyPointer));
    if (chain === null || key === null) return [];
    return judge({ read, roles: ['server'] }, chain, key).problems.map(
      ({ file, message, ...problem }) => ({
        ...problem,
        ...(FOR_CLIENTS.has(problem.code) ? { severity: 'warning' } : {}),
        message: `${nounOf(input.type)} "${input.name}": ${message}`,
        origin: input.originAt(pointerOf(pair, file)),
        related: [],
      }),
    );
  });
}

/** Envoy takes these, and as the client of an upstream they do no harm: a raw pair may be that. */
const FOR_CLIENTS: ReadonlySet<Found['code']> = new Set(['CERT_IS_CA', 'CERT_EKU', 'CERT_NO_SAN']);

const pointerOf = (pair: TlsPair, file: 'cert' | 'key'): string =>
  file === 'cert' ? pair.chainPointer : pair.keyPointer;

function bytesOf(source: Json | undefined, slot: string | undefined): Uint8Array | null {
  if (slot !== undefined) return Buffer.from(slot, 'base64');
  const text = fieldOf(source, 'inline_string');
  if (typeof text === 'string') return Buffer.from(text);
  const bytes = fieldOf(source, 'inline_bytes');
  return typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : null;
}

function slotsValue(name: string, slots: Slots): MaterialValue {
  const fields = Object.fromEntries([...slots].sort());
  const bytes = new TextEncoder().encode(JSON.stringify({ slots: fields }));
  return { name, hash: hashBytes(bytes), bytes };
}

function storedSlots(value: MaterialValue): Slots | null {
  try {
    const fields: unknown = JSON.parse(new TextDecoder().decode(value.bytes));
    if (!isJson(fields)) return null;
    const slots = fields['slots'];
    if (!isObject(slots)) return null;
    return new Map(Object.entries(slots).map(([key, text]) => [key, textOf(text)]));
  } catch {
    return null;
  }
}

const isJson = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;
