import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';
import { ownIssue, shorten } from './issue.ts';

const NAME = /^[a-z0-9](?:[a-z0-9._/-]*[a-z0-9])?$/;

/** What is wrong with the name of a document, or null. */
export function nameProblem(name: string): string | null {
  if (name === '') return 'the name is empty; write one of a-z, 0-9, . _ / and -';
  if (name.length > LIMITS.nameCharsMax) {
    return `the name is longer than ${LIMITS.nameCharsMax} characters; shorten it`;
  }
  if (!NAME.test(name)) {
    const rule = 'use a-z, 0-9, . _ / and -, first and last a letter or digit';
    return `the name "${shorten(name)}" is not allowed; ${rule}`;
  }
  const isPath = name.split('/').some((part) => part === '' || part === '.' || part === '..');
  if (isPath) return `the name "${shorten(name)}" is not allowed; no empty, . or .. between /`;
  return null;
}

/** The name of a document, or a reference to one. */
export const documentName = z
  .string()
  .meta({
    description: 'A name: a-z, 0-9, . _ / and -, at most 200 characters.',
    pattern: NAME.source,
    examples: ['shop'],
    maxLength: LIMITS.nameCharsMax,
  })
  .superRefine((name, context) => {
    const problem = nameProblem(name);
    if (problem !== null) context.issues.push(ownIssue('NAME_INVALID', problem, name));
  });

/** The name of a part of a document, such as a rule: no `/`. */
export const partName = documentName
  .superRefine((name, context) => {
    if (!name.includes('/')) return;
    const message = `the name "${shorten(name)}" is not allowed; it cannot hold /`;
    context.issues.push(ownIssue('NAME_INVALID', message, name));
  })
  .meta({
    description: 'A name: a-z, 0-9, . _ and -, at most 200 characters.',
    pattern: NAME.source.replace('/', ''),
  });
