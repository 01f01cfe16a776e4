import { z } from 'zod';
import { atMostOne } from '../fields/form.ts';
import { filePath } from '../fields/file-path.ts';
import { formatProblem } from '../fields/format.ts';
import { headerName, headerValue } from '../fields/header.ts';
import { ownIssue } from '../fields/issue.ts';
import { integer } from '../fields/number.ts';
import { object } from '../fields/object.ts';
import { pointerTo } from '../yaml/pointer.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KindContext } from './kind.ts';

/** An answer without an upstream. */
export interface Respond {
  /** 200 to 599. */
  readonly status: number;
  readonly body: RespondBody;
  /** Replace what Envoy would say. Lower-cased; values may hold formatter commands. */
  readonly headers: Readonly<Record<string, string>>;
}

/** At most 64 KiB. */
export type RespondBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'file';
      /** Normalised. */
      readonly path: string;
      readonly pointer: string;
    }
  | {
      readonly kind: 'json';
      /** Texts inside may hold formatter commands. */
      readonly value: JsonObject;
      readonly pointer: string;
    };

/** The compiler raises Envoy's own limit (4096) to it. */
export const RESPOND_BYTES_MAX = 64 * 1024;

const BODIES = ['body', 'file', 'json'] as const;

const bodyField = z
  .string()
  .superRefine((body, context) => {
    const bytes = Buffer.byteLength(body);
    if (bytes <= RESPOND_BYTES_MAX) return;
    const message = `the body has ${bytes} bytes, more than ${RESPOND_BYTES_MAX}; cut it`;
    context.issues.push(ownIssue('SCHEMA_RANGE', message, body));
  })
  .meta({ description: 'At most 64 KiB. Default: none.' });

/** Whatever the reader has read is JSON. */
const jsonValue = z.custom<Json>();

const jsonField = z
  .record(z.string(), jsonValue)
  .superRefine((value, context) => {
    const bytes = Buffer.byteLength(JSON.stringify(value));
    if (bytes > RESPOND_BYTES_MAX) {
      const message = `the body has ${bytes} bytes, more than ${RESPOND_BYTES_MAX}; cut it`;
      context.issues.push(ownIssue('SCHEMA_RANGE', message, value));
    }
    context.issues.push(...formatIssues(value, []));
  })
  .meta({ description: 'A JSON body; its texts may hold commands such as %REQ(x-id)%.' });

/** The field `respond`. */
export const respondField = object({
  status: integer(200, 599).meta({ description: 'The HTTP status, 200 to 599.' }),
  body: bodyField.optional(),
  file: filePath.optional().meta({ description: 'A file with the body, at most 64 KiB.' }),
  json: jsonField.optional(),
  headers: z
    .record(headerName, headerValue)
    .optional()
    .meta({ description: 'Headers of the answer; they replace those of the policy headers.' }),
})
  .superRefine((value, context) => {
    const [first, ...others] = BODIES.filter((name) => value[name] !== undefined);
    for (const name of others) {
      const message = `${String(first)} and ${name} exclude each other; keep one`;
      context.issues.push(ownIssue('SCHEMA_ONE_OF', message, value, { path: [name], isKey: true }));
    }
  })
  .meta({ description: 'Answers at once, without an upstream.', ...atMostOne(BODIES) });

/** The answer, where `pointer` is that of the field. */
export function respondOf(
  { status, body, file, json, headers = {} }: z.output<typeof respondField>,
  pointer: string,
  { nameFile }: Pick<KindContext, 'nameFile'>,
): Respond {
  const of = (given: RespondBody): Respond => ({ status, body: given, headers });
  if (file !== undefined) {
    const at = pointerTo(pointer, 'file');
    return of({ kind: 'file', path: nameFile(file, at), pointer: at });
  }
  if (json !== undefined) {
    return of({ kind: 'json', value: json, pointer: pointerTo(pointer, 'json') });
  }
  return of(body === undefined || body === '' ? { kind: 'none' } : { kind: 'text', text: body });
}

/** Every text with a command that no Envoy has, each at its place. */
function formatIssues(
  value: unknown,
  path: readonly PropertyKey[],
): readonly ReturnType<typeof ownIssue>[] {
  if (typeof value === 'string') {
    const problem = formatProblem(value);
    return problem === null ? [] : [ownIssue('SCHEMA_FORMAT', problem, value, { path })];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => formatIssues(inner, [...path, key]));
}
