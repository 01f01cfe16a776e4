import { Writer } from 'protobufjs/minimal.js';
import { compareText, hashBytes, version } from '../base/index.ts';
import type { Composite, Ref, Resource } from './resource.ts';

/**
 * A TypedExtensionConfig out of its parts. Messages are concatenated by concatenating their bytes:
 * maps and lists of the entries add up.
 */
export function compositeBytes(name: string, { typeUrl, shell, entries }: Composite): Uint8Array {
  const config = Buffer.concat([shell, ...entries.map(({ bytes }) => bytes)]);
  const writer = Writer.create().uint32(10).string(name).uint32(18).fork();
  writer.uint32(10).string(typeUrl).uint32(18).bytes(config);
  return writer.ldelim().finish();
}

/** Whether `next` lacks entries of `before`, which routes of before still name. */
export function losesEntries(before: Resource, next: Resource): boolean {
  if (before.composite === undefined || next.composite === undefined) return false;
  const kept = new Set(next.composite.entries.map(({ key }) => key));
  return before.composite.entries.some(({ key }) => !kept.has(key));
}

/**
 * `next` with the entries of `before` beside its own, so that the routes of both revisions find
 * theirs while a switch is under way (D5 v). The same pair gives the same object.
 */
export function bridge(before: Resource, next: Resource): Resource {
  if (!losesEntries(before, next)) return next;
  const ofNext = BRIDGES.get(next) ?? new WeakMap<Resource, Resource>();
  BRIDGES.set(next, ofNext);
  const known = ofNext.get(before);
  if (known !== undefined) return known;
  const bridged = union(before, next);
  ofNext.set(before, bridged);
  return bridged;
}

const BRIDGES = new WeakMap<Resource, WeakMap<Resource, Resource>>();

function union(before: Resource, next: Resource): Resource {
  const { composite } = next;
  if (composite === undefined || before.composite === undefined) return next;
  const byKey = new Map(
    [...before.composite.entries, ...composite.entries].map((entry) => [entry.key, entry]),
  );
  const entries = [...byKey.values()].sort((a, b) => compareText(a.key, b.key));
  const all = { ...composite, entries };
  const bytes = compositeBytes(next.name, all);
  const refs = new Map(
    [...before.refs, ...next.refs].map((ref): [string, Ref] => [`${ref.type}/${ref.name}`, ref]),
  );
  return {
    ...next,
    bytes,
    version: version(hashBytes(bytes)),
    refs: [...refs.values()],
    composite: all,
  };
}
