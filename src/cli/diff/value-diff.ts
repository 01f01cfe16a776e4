import {
  hiddenValue,
  isList,
  isMap,
  isSecretAt,
  pointerTo,
  withoutSecrets,
  type Json,
  type JsonObject,
} from '../../model/index.ts';

/** One field that differs. Undefined: it is not there. */
export interface FieldChange {
  /** `rules[cart].timeout`. */
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  /** JSON pointers in the old and in the new value. */
  readonly pointers: { readonly before: string; readonly after: string };
}

/** What tells two values apart, field by field; what may be secret only by a fingerprint. */
export const diffValues = (
  before: Json | undefined,
  after: Json | undefined,
): readonly FieldChange[] =>
  changesOf({ before, after, path: '', pointers: { before: '', after: '' } }).map(masked);

function changesOf(change: FieldChange): readonly FieldChange[] {
  const { before, after } = change;
  if (before === undefined || after === undefined) return before === after ? [] : [change];
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isMap(before) && isMap(after)) return ofMaps(before, after, change);
  if (isList(before) && isList(after)) return ofLists(before, after, change);
  return [change];
}

type At = Pick<FieldChange, 'path' | 'pointers'>;

function ofMaps(
  before: JsonObject,
  after: JsonObject,
  { path, pointers }: At,
): readonly FieldChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const parent = path.slice(path.lastIndexOf('.') + 1);
  return [...names].flatMap((name) => {
    const change = {
      path: path === '' ? name : `${path}.${name}`,
      before: ownOf(before, name),
      after: ownOf(after, name),
      pointers: {
        before: pointerTo(pointers.before, name),
        after: pointerTo(pointers.after, name),
      },
    };
    const isSecret = [before, after].some((map) => isSecretAt(map, name, parent));
    // Not looked into: its parts may be told apart by what they are.
    return isSecret ? hidden(change) : changesOf(change);
  });
}

const ownOf = (map: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(map, name) ? map[name] : undefined;

/** Items with names by their names, others by what they are; never by their number. */
function ofLists(
  before: readonly Json[],
  after: readonly Json[],
  { path, pointers }: At,
): readonly FieldChange[] {
  const [old, now] = [keyed(before), keyed(after)];
  if (old === null || now === null) return [{ path, pointers, before, after }];
  const found = [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [was, is] = [old.get(key), now.get(key)];
    return changesOf({
      path: `${path}[${key}]`,
      before: was === undefined ? undefined : before[was],
      after: is === undefined ? undefined : after[is],
      pointers: {
        before: was === undefined ? pointers.before : pointerTo(pointers.before, was),
        after: is === undefined ? pointers.after : pointerTo(pointers.after, is),
      },
    });
  });
  // Only the order is another.
  return found.length === 0 ? [{ path, pointers, before, after }] : found;
}

const NAMES = ['name', 'cluster', 'address'] as const;

/** The number of each item by its key; null where two have one. */
function keyed(items: readonly Json[]): ReadonlyMap<string, number> | null {
  const keys = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const name = isMap(item) ? NAMES.map((field) => ownOf(item, field)).find(isText) : undefined;
    const key = name ?? (isMap(item) || isList(item) ? null : String(item));
    if (key === null || keys.has(key)) return null;
    keys.set(key, index);
  }
  return keys;
}

const isText = (value: Json | undefined): value is string => typeof value === 'string';

function hidden(change: FieldChange): readonly FieldChange[] {
  const of = (value: Json | undefined): Json | undefined =>
    value === undefined ? undefined : hiddenValue(value);
  const { before, after } = change;
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ ...change, before: of(before), after: of(after) }];
}

function masked(change: FieldChange): FieldChange {
  const parent = change.path.slice(change.path.lastIndexOf('.') + 1);
  const of = (value: Json | undefined): Json | undefined =>
    value === undefined ? undefined : withoutSecrets(value, parent);
  return { ...change, before: of(change.before), after: of(change.after) };
}
