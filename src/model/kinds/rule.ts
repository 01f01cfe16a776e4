import { z } from 'zod';
import { durationMsOrNone } from '../fields/duration.ts';
import { atMostOne, exactlyOne } from '../fields/form.ts';
import { hostName } from '../fields/host.ts';
import { ownIssue } from '../fields/issue.ts';
import { partName } from '../fields/name.ts';
import { integer, portField } from '../fields/number.ts';
import { object, oneOf } from '../fields/object.ts';
import { pathField, prefixField, redirectPathField } from '../fields/path.ts';
import { policyFields } from '../policies/policy-set.ts';
import { LATER_POLICY_KEYS } from './later.ts';
import { FORWARDING_FIELDS, FORWARDING_NAMES, forwardingIssues, NO_TWO_TRIES } from './forward.ts';
import { matchField } from './match.ts';
import { respondField } from './respond.ts';
import { targetField } from './target.ts';

const PRIORITY_MAX = 1_000_000;

export const LATER_RULE_FIELDS: readonly string[] = [...LATER_POLICY_KEYS, 'enforce'];

const REGEX_CHARS_MAX = 2000;
const REWRITES = ['path', 'prefix', 'regex'] as const;

const rewriteRegex = object({
  pattern: z
    .string()
    .min(1)
    .max(REGEX_CHARS_MAX)
    .meta({ description: 'An RE2 expression for a part of the path.' }),
  with: z
    .string()
    .superRefine((text, context) => {
      const group = /\$\{?([0-9])\}?/.exec(text);
      const bad = /\\(?![0-9\\])/.exec(text.replaceAll('\\\\', ''));
      if (bad === null && group === null) return;
      const message =
        group === null
          ? 'behind \\ stands the number of a group, or another \\; write that'
          : `"${group[0]}" is no group here; write \\${group[1] ?? ''}, or %24 for a dollar sign`;
      context.issues.push(ownIssue('SCHEMA_ENUM', message, text));
    })
    .meta({ description: 'Takes its place; \\1 is the first group.' }),
});

const rewrite = object({
  path: pathField.optional().meta({ description: 'Replaces the whole path.' }),
  prefix: prefixField.optional().meta({ description: 'Replaces the prefix that matched.' }),
  regex: rewriteRegex.optional().meta({ description: 'Replaces every part that matches.' }),
  host: hostName.optional().meta({ description: 'Replaces the host.' }),
})
  .superRefine((value, context) => {
    const [first, ...others] = REWRITES.filter((name) => value[name] !== undefined);
    for (const name of others) {
      const message = `${String(first)} and ${name} exclude each other; keep one`;
      context.issues.push(ownIssue('SCHEMA_ONE_OF', message, value, { path: [name], isKey: true }));
    }
    if (first === undefined && value.host === undefined) {
      const message = 'this rewrites nothing; add path, prefix, regex or host';
      context.issues.push(ownIssue('SCHEMA_ONE_OF', message, value));
    }
  })
  .meta({ minProperties: 1, ...atMostOne(REWRITES) });

const REDIRECT_CODES = [301, 302, 303, 307, 308] as const;

const redirectCode = z
  .int()
  .refine((code) => REDIRECT_CODES.some((known) => known === code), {
    error: (issue) => `expected one of ${REDIRECT_CODES.join(', ')}, got ${String(issue.input)}`,
    params: { code: 'SCHEMA_ENUM' },
  })
  .meta({ description: '301, 302, 303, 307 or 308. Default 308.', enum: REDIRECT_CODES });

