import { z } from 'zod';
import { ownIssue, shorten } from './issue.ts';

const OLDEST_MINOR = 36;
/** From 1.36 on, for editors. */
const NEW_ENOUGH = String.raw`^1\.(?:3[6-9]|[4-9][0-9]|[1-9][0-9]{2})$`;
const FORM = /^1\.([1-9][0-9]{0,2})$/;

/** An Envoy release, `major.minor`: a string, since 1.40 as a number is 1.4. */
export const envoyVersion = z
  .string()
  .meta({ pattern: NEW_ENOUGH })
  .superRefine((text, context) => {
    const minor = FORM.exec(text)?.[1];
    if (minor === undefined) {
      const message = `"${shorten(text)}" is not an Envoy release; write major.minor, e.g. "1.40"`;
      context.issues.push(ownIssue('SCHEMA_TYPE', message, text));
    } else if (Number(minor) < OLDEST_MINOR) {
      const message = `Envoy ${text} is too old; helve serves 1.${OLDEST_MINOR} and newer`;
      context.issues.push(ownIssue('SCHEMA_RANGE', message, text));
    }
  });
