import { compareText } from '../base/index.ts';
import {
  boolOption,
  bytesOption,
  type EnumDescriptor,
  type EnumValueDescriptor,
  type FieldDescriptor,
  type MessageDescriptor,
} from './descriptor.ts';
import { type DescriptorSet, openDescriptorSet } from './descriptor-set.ts';
import type { Changes, Facts, Names, NamesBy } from './facts.ts';
import { FIELD_DEPRECATED_OPTION, RULES_OPTION, VALUE_DEPRECATED_OPTION } from './options.ts';
import { compareReleases, releaseOf } from './release.ts';

export interface VersionedSet {
  /** `1.40.0`. */
  readonly version: string;
  /** A serialized FileDescriptorSet. */
  readonly set: Uint8Array;
}

/** How the APIs of Envoys differ, each from the one before it. */
export function deriveFacts(sets: readonly VersionedSet[]): Facts {
  const sorted = [...sets].sort((a, b) => compareReleases(a.version, b.version));
  const apis = sorted.map(({ version, set }) => ({ version, api: apiOf(openDescriptorSet(set)) }));
  const pairs = apis.slice(1).map(({ version, api }, index): [string, Changes] => {
    return [releaseOf(version), changesOf(apis[index]?.api ?? api, api)];
  });
  return { versions: sorted.map(({ version }) => version), changes: Object.fromEntries(pairs) };
}

/** The versioned packages of Envoy's API: what resources are made of. */
const PACKAGE = /^(?:envoy|xds|udpa)\..*\.v\d/;

interface Api {
  readonly messages: ReadonlyMap<string, MessageDescriptor>;
  readonly enums: ReadonlyMap<string, EnumDescriptor>;
}

function apiOf(set: DescriptorSet): Api {
  const messages = new Map<string, MessageDescriptor>();
  const enums = new Map<string, EnumDescriptor>();
  for (const name of [...set.messageNames()].sort(compareText)) {
    const message = set.message(name);
    if (message === null || message.isMapEntry || !PACKAGE.test(name)) continue;
    messages.set(name, message);
    for (const { kind, typeName } of message.fields) {
      const found = kind === 'enum' ? set.enumeration(typeName) : null;
      if (found !== null && PACKAGE.test(typeName)) enums.set(typeName, found);
    }
  }
  return { messages, enums: new Map([...enums].sort(([a], [b]) => compareText(a, b))) };
}

function changesOf(before: Api, now: Api): Changes {
  return {
    added: namesOnlyIn(now, before),
    removed: namesOnlyIn(before, now),
    deprecated: {
      fields: members(fieldsOf(now), fieldsOf(before), (field, old) =>
        isNewlyMarked(field, old, FIELD_DEPRECATED_OPTION),
      ),
      values: members(valuesOf(now), valuesOf(before), (value, old) =>
        isNewlyMarked(value, old, VALUE_DEPRECATED_OPTION),
      ),
    },
    rules: rulesBefore(before, now),
  };
}

function namesOnlyIn(one: Api, other: Api): Names {
  return {
    messages: [...one.messages.keys()].filter((name) => !other.messages.has(name)),
    fields: members(
      fieldsOf(one),
      fieldsOf(other),
      (field, old) => old === null || !isSameOnTheWire(field, old),
    ),
    values: members(valuesOf(one), valuesOf(other), (_, old) => old === null),
  };
}

type Numbered = FieldDescriptor | EnumValueDescriptor;
type Owners<T extends Numbered> = ReadonlyMap<string, readonly T[]>;

const fieldsOf = ({ messages }: Api): Owners<FieldDescriptor> =>
  new Map([...messages].map(([name, { fields }]) => [name, fields]));

const valuesOf = ({ enums }: Api): Owners<EnumValueDescriptor> =>
  new Map([...enums].map(([name, { values }]) => [name, values]));

/**
 * Members of owners that both have, for which `isMeant` holds; numbers tell them apart, since names
 * are not sent.
 */
function members<T extends Numbered>(
  owners: Owners<T>,
  others: Owners<T>,
  isMeant: (member: T, other: T | null) => boolean,
): NamesBy {
  const found: Record<string, readonly string[]> = {};
  for (const [name, own] of owners) {
    const other = others.get(name);
    if (other === undefined) continue;
    const byNumber = new Map(other.map((member) => [member.number, member]));
    const meant = own.filter((member) => isMeant(member, byNumber.get(member.number) ?? null));
    if (meant.length > 0) found[name] = meant.map((member) => member.name).sort(compareText);
  }
  return found;
}

const isSameOnTheWire = (a: FieldDescriptor, b: FieldDescriptor): boolean =>
  a.kind === b.kind && a.typeName === b.typeName;

const isNewlyMarked = (now: Numbered, before: Numbered | null, option: number): boolean =>
  before !== null &&
  boolOption(now.options, option) === true &&
  boolOption(before.options, option) !== true;

function rulesBefore(before: Api, now: Api): Changes['rules'] {
  const rules: Record<string, Record<string, string>> = {};
  for (const [name, { fields }] of now.messages) {
    const old = before.messages.get(name)?.fields ?? [];
    for (const field of fields) {
      const was = old.find(({ number }) => number === field.number);
      if (was === undefined || !isSameOnTheWire(field, was)) continue;
      const rule = ruleText(was);
      if (rule !== ruleText(field)) (rules[name] ??= {})[field.name] = rule;
    }
  }
  return rules;
}

const ruleText = ({ options }: FieldDescriptor): string =>
  Buffer.from(bytesOption(options, RULES_OPTION) ?? []).toString('base64');
