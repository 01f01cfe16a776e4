import { z } from 'zod';
import { compareText } from '../../base/index.ts';
import { anyOf, listOf } from '../fields/any-of.ts';
import { ownIssue, shorten } from '../fields/issue.ts';
import { pointerTo } from '../yaml/pointer.ts';

/** What a verified token must say. */
export interface ClaimCondition {
  /** Parts of nested claims are joined by dots. */
  readonly name: string;
  /** Any of these, or a list that holds one. Sorted, each once. */
  readonly values: readonly ClaimValue[];
  readonly pointer: string;
}

export type ClaimValue = string | number | boolean;

const CLAIM = /^[^.\s]{1,200}(?:\.[^.\s]{1,200}){0,7}$/;

/** The name of a claim; parts of nested ones are joined by dots. */
export const claimName = z
  .string()
  .meta({ description: 'The name of a claim; a.b is b inside of a.' })
  .superRefine((name, context) => {
    if (CLAIM.test(name)) return;
    const message = `"${shorten(name)}" is not the name of a claim; write e.g. sub or realm.role`;
    context.issues.push(ownIssue('SCHEMA_TYPE', message, name, { isKey: true }));
  });

const claimValue = z.union([z.string().max(2048), z.number(), z.boolean()]);

/** Claims and their values, by name. */
export const claimsField = z
  .record(claimName, anyOf(claimValue))
  .meta({ description: 'Claims and their values, or lists; jwt must verify the token.' });

/** Sorted by name. */
export const claimConditions = (
  input: z.output<typeof claimsField> | undefined,
  pointer: string,
): readonly ClaimCondition[] =>
  Object.entries(input ?? {})
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, values]) => ({
      name,
      values: eachOnce(listOf(values)),
      pointer: pointerTo(pointer, name),
    }));

const eachOnce = (values: readonly ClaimValue[]): readonly ClaimValue[] =>
  [...new Map(values.map((value) => [JSON.stringify(value), value]))]
    .sort(([a], [b]) => compareText(a, b))
    .map(([, value]) => value);

/** One text for all conditions that are equal: `tier="gold"|"silver"`. */
export const claimText = ({ name, values }: ClaimCondition): string =>
  `${name}=${values.map((value) => JSON.stringify(value)).join('|')}`;
