import { didYouMean, type Origin } from '../base/index.ts';
import type { JsonObject, Schema } from '../schema/index.ts';
import { typeByUrl, TYPES, type TypeId } from '../snapshot/index.ts';
import type { DraftInput } from './draft.ts';
import type { Found } from './found.ts';
import type { RawItem } from './graph.ts';
import { isServerListenerName } from './inspect/grpc-listeners.ts';
import { fieldOf, isObject, pointerTo, textOf, typeUrlOf } from './inspect/json.ts';
import { nameProblem } from './inspect/names.ts';
import { nounOf } from './nouns.ts';
import { lifetimeOf } from './raw-lifetime.ts';

export interface OpenedItem {
  /** Null where it is nothing that helve serves; the findings say why, or the reader has. */
  readonly input: DraftInput | null;
  readonly found: readonly Found[];
}

const ENVELOPE = 'envoy.service.discovery.v3.Resource';

/** The resource of an item, out of its envelope if it has one, with its type and name. */
export function openItem(schema: Schema, item: RawItem): OpenedItem {
  const at = (pointer: string): Origin => ({ doc: item.doc, pointer });
  if (typeof item.value['@type'] !== 'string') return { input: null, found: [] };
  if (typeUrlOf(item.value) !== `type.googleapis.com/${ENVELOPE}`) {
    const opened = openResource({ value: item.value, base: item.pointer, at, envelope: null });
    return { ...opened, input: withDemand(opened.input, false) };
  }
  const found = envelopeProblems(schema, item, at);
  const value = fieldOf(item.value, 'resource');
  const base = `${item.pointer}/resource`;
  if (!isObject(value)) {
    const message = 'the envelope has no resource; add it';
    found.push({ code: 'SCHEMA_REQUIRED', message, origin: at(base), related: [] });
    return { input: null, found };
  }
  const opened = openResource({ value, base, at, envelope: item });
  const name = textOf(fieldOf(item.value, 'name'));
  const isOnDemand = onDemandOf(item.value) === true;
  const lifetime = lifetimeOf(item.value, opened.input?.type ?? null, at(`${item.pointer}/ttl`));
  const demanded = withDemand(opened.input, isOnDemand);
  const input =
    demanded === null || lifetime.ttlMs === null
      ? demanded
      : { ...demanded, ttlMs: lifetime.ttlMs };
  found.push(...lifetime.found);
  if (isOnDemand && input !== null && !ON_DEMAND_TYPES.includes(input.type)) {
    const message = `a ${nounOf(input.type)} cannot be on demand; remove the metadata`;
    const origin = at(`${item.pointer}/metadata`);
    found.push({ code: 'PROTO_INVALID', message, origin, related: [] });
  }
  if (input !== null && name !== '' && name !== input.name) {
    const message =
      `the envelope is named "${name}", and the ${nounOf(input.type)} in it "${input.name}"; ` +
      'make them equal';
    found.push({ code: 'RESOURCE_NAME', message, origin: at(`${item.pointer}/name`), related: [] });
  }
  return { input, found: [...found, ...opened.found] };
}

/**
 * What Envoy can ask for when a request needs it; and listeners, which gRPC clients and servers ask
 * for by their names.
 */
const ON_DEMAND_TYPES: readonly TypeId[] = ['Cluster', 'VirtualHost', 'Listener'];

/**
 * A listener with an `api_listener` is for gRPC clients: no Envoy takes one by LDS (GRPC-02). One
 * by the name that gRPC servers ask by is for those.
 */
function withDemand(input: DraftInput | null, isMarked: boolean): DraftInput | null {
  if (input === null) return null;
  const isForGrpc =
    input.type === 'Listener' &&
    (fieldOf(input.value, 'api_listener') !== undefined || isServerListenerName(input.name));
  return isMarked || isForGrpc ? { ...input, isOnDemand: true } : input;
}

/**
 * `metadata: {filter_metadata: {helve: {on_demand: true}}}`: the envelope's own place for what a
 * server keeps of a resource. Null: it says something else.
 */
