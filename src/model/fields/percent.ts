import { z } from 'zod';
import { describe, ownIssue, shorten, typeMessage } from './issue.ts';

const FORM = /^([0-9]{1,3}(?:\.[0-9]{1,4})?)%$/;

/** `50%`, as a share from 0 to 1. */
export const percentShare = z
  .string({
    error: ({ input }) =>
      typeMessage('SCHEMA_PERCENT', `${describe(input)} is not a percentage; write e.g. 5%`),
  })
  .meta({ description: 'A percentage, e.g. 50%.', pattern: FORM.source })
  .transform((text, context) => {
    const number = FORM.exec(text)?.[1];
    if (number === undefined) {
      const message = `"${shorten(text)}" is not a percentage; write e.g. 5%`;
      context.issues.push(ownIssue('SCHEMA_PERCENT', message, text));
      return z.NEVER;
    }
    if (Number(number) <= 100) return Number(number) / 100;
    const message = `${text} is more than 100%; write a smaller one`;
    context.issues.push(ownIssue('SCHEMA_RANGE', message, text));
    return z.NEVER;
  });