const redirect = object({
  path: redirectPathField.optional().meta({ description: 'Replaces the whole path.' }),
  prefix: prefixField.optional().meta({ description: 'Replaces the prefix that matched.' }),
  host: hostName.optional(),
  scheme: oneOf(['http', 'https']).optional().meta({ description: 'Replaces the scheme.' }),
  port: portField.optional(),
  code: redirectCode.optional(),
})
  .superRefine((value, context) => {
    const { path, prefix, host, scheme, port } = value;
    if (path !== undefined && prefix !== undefined) {
      const message = 'path and prefix exclude each other; keep one';
      context.issues.push(
        ownIssue('SCHEMA_ONE_OF', message, value, { path: ['prefix'], isKey: true }),
      );
    }
    if ([path, prefix, host, scheme, port].every((part) => part === undefined)) {
      const message = 'this redirects to itself; add path, prefix, host, scheme or port';
      context.issues.push(ownIssue('SCHEMA_ONE_OF', message, value));
    }
  })
  .meta(atMostOne(['path', 'prefix']));

/** The fields of one rule, also of a Route that is one. */
export const RULE_FIELDS = {
  match: matchField.optional().meta({ description: 'Which requests; a list: any of these.' }),
  priority: integer(-PRIORITY_MAX, PRIORITY_MAX)
    .optional()
    .meta({ description: 'Goes before all else that decides which rule wins. Default 0.' }),
  to: targetField.optional(),
  timeout: durationMsOrNone
    .optional()
    .meta({ description: 'For the whole response, or none. Default 15s.' }),
  rewrite: rewrite
    .optional()
    .meta({ description: 'Changes the request on its way to the upstream.' }),
  redirect: redirect.optional().meta({ description: 'Answers with another URL.' }),
  respond: respondField.optional(),
  ...FORWARDING_FIELDS,
  ...policyFields('route'),
};

const ruleObject = object({ name: partName.optional(), ...RULE_FIELDS }, LATER_RULE_FIELDS);

export const ACTIONS = ['to', 'redirect', 'respond'] as const;

/** A rule as it is written. */
export type RuleInput = z.output<typeof ruleObject>;

/** An item of `rules`. */
export const ruleField = ruleObject
  .superRefine((rule, context) => {
    context.issues.push(...ruleIssues(rule));
  })
  .meta({ ...exactlyOne(ACTIONS), ...NO_TWO_TRIES });

/** What no field of a rule can tell alone. */
export function ruleIssues(rule: RuleInput): readonly ReturnType<typeof ownIssue>[] {
  const [action, ...others] = ACTIONS.filter((name) => rule[name] !== undefined);
  if (action === undefined) {
    return [ownIssue('SCHEMA_ONE_OF', 'a rule does something; add to, redirect or respond', rule)];
  }
  const issues = others.map((name) => {
    const message = `${action} and ${name} exclude each other; keep one`;
    return ownIssue('SCHEMA_ONE_OF', message, rule, { path: [name], isKey: true });
  });
  const matches = Array.isArray(rule.match) ? rule.match : [rule.match ?? {}];
  const isPrefix = matches.every(
    ({ path, regex, grpc }) =>
      path === undefined && regex === undefined && grpc?.method === undefined,
  );
  for (const name of ['rewrite', 'redirect'] as const) {
    if (isPrefix || rule[name]?.prefix === undefined) continue;
    const message = `${name}.prefix replaces what match.prefix matched; write ${name}.path`;
    issues.push(ownIssue('SCHEMA_ONE_OF', message, rule, { path: [name, 'prefix'], isKey: true }));
  }
  for (const name of ['rewrite', 'timeout', ...FORWARDING_NAMES] as const) {
    if (action === 'to' || rule[name] === undefined) continue;
    const message = `${name} does nothing beside ${action}; remove it`;
    issues.push(ownIssue('SCHEMA_ONE_OF', message, rule, { path: [name], isKey: true }));
  }
  if (rule.sticky !== undefined && rule.to !== undefined && rule.to.kind !== 'weighted') {
    const message = 'sticky chooses among weighted targets, and to has none; write weights';
    issues.push(ownIssue('SCHEMA_ONE_OF', message, rule, { path: ['sticky'], isKey: true }));
  }
  return [...issues, ...forwardingIssues(rule)];
}
