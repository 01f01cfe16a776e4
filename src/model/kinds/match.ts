import { z } from 'zod';
import { compareText } from '../../base/index.ts';
import { atMostOne } from '../fields/form.ts';
import { headerNameProblem } from '../fields/header.ts';
import { ownIssue, shorten } from '../fields/issue.ts';
import { methodField } from '../fields/method.ts';
import { object } from '../fields/object.ts';
import { pathField, prefixField } from '../fields/path.ts';
import { pointerTo } from '../yaml/pointer.ts';
import { claimConditions, claimsField, claimText, type ClaimCondition } from './claim.ts';
import {
  certificateCondition,
  certificateTexts,
  clientCertificateField,
  type CertificateCondition,
} from './client-certificate.ts';
import {
  conditionField,
  conditionsOf,
  conditionText,
  queryConditionField,
  type ValueCondition,
} from './condition.ts';

/** One form of the requests that a rule takes. */
export interface RuleMatch {
  readonly path: PathMatch;
  /** Of the path alone. Default false. */
  readonly ignoreCase: boolean;
  /** Written as `grpc`. */
  readonly isGrpc: boolean;
  readonly conditions: Conditions;
  /** Of the match in its document; where the rule has none or only one, of the rule. */
  readonly pointer: string;
  /** Of the match, whichever: what its fields are below. */
  readonly at: string;
}

/** Default `{prefix: /}`. A prefix matches whole path segments, a regex the whole path. */
export type PathMatch =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'regex'; readonly regex: string };

/** What a request must have besides its path. All must hold. */
export interface Conditions {
  /** Sorted, each once; empty: any. */
  readonly methods: readonly string[];
  /** Each sorted by name. */
  readonly headers: readonly ValueCondition[];
  readonly query: readonly ValueCondition[];
  readonly cookies: readonly ValueCondition[];
  /** Of a token that `jwt` verified. */
  readonly claims: readonly ClaimCondition[];
  readonly certificate: CertificateCondition | null;
}

/** Most rules have none, and share this. */
export const NO_CONDITIONS: Conditions = Object.freeze({
  methods: [],
  headers: [],
  query: [],
  cookies: [],
  claims: [],
  certificate: null,
});

const MATCHES_MAX = 32;
const METHODS_MAX = 32;
const CONDITIONS_MAX = 64;
const REGEX_CHARS_MAX = 2000;

/** Of what is matched by name, for editors. */
const NO_BLANKS = '^\\S{1,200}$';

const grpcName = (pattern: RegExp, example: string): z.ZodString =>
  z.string().superRefine((text, context) => {
    if (pattern.test(text)) return;
    const message = `"${shorten(text)}" is not a gRPC name; write e.g. ${example}`;
    context.issues.push(ownIssue('SCHEMA_PATH', message, text));
  });

const grpc = object({
  service: grpcName(/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/, 'shop.v1.Cart').meta({
    description: 'The full name of the service, e.g. shop.v1.Cart.',
  }),
  method: grpcName(/^[A-Za-z_]\w*$/, 'Get')
    .optional()
    .meta({ description: 'One method of it. Default: all.' }),
});

/** Conditions on headers, by name. */
export const headersField = conditions(conditionField, headerProblem).meta({
  description: 'Conditions on headers, by name.',
});

const query = conditions(queryConditionField, (name) =>
  /^[^\s&=#]{1,200}$/.test(name) ? null : 'a query parameter is named without spaces, & = and #',
).meta({ description: 'Conditions on query parameters, by name, as they are on the wire.' });

const cookies = conditions(conditionField, (name) =>
  /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}$/.test(name)
    ? null
    : `"${shorten(name)}" is not the name of a cookie; use letters, digits, _ and -`,
).meta({ description: 'Conditions on cookies, by name.' });

const PATHS = ['path', 'prefix', 'regex', 'grpc'] as const;

const match = object({
  path: pathField.optional(),
  prefix: prefixField.optional(),
  regex: z
    .string()
    .min(1)
    .max(REGEX_CHARS_MAX)
    .optional()
    .meta({ description: 'An RE2 expression for the whole path, without the query.' }),
  grpc: grpc.optional().meta({ description: 'A gRPC service, or one method of it.' }),
  ignoreCase: z.boolean().optional().meta({ description: 'Of the path. Default false.' }),
  methods: z
    .array(methodField)
    .min(1)
    .max(METHODS_MAX)
    .optional()
    .meta({ description: 'Any of these. Default: all.' }),
  headers: headersField.optional(),
  query: query.optional(),
  cookies: cookies.optional(),
  jwt: claimsField.optional(),
  clientCertificate: clientCertificateField.optional(),
})
  .superRefine((value, context) => {
    const [first, ...others] = PATHS.filter((name) => value[name] !== undefined);
    for (const name of others) {
      const message = `${String(first)} and ${name} exclude each other; keep one`;
      context.issues.push(ownIssue('SCHEMA_ONE_OF', message, value, { path: [name], isKey: true }));
    }
  })
  .meta({ description: 'Which requests. Default: {prefix: /}, all of them.', ...atMostOne(PATHS) });

