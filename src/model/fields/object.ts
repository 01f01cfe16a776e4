import { z } from 'zod';
import { didYouMean, hasToken, shownName } from '../../base/index.ts';
import { fieldAround, foreignField } from './foreign-field.ts';
import { describe } from './issue.ts';

/**
 * A map with exactly these fields. `later` names fields of the language that this version does
 * not have yet: still errors, but the message says so instead of guessing a name.
 */
export function object<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  later: readonly string[] = [],
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    // One line for each key, in zod's order; `reportIssues` takes them apart again.
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownField(key, shape, later)).join('\n')
        : undefined,
  });
}

/** One of a few words. `later` names words of the language that this version does not have yet. */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
  later: readonly string[] = [],
): z.ZodEnum<z.core.util.ToEnum<Words[number]>> {
  return z.enum(words, { error: (issue) => unknownWord(issue.input, words, later) });
}

const WORD = /^[\w$/.-]{0,64}$/;

function unknownField(
  key: string,
  shape: Readonly<Record<string, unknown>>,
  later: readonly string[],
): string {
  const known = Object.keys(shape);
  const near =
    foreignField(key, known) || didYouMean(key, [...known, ...later]) || fieldAround(key, shape);
  // What is no word at all was pasted: it may be a key.
  const name = WORD.test(key) && !hasToken(key) ? JSON.stringify(key) : shownName(key, near !== '');
  if (later.includes(key)) return `this version of helve does not have the field ${name} yet`;
  const hint = near === '' ? `; known are ${known.join(', ')}` : near;
  return `the field ${name} does not exist here${hint}`;
}

function unknownWord(input: unknown, words: readonly string[], later: readonly string[]): string {
  if (typeof input === 'string' && later.includes(input)) {
    return `this version of helve does not have "${input}" yet; it has ${words.join(', ')}`;
  }
  const isUnquoted = typeof input === 'number' && words.includes(String(input));
  if (isUnquoted) return `expected a string, got the number ${input}; quote it: "${input}"`;
  const near = typeof input === 'string' ? didYouMean(input, words) : '';
  return `expected one of ${words.join(', ')}, got ${describe(input)}${near}`;
}