function onDemandOf(envelope: JsonObject): boolean | null {
  const metadata = fieldOf(envelope, 'metadata');
  if (metadata === undefined) return false;
  const filters = isObject(metadata) ? fieldOf(metadata, 'filter_metadata') : undefined;
  const own = isObject(filters) ? filters['helve'] : undefined;
  const value = isObject(own) ? own['on_demand'] : undefined;
  const sizes = [metadata, filters, own].map((one) =>
    isObject(one) ? Object.keys(one).length : 0,
  );
  return typeof value === 'boolean' && sizes.every((size) => size === 1) ? value : null;
}

/** What an envelope may say that helve has a meaning for; versions are hashes of content. */
const ENVELOPE_FIELDS: ReadonlySet<string> = new Set([
  '@type',
  'name',
  'version',
  'resource',
  'ttl',
]);

function envelopeProblems(schema: Schema, item: RawItem, at: (pointer: string) => Origin): Found[] {
  const fields = Object.entries(item.value).filter(([key]) => key !== 'resource');
  const shell: JsonObject = Object.fromEntries(fields);
  const { problems } = schema.encode(ENVELOPE, shell);
  const found = problems.map(({ pointer, ...problem }): Found => ({
    ...problem,
    origin: at(item.pointer + pointer),
    related: [],
  }));
  for (const key of Object.keys(shell).filter((one) => !ENVELOPE_FIELDS.has(one))) {
    const origin = at(pointerTo(item.pointer, key));
    if (key === 'metadata' && onDemandOf(item.value) !== null) continue;
    if (shell[key] === null || found.some((one) => one.origin.pointer === origin.pointer)) continue;
    const message = `helve sends no ${key} of an envelope; remove it`;
    found.push({ code: 'PROTO_INVALID', message, origin, related: [] });
  }
  return found;
}

interface Item {
  /** What it stands in; null: in nothing. */
  readonly envelope: RawItem | null;
  readonly value: JsonObject;
  readonly base: string;
  readonly at: (pointer: string) => Origin;
}

function openResource({ value, base, at, envelope }: Item): OpenedItem {
  const refused = (code: Found['code'], pointer: string, message: string): OpenedItem => ({
    input: null,
    found: [{ code, message, origin: at(pointer), related: [] }],
  });
  const url = typeUrlOf(value);
  const row = typeByUrl(url);
  if (row === null) {
    const near = didYouMean(
      url,
      TYPES.map((type) => type.url),
    );
    const known = TYPES.map(({ short }) => short).join(', ');
    const advice = near === '' ? `; use one of ${known}` : near;
    const message = `"${url}" is no type of resource that helve serves${advice}`;
    return refused('PROTO_TYPE', `${base}/@type`, message);
  }
  const { name, missing, pointer } = namedBy({ value, base, at, envelope }, row.id);
  const problem = name === '' ? missing : nameProblem(row.id, name);
  if (problem !== null) return refused('RESOURCE_NAME', name === '' ? base : pointer, problem);
  const message = Object.fromEntries(Object.entries(value).filter(([key]) => key !== '@type'));
  const originAt = (pointer: string): Origin => at(base + pointer);
  const source = { type: row.id, name, value: message, source: 'raw' } as const;
  return { input: { ...source, origin: at(base), originAt }, found: [] };
}

interface Named {
  readonly name: string;
  /** What is said where there is none. */
  readonly missing: string;
  readonly pointer: string;
}

/** An endpoint has no name but that of its envelope. */
function namedBy({ value, base, envelope }: Item, type: TypeId): Named {
  const noun = nounOf(type);
  if (type === 'LbEndpoint') {
    const name = textOf(fieldOf(envelope?.value, 'name'));
    const missing = `an ${noun} has no name of its own; name the ${ENVELOPE} around it`;
    return { name, missing, pointer: `${envelope?.pointer ?? base}/name` };
  }
  const field = type === 'ClusterLoadAssignment' ? 'cluster_name' : 'name';
  const missing = `a ${noun} has no ${field}; name it`;
  return { name: textOf(fieldOf(value, field)), missing, pointer: base + pointerOf(value, field) };
}

const pointerOf = (value: JsonObject, field: string): string =>
  `/${Object.hasOwn(value, field) ? field : field.replace('_n', 'N')}`;