/** The field `match`: one form, or a list of which any will do. */
export const matchField = z.union([match, z.array(match).min(1).max(MATCHES_MAX)]);

export type MatchInput = z.output<typeof matchField>;

/** The forms of a rule at a pointer: at least one. Any will do, so their order says nothing. */
export function matchesOf(input: MatchInput | undefined, rule: string): readonly RuleMatch[] {
  if (!Array.isArray(input)) return [matchOf(input ?? {}, rule, pointerTo(rule, 'match'))];
  const matches = input.map((one, index) => {
    const at = pointerTo(rule, 'match', index);
    return matchOf(one, input.length === 1 ? rule : at, at);
  });
  return matches.sort((a, b) => compareText(matchName(a), matchName(b)));
}

/** One text for all matches that are equal: `GET /cart`, `=/cart`, `~/cart/.*`. */
export function matchName({ path, ignoreCase, conditions: given }: RuleMatch): string {
  const text = `${SIGNS[path.kind]}${pathText(path)}${ignoreCase ? ' (any case)' : ''}`;
  if (given === NO_CONDITIONS) return text;
  return [
    ...(given.methods.length === 0 ? [] : [given.methods.join(',')]),
    text,
    ...given.headers.map((one) => `header ${conditionText(one)}`),
    ...given.query.map((one) => `query ${conditionText(one)}`),
    ...given.cookies.map((one) => `cookie ${conditionText(one)}`),
    ...given.claims.map((one) => `claim ${claimText(one)}`),
    ...certificateTexts(given.certificate).map((text) => `certificate ${text}`),
  ].join(' ');
}

const SIGNS: Readonly<Record<PathMatch['kind'], string>> = { path: '=', prefix: '', regex: '~' };

/** The text of a path, a prefix or a regex. */
export function pathText(path: PathMatch): string {
  switch (path.kind) {
    case 'path':
      return path.path;
    case 'prefix':
      return path.prefix;
    case 'regex':
      return path.regex;
  }
}

type OneMatch = z.output<typeof match>;

function matchOf(input: OneMatch, pointer: string, at: string): RuleMatch {
  return {
    path: pathOf(input),
    ignoreCase: input.ignoreCase ?? false,
    isGrpc: input.grpc !== undefined,
    conditions: conditionsIn(input, at),
    pointer,
    at,
  };
}

function pathOf({ path, prefix, regex, grpc: call }: OneMatch): PathMatch {
  if (path !== undefined) return { kind: 'path', path };
  if (regex !== undefined) return { kind: 'regex', regex };
  if (call === undefined) return { kind: 'prefix', prefix: prefix ?? '/' };
  const { service, method: name } = call;
  if (name === undefined) return { kind: 'prefix', prefix: `/${service}` };
  return { kind: 'path', path: `/${service}/${name}` };
}

function conditionsIn(input: OneMatch, pointer: string): Conditions {
  const { methods, headers, query: asked, cookies: sent, jwt, clientCertificate } = input;
  const given = [methods, headers, asked, sent, jwt, clientCertificate];
  if (given.every((one) => one === undefined)) return NO_CONDITIONS;
  return {
    methods: [...new Set(methods)].sort(),
    headers: headerConditions(headers, pointerTo(pointer, 'headers')),
    query: conditionsOf(asked, pointerTo(pointer, 'query')),
    cookies: conditionsOf(sent, pointerTo(pointer, 'cookies')),
    claims: claimConditions(jwt, pointerTo(pointer, 'jwt')),
    certificate: certificateCondition(clientCertificate, pointerTo(pointer, 'clientCertificate')),
  };
}

/** Sorted by name, which is in lower case. */
export const headerConditions = (
  input: z.output<typeof headersField> | undefined,
  pointer: string,
): readonly ValueCondition[] => conditionsOf(lowerCased(input), pointer);

const lowerCased = <V>(
  map: Readonly<Record<string, V>> | undefined,
): Readonly<Record<string, V>> | undefined =>
  map &&
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name.toLowerCase(), value]));

function headerProblem(name: string, names: readonly string[]): string | null {
  if (['host', ':authority'].includes(name.toLowerCase())) {
    return `the host is no header here; write hosts`;
  }
  const problem = headerNameProblem(name);
  if (problem !== null) return problem;
  const isTwice = names.filter((other) => other.toLowerCase() === name.toLowerCase()).length > 1;
  return isTwice ? `the header "${name}" stands here twice; keep one` : null;
}

function conditions<Field extends z.ZodType>(
  field: Field,
  problemOf: (name: string, names: readonly string[]) => string | null,
): z.ZodRecord<z.ZodString, Field> {
  return z.record(z.string().meta({ pattern: NO_BLANKS }), field).superRefine((map, context) => {
    const names = Object.keys(map);
    if (names.length > CONDITIONS_MAX) {
      const message = `there are ${names.length} conditions, more than ${CONDITIONS_MAX}; split it`;
      context.issues.push(ownIssue('SCHEMA_RANGE', message, map));
    }
    for (const name of names) {
      const problem = problemOf(name, names);
      if (problem === null) continue;
      const details = { path: [name], isKey: true };
      context.issues.push(ownIssue('SCHEMA_HEADER_NAME', problem, name, details));
    }
  });
}
