import { z } from 'zod';
import { ownIssue, shorten } from './issue.ts';

const FORM = /^[A-Z][A-Z-]{0,30}$/;

/** An HTTP method, as it is on the wire: upper case. */
export const methodField = z
  .string()
  .meta({ description: 'An HTTP method, e.g. GET.', pattern: FORM.source })
  .superRefine((method, context) => {
    if (FORM.test(method)) return;
    const upper = method.toUpperCase();
    const help = FORM.test(upper) ? `write ${upper}` : 'write e.g. GET';
    const message = `"${shorten(method)}" is not a method; ${help}`;
    context.issues.push(ownIssue('SCHEMA_ENUM', message, method));
  });
