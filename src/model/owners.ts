import { z } from 'zod';
import { glob, globMatcher, globProblem } from './fields/glob.ts';
import { hostPattern } from './fields/host.ts';
import { ownIssue } from './fields/issue.ts';
import { object } from './fields/object.ts';

/** `owners` of helve.yaml: what documents below some paths may be called, and serve. */
export interface Ownership {
  /** Globs. */
  readonly paths: readonly string[];
  /** Globs of names; null: any. */
  readonly names: readonly string[] | null;
  /** Hosts; `*.suffix` stands for all below it. Null: any. */
  readonly hosts: readonly string[] | null;
}

const PATTERN_FORM = /^[a-z0-9._/*?-]+$/;

const nameGlob = z
  .string()
  .meta({ description: 'A name with * ? and **; shop is shop and all below shop/.' })
  .superRefine((text, context) => {
    const hint = 'use a-z, 0-9, . _ / and -, with * ? and **';
    const problem =
      globProblem(text) ?? (PATTERN_FORM.test(text) ? null : `no name is like that; ${hint}`);
    if (problem !== null) context.issues.push(ownIssue('NAME_INVALID', problem, text));
  });

const oneOrMore = <T extends z.ZodType<string>>(item: T) =>
  z.union([item.transform((text): readonly string[] => [text]), z.array(item).min(1)]);

/** The field `owners`. */
export const ownersField = z
  .array(
    object({
      paths: oneOrMore(glob).meta({ description: 'Of files below the root.' }),
      names: oneOrMore(nameGlob)
        .optional()
        .meta({ description: 'What is defined there may be called so. Default: anything.' }),
      hosts: z
        .array(hostPattern)
        .min(1)
        .optional()
        .meta({ description: 'Hosts that may be served from there. Default: any.' }),
    })
      .meta({ anyOf: [{ required: ['names'] }, { required: ['hosts'] }] })
      .superRefine((input, context) => {
        if (input.names !== undefined || input.hosts !== undefined) return;
        const message = 'this allows everything; write names, hosts or both';
        context.issues.push(ownIssue('SCHEMA_REQUIRED', message, input));
      }),
  )
  .meta({ description: 'Which names and hosts the documents below some paths may use alone.' });

export const ownersOf = (given: z.output<typeof ownersField>): readonly Ownership[] =>
  given.map(({ paths, names = null, hosts = null }) => ({ paths, names, hosts }));

/** What a file may define and serve: all entries for its path together. */
export interface Allowed {
  /** Globs; null: any. */
  readonly names: readonly string[] | null;
  readonly hosts: readonly string[] | null;
  /** The globs of paths, for messages. */
  readonly paths: readonly string[];
}

/** Null where no entry is for the path: everything is allowed. */
export function allowedAt(owners: readonly Ownership[], path: string): Allowed | null {
  const own = owners.filter(({ paths }) => globMatcher(paths)(path));
  if (own.length === 0) return null;
  const together = (field: 'names' | 'hosts'): readonly string[] | null =>
    own.some((one) => one[field] !== null) ? own.flatMap((one) => one[field] ?? []) : null;
  return {
    names: together('names'),
    hosts: together('hosts'),
    paths: own.flatMap(({ paths }) => paths),
  };
}

/** From the root, so that `shop` is not `other/shop`. */
const anchored = (pattern: string): string => `/${pattern.replace(/^\/+/, '')}`;

export const isNameAllowed = ({ names }: Allowed, name: string): boolean =>
  names === null || globMatcher(names.map(anchored))(name);

export const isHostAllowed = ({ hosts }: Allowed, host: string): boolean =>
  hosts === null ||
  hosts.some(
    (one) => one === '*' || one === host || (one.startsWith('*.') && host.endsWith(one.slice(1))),
  );
