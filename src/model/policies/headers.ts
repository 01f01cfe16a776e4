import { z } from 'zod';
import { headerName, headerValue } from '../fields/header.ts';
import { ownIssue } from '../fields/issue.ts';
import { object } from '../fields/object.ts';
import { pointerTo } from '../yaml/pointer.ts';
import { headerCredentials } from './header-credentials.ts';
import { newPolicy } from './policy.ts';

/** `headers`: what is changed in requests and responses. Names are lower-cased. */
export interface HeadersPolicy {
  readonly request: HeaderChanges;
  readonly response: HeaderChanges;
}

export interface HeaderChanges {
  /** Replaces what is there. Values may hold formatter commands. */
  readonly set: Readonly<Record<string, string>>;
  /** Stands beside what is there. */
  readonly add: Readonly<Record<string, string>>;
  /** Sorted. */
  readonly remove: readonly string[];
}

const values = z.record(headerName, headerValue);

/** The changes of one direction, as they are written. */
export const headerChangesField = object({
  set: values.optional().meta({ description: 'Replaces a header, or adds it.' }),
  add: values.optional().meta({ description: 'Adds a header beside those of the same name.' }),
  remove: z.array(headerName).min(1).optional().meta({ description: 'Removes headers.' }),
}).superRefine((input, context) => {
  const { set = {}, add = {}, remove = [] } = input;
  const names = new Set([...Object.keys(set), ...Object.keys(add)]);
  remove.forEach((name, index) => {
    if (!names.has(name)) return;
    const message = `the header "${name}" is both written and removed; keep one`;
    context.issues.push(ownIssue('SCHEMA_ONE_OF', message, input, { path: ['remove', index] }));
  });
});

const schema = object({
  request: headerChangesField
    .optional()
    .meta({ description: 'Of requests, on the way to the upstream.' }),
  response: headerChangesField.optional().meta({ description: 'Of responses, on the way back.' }),
}).meta({
  description: 'Changes headers; a narrower place wins for each name. none: as they are.',
});

export const headers = newPolicy(schema, {
  places: ['listener', 'route', 'target'],
  meaning: ({ request, response }, { report, pointer }): HeadersPolicy => {
    const changes = headerChangesOf(request);
    for (const one of headerCredentials(changes, pointerTo(pointer, 'request'))) {
      report.warn('SECRET_IN_HEADER', one, one.message);
    }
    return { request: changes, response: headerChangesOf(response) };
  },
  merge: (wide, narrow) => ({
    request: mergeChanges(wide.request, narrow.request),
    response: mergeChanges(wide.response, narrow.response),
  }),
});

export const headerChangesOf = (
  input: z.output<typeof headerChangesField> | undefined,
): HeaderChanges => ({
  set: input?.set ?? {},
  add: input?.add ?? {},
  remove: [...(input?.remove ?? [])].sort(),
});

/** By header name: the narrower place decides what happens to it. */
function mergeChanges(wide: HeaderChanges, narrow: HeaderChanges): HeaderChanges {
  const decided = new Set([
    ...Object.keys(narrow.set),
    ...Object.keys(narrow.add),
    ...narrow.remove,
  ]);
  const rest = (all: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !decided.has(name)));
  return {
    set: { ...rest(wide.set), ...narrow.set },
    add: { ...rest(wide.add), ...narrow.add },
    remove: [...wide.remove.filter((name) => !decided.has(name)), ...narrow.remove].sort(),
  };
}
