import { z } from 'zod';
import { headerFormatProblem } from './format.ts';
import { ownIssue, shorten } from './issue.ts';

const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,200}$/;
const VALUE_CHARS_MAX = 4096;

/** No control characters but tabs. */
const TEXT = '^[^\\u0000-\\u0008\\u000a-\\u001f\\u007f]*$';

/** Envoy refuses these in changes of headers: they are parts of the request line. */
const RESERVED: ReadonlySet<string> = new Set([
  'host',
  ':path',
  ':method',
  ':scheme',
  ':authority',
]);

/** What is wrong with the name of a header that is matched, or null. */
export function headerNameProblem(name: string): string | null {
  if (NAME.test(name.toLowerCase())) return null;
  if (name.startsWith(':')) {
    return `"${shorten(name)}" is a part of the request line; use methods, hosts or the path`;
  }
  return `"${shorten(name)}" is not a header name; use letters, digits and -`;
}

/** The name of a header that requests are matched by. Lower-cased. */
export const matchedHeaderName = nameField('The name of a header.', headerNameProblem);

/** The name of a header that is written or removed. Lower-cased. */
export const headerName = nameField(
  'The name of a header; not host and none with a colon.',
  (name) =>
    RESERVED.has(name.toLowerCase())
      ? `the header "${name}" cannot be changed so; use rewrite`
      : headerNameProblem(name),
);

function nameField(description: string, problemOf: (name: string) => string | null) {
  return z
    .string()
    .meta({ description, examples: ['x-tenant'], pattern: '^[^:\\s]{1,200}$' })
    .transform((name, context) => {
      const problem = problemOf(name);
      if (problem === null) return name.toLowerCase();
      context.issues.push(ownIssue('SCHEMA_HEADER_NAME', problem, name, { isKey: true }));
      return z.NEVER;
    });
}

/** A header value that may hold Envoy's formatter commands; `%%` is the literal. */
export const headerValue = z
  .string()
  .meta({
    description: 'A value; may hold commands such as %REQ(x-id)%, and %% is a percent.',
    pattern: TEXT,
    maxLength: VALUE_CHARS_MAX,
  })
  .superRefine((text, context) => {
    const problem = valueProblem(text) ?? headerFormatProblem(text);
    if (problem !== null) context.issues.push(ownIssue('SCHEMA_HEADER_VALUE', problem, text));
  });

/** A header value as it is, without commands. */
export function valueProblem(text: string): string | null {
  if (text.length > VALUE_CHARS_MAX) {
    return `the value has ${text.length} characters, more than ${VALUE_CHARS_MAX}; cut it`;
  }
  const found = /[\u0000-\u0008\u000a-\u001f\u007f]/.exec(text);
  if (found === null) return null;
  return `the value holds the control character ${JSON.stringify(found[0])}; remove it`;
}
