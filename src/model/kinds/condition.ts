import { z } from 'zod';
import { compareText, fingerprint, isCredentialName } from '../../base/index.ts';
import { valueProblem } from '../fields/header.ts';
import { ONE_FIELD } from '../fields/form.ts';
import { ownIssue } from '../fields/issue.ts';
import { object } from '../fields/object.ts';
import { pointerTo } from '../yaml/pointer.ts';

/** What the value of a header, a query parameter or a cookie must be. */
export interface ValueCondition {
  /** Lower-cased for headers. */
  readonly name: string;
  readonly test: ValueTest;
  /** Holds where the test does not, and so also where there is no value at all. */
  readonly isNegated: boolean;
  readonly pointer: string;
}

export type ValueTest =
  | { readonly kind: 'present' }
  | {
      readonly kind: 'exact' | 'prefix' | 'suffix' | 'contains' | 'regex';
      /** Not empty. */
      readonly text: string;
    };

const text = z
  .string()
  .min(1)
  .superRefine((value, context) => {
    const problem = valueProblem(value);
    if (problem !== null) context.issues.push(ownIssue('SCHEMA_HEADER_VALUE', problem, value));
  });

const TEXTS = {
  prefix: text.optional().meta({ description: 'What the value begins with.' }),
  suffix: text.optional().meta({ description: 'What the value ends with.' }),
  contains: text.optional().meta({ description: 'What the value holds.' }),
  regex: text.optional().meta({ description: 'An RE2 expression for the whole value.' }),
};

const negated = z.union([text, one(TEXTS)]);

/** `"v"`, or one of `{prefix, suffix, contains, regex, present, not}`. */
export const conditionField = z.union([
  text,
  one({
    ...TEXTS,
    present: z.boolean().optional().meta({ description: 'Whether there is a value at all.' }),
    not: negated.optional().meta({ description: 'Any other value, or none.' }),
  }),
]);

/** The same where Envoy cannot negate. */
export const queryConditionField = z.union([
  text,
  one({
    ...TEXTS,
    present: z
      .literal(true, 'a query cannot be negated; put a rule with {present: true} beside this one')
      .optional()
      .meta({ description: 'That there is a value at all.' }),
  }),
]);

type Input = z.output<typeof conditionField> | z.output<typeof queryConditionField>;

/** Sorted by name. */
export function conditionsOf(
  map: Readonly<Record<string, Input>> | undefined,
  pointer: string,
): readonly ValueCondition[] {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, input]) => ({ name, ...meaningOf(input), pointer: pointerTo(pointer, name) }));
}

const SIGNS = { exact: '=', prefix: '^=', suffix: '$=', contains: '*=', regex: '~=' } as const;

/** One text for all conditions that are equal: `x-beta="1"`, `!x-beta`; of credentials a hash. */
export function conditionText({ name, test, isNegated }: ValueCondition): string {
  const not = isNegated ? '!' : '';
  if (test.kind === 'present') return `${not}${name}`;
  const text = isCredentialName(name) ? fingerprint(test.text) : JSON.stringify(test.text);
  return `${not}${name}${SIGNS[test.kind]}${text}`;
}

type Meaning = Pick<ValueCondition, 'test' | 'isNegated'>;

function meaningOf(input: Input): Meaning {
  if (typeof input === 'string') return { test: { kind: 'exact', text: input }, isNegated: false };
  if ('not' in input && input.not !== undefined)
    return { ...meaningOf(input.not), isNegated: true };
  for (const kind of ['prefix', 'suffix', 'contains', 'regex'] as const) {
    const value = input[kind];
    if (value !== undefined) return { test: { kind, text: value }, isNegated: false };
  }
  return { test: { kind: 'present' }, isNegated: 'present' in input && input.present === false };
}

/** A map with exactly one of its fields. */
function one<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const names = Object.keys(shape);
  return object(shape)
    .superRefine((value, context) => {
      const [first, ...others] = names.filter((name) => Reflect.get(value, name) !== undefined);
      if (first === undefined) {
        const message = `a condition is a value or one of ${names.join(', ')}; write one`;
        context.issues.push(ownIssue('SCHEMA_ONE_OF', message, value));
      }
      for (const name of others) {
        const message = `${String(first)} and ${name} exclude each other; keep one`;
        context.issues.push(
          ownIssue('SCHEMA_ONE_OF', message, value, { path: [name], isKey: true }),
        );
      }
    })
    .meta(ONE_FIELD);
}
