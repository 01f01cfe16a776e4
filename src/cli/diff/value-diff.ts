import {
  hiddenValue,
  isList,
  isMap,
  isSecretAt,
  pointerTo,
  pointerTokens,
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

interface RawChange extends FieldChange {
  readonly isSecret: boolean;
}

/**
 * What tells two values apart, field by field; what may be secret only by a fingerprint. With
 * `isOther`, a change is left out where the value as it was before means the same in its place.
 */
export function diffValues(
  before: Json | undefined,
  after: Json | undefined,
  isOther?: (after: Json) => boolean,
): readonly FieldChange[] {
  const none = { path: '', pointers: { before: '', after: '' }, isSecret: false };
  const changes = changesOf({ ...none, before, after });
  if (isOther === undefined || after === undefined) return changes.map(masked);
  // One after the other, and twice: of a field that has moved, each change alone says little.
  let current = after;
  const isReal = (change: RawChange): boolean => {
    const undone = withUndone(current, change);
    if (undone === null || isOther(undone)) return true;
    current = undone;
    return false;
  };
  const real = changes.filter(isReal).filter(isReal);
  return real.map(masked);
}

/** A value with one change taken back; null for items of lists, of which no number may change. */
function withUndone(value: Json, { before, after, path, pointers }: FieldChange): Json | null {
  if (path.endsWith(']') && (before === undefined || after === undefined)) return null;
  const pointer = after === undefined ? pointers.before : pointers.after;
  return withAt(value, pointerTokens(pointer), before);
}

function withAt(
  value: Json,
  [name, ...below]: readonly string[],
  part: Json | undefined,
): Json | null {
  if (name === undefined) return part ?? null;
  const inner = isMap(value)
    ? (ownOf(value, name) ?? null)
    : isList(value)
      ? value[Number(name)]
      : undefined;
  if (inner === undefined) return null;
  const made = below.length === 0 ? part : withAt(inner, below, part);
  if (made === null && below.length > 0) return null;
  if (isList(value)) return made === undefined ? null : value.with(Number(name), made);
  if (!isMap(value)) return null;
  const others = Object.entries(value).filter(([key]) => key !== name);
  return Object.fromEntries(made === undefined ? others : [...others, [name, made]]);
}

function changesOf(change: RawChange): readonly RawChange[] {
  const { before, after } = change;
  if (before === undefined || after === undefined) return before === after ? [] : [change];
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isMap(before) && isMap(after)) return ofMaps(before, after, change);
  if (isList(before) && isList(after)) return ofLists(before, after, change);
  return [change];
}

type At = Pick<RawChange, 'path' | 'pointers' | 'isSecret'>;

function ofMaps(
  before: JsonObject,
  after: JsonObject,
  { path, pointers }: At,
): readonly RawChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const parent = path.slice(path.lastIndexOf('.') + 1);
  return [...names].flatMap((name) => {
    const isSecret = [before, after].some((map) => isSecretAt(map, name, parent));
    const change = {
      isSecret,
      path: path === '' ? name : `${path}.${name}`,
      before: ownOf(before, name),
      after: ownOf(after, name),
      pointers: {
        before: pointerTo(pointers.before, name),
        after: pointerTo(pointers.after, name),
      },
    };
    // Not looked into: its parts may be told apart by what they are.
    return isSecret && isChanged(change) ? [change] : changesOf(change);
  });
}

const ownOf = (map: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(map, name) ? map[name] : undefined;

/** Items with names by their names, others by what they are; never by their number. */
function ofLists(
  before: readonly Json[],
  after: readonly Json[],
  { path, pointers, isSecret }: At,
): readonly RawChange[] {
  const [old, now] = [keyed(before), keyed(after)];
  if (old === null || now === null) return [{ path, pointers, isSecret, before, after }];
  const found = [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [was, is] = [old.get(key), now.get(key)];
    return changesOf({
      isSecret,
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
  return found.length === 0 ? [{ path, pointers, isSecret, before, after }] : found;
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

const isChanged = ({ before, after }: FieldChange): boolean =>
  JSON.stringify(before) !== JSON.stringify(after);

function masked({ isSecret, ...change }: RawChange): FieldChange {
  const parent = change.path.slice(change.path.lastIndexOf('.') + 1);
  const of = (value: Json | undefined): Json | undefined =>
    value === undefined ? undefined : isSecret ? hiddenValue(value) : withoutSecrets(value, parent);
  return { ...change, before: of(change.before), after: of(change.after) };
}
