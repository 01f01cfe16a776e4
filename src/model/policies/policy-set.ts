import { z } from 'zod';
import { reportDuplicates } from '../fields/duplicates.ts';
import { ownIssue } from '../fields/issue.ts';
import { documentName } from '../fields/name.ts';
import { pointerTo } from '../yaml/pointer.ts';
import type { Policy, PolicyContext, PolicyPlace, WrittenPolicy } from './policy.ts';
import { POLICIES, POLICY_NAMES, type PolicyName, type PolicyValues } from './table.ts';

/** One key with its value, as one place sets it. */
export type PolicyUse<K extends PolicyName = PolicyName> = {
  readonly [P in K]: {
    readonly key: P;
    /** Null: `none`, switched off. */
    readonly value: PolicyValues[P] | null;
    readonly pointer: string;
  };
}[K];

/** What one place says of policies. */
export interface PolicySet {
  /** Policy documents, in any order: two that set one key are a conflict. */
  readonly named: readonly { readonly name: string; readonly pointer: string }[];
  /** Keys written here: they beat named ones. Sorted by key. */
  readonly own: readonly PolicyUse[];
}

export const NO_POLICIES: PolicySet = Object.freeze({ named: [], own: [] });

type Fields = Readonly<Record<PolicyName, z.ZodOptional<z.ZodType>>>;

const PLACE_WORDS: Readonly<Record<PolicyPlace, string>> = {
  listener: 'a Listener',
  route: 'a Route or a rule',
  target: 'a weighted target',
};

/** The fields of the keys themselves. A key that this place cannot carry is refused with words. */
export function policyKeyFields(place: PolicyPlace | 'document'): Fields {
  const fields = POLICY_NAMES.map((name) => {
    const { field, places }: Policy<unknown> = POLICIES[name];
    const isAllowed = place === 'document' || places.includes(place);
    return [name, (isAllowed ? field : misplaced(name, place, places)).optional()] as const;
  });
  return byName(fields);
}

/** The fields of a place: its keys, and `policies`. */
export const policyFields = (
  place: PolicyPlace,
): Fields & { readonly policies: z.ZodOptional<typeof policyNames> } => ({
  ...policyKeyFields(place),
  policies: policyNames.optional(),
});

const policyNames = z
  .array(documentName)
  .min(1)
  .meta({ description: 'Policy documents that apply here.' });

function byName(fields: readonly (readonly [PolicyName, z.ZodOptional<z.ZodType>])[]): Fields {
  const found: Partial<Record<PolicyName, z.ZodOptional<z.ZodType>>> = {};
  for (const [name, field] of fields) found[name] = field;
  return fieldsOf(found);
}

function fieldsOf(found: Partial<Record<PolicyName, z.ZodOptional<z.ZodType>>>): Fields {
  const isWhole = (fields: typeof found): fields is Record<PolicyName, z.ZodOptional<z.ZodType>> =>
    POLICY_NAMES.every((name) => fields[name] !== undefined);
  if (!isWhole(found)) throw new Error('a policy has no field');
  return found;
}

function misplaced(
  name: PolicyName,
  place: PolicyPlace,
  places: readonly PolicyPlace[],
): z.ZodType {
  const elsewhere = places.map((one) => PLACE_WORDS[one]).join(' or ');
  const message = `${name} cannot stand at ${PLACE_WORDS[place]}; write it at ${elsewhere}`;
  return z
    .unknown()
    .meta({ description: `Not here: write it at ${elsewhere}.`, not: {} })
    .superRefine((input, context) => {
      context.issues.push(ownIssue('POLICY_PLACE', message, input, { isKey: true }));
    });
}

/** A parsed document, rule or target, of which only the fields of policies are looked at. */
export type PolicyInput = Readonly<Record<string, unknown>>;

/** What a place says, from its parsed fields. */
export function policySetOf(
  input: PolicyInput & { readonly policies?: readonly string[] | undefined },
  pointer: string,
  context: Pick<PolicyContext, 'report' | 'nameFile'>,
): PolicySet {
  const names = input.policies ?? [];
  const own = policyUsesOf(input, pointer, context);
  if (names.length === 0 && own.length === 0) return NO_POLICIES;
  const at = (index: number): string => pointerTo(pointer, 'policies', index);
  const listed = names.map((text, index) => ({ text, at: { pointer: at(index) } }));
  const words = { code: 'SCHEMA_DUPLICATE', what: 'the policy', help: 'remove one' } as const;
  reportDuplicates(context.report, listed, words);
  return { named: names.map((name, index) => ({ name, pointer: at(index) })), own };
}

/** The keys that are written at a place, each with its meaning. */
export function policyUsesOf(
  input: PolicyInput,
  pointer: string,
  context: Pick<PolicyContext, 'report' | 'nameFile'>,
): readonly PolicyUse[] {
  return POLICY_NAMES.flatMap((key) => {
    const written = input[key];
    if (!isWritten(written)) return [];
    return [useOf(key, written, { ...context, pointer: pointerTo(pointer, key) })];
  });
}

function isWritten(value: unknown): value is WrittenPolicy<PolicyValues[PolicyName]> {
  return typeof value === 'object' && value !== null && 'meaning' in value;
}

function useOf<K extends PolicyName>(
  key: K,
  { meaning }: WrittenPolicy<PolicyValues[K]>,
  context: PolicyContext,
): PolicyUse<K> {
  const value = meaning === null ? null : meaning(context);
  return { key, value, pointer: context.pointer };
}
