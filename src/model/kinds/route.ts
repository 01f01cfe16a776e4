import { z } from 'zod';
import { invariant } from '../../base/index.ts';
import { reportDuplicates } from '../fields/duplicates.ts';
import { exactlyOne } from '../fields/form.ts';
import { hostPattern } from '../fields/host.ts';
import { ownIssue } from '../fields/issue.ts';
import { documentName } from '../fields/name.ts';
import { NO_POLICIES, policySetOf, type PolicySet } from '../policies/policy-set.ts';
import { pointerTo } from '../yaml/pointer.ts';
import { documentSchema, newKind, type KindContext } from './kind.ts';
import {
  forwardingIssues,
  forwardingOf,
  mergedIssue,
  NO_TWO_TRIES,
  type Forwarding,
} from './forward.ts';
import { matchesOf, matchName, type RuleMatch } from './match.ts';
import { respondOf, type Respond } from './respond.ts';
import { reportWildcards } from './path-wildcards.ts';
import {
  ACTIONS,
  LATER_RULE_FIELDS,
  RULE_FIELDS,
  ruleField,
  ruleIssues,
  type RuleInput,
} from './rule.ts';
import { placeTarget, type RouteTarget } from './target.ts';

/** `kind: Route`. A document without `rules` is one rule, its fields inline. */
export interface RouteValue {
  /** Listener names; null: the only HTTP listener, or the one that says `default: true`. */
  readonly listeners: readonly string[] | null;
  /** Lower-cased `name`, `*.suffix` or `*`, each once. Default `['*']`. */
  readonly hosts: readonly string[];
  /** Whether its hosts have the rules of wider hosts too; null: it does not say, which is no. */
  readonly inherit: boolean | null;
  /** What rules without a priority have. Default 0. */
  readonly priority: number;
  /** What applies to each of its rules. */
  readonly policies: PolicySet;
  readonly rules: readonly RouteRule[];
}

export interface RouteRule {
  /** Default: the canonical matches, `/cart`, `=/cart`, `GET ~/c.*`. Unique here. */
  readonly name: string;
  /** JSON pointer of the rule in its document: `/rules/0`, or '' where inline. */
  readonly pointer: string;
  /** At least one; any will do. */
  readonly matches: readonly RuleMatch[];
  readonly priority: number;
  readonly policies: PolicySet;
  readonly action: RouteAction;
}

export type RouteAction =
  | {
      readonly kind: 'forward';
      readonly to: RouteTarget;
      /** Ms; null: none. Default 15,000, for gRPC and websockets none. */
      readonly timeoutMs: number | null;
      /** Pointer of the field that says so; null: none does. */
      readonly timeoutAt: string | null;
      readonly rewrite: Rewrite | null;
      readonly forwarding: Forwarding;
    }
  | { readonly kind: 'redirect'; readonly redirect: Redirect }
  | { readonly kind: 'respond'; readonly respond: Respond };

/** At least one field; one of path, prefix and regex. `prefix` only where the match is one. */
export interface Rewrite {
  readonly path: string | null;
  readonly prefix: string | null;
  readonly regex: { readonly pattern: string; readonly substitution: string } | null;
  readonly host: string | null;
}

/** At least one field besides `code`; not both path and prefix. */
export interface Redirect {
  /** 301, 302, 303, 307 or 308. Default 308. */
  readonly code: number;
  /** May carry a query. */
  readonly path: string | null;
  readonly prefix: string | null;
  readonly host: string | null;
  readonly scheme: 'http' | 'https' | null;
  readonly port: number | null;
}

const TIMEOUT_MS = 15_000;

const schema = documentSchema(
  {
    listeners: z
      .array(documentName)
      .min(1)
      .optional()
      .meta({ description: 'Listeners that serve it. Default: the only one, or the default.' }),
    hosts: z
      .array(hostPattern)
      .min(1)
      .optional()
      .meta({ description: 'Hosts of the requests. Default ["*"].' }),
    inherit: z
      .boolean()
      .optional()
      .meta({ description: 'Its hosts have the rules of wider hosts too. Default false.' }),
    rules: z
      .array(ruleField)
      .min(1)
      .optional()
      .meta({ description: 'What to do with which requests. Default: the fields beside it.' }),
    ...RULE_FIELDS,
  },
  LATER_RULE_FIELDS,
)
  .superRefine((input, context) => {
    context.issues.push(...formIssues(input));
  })
  .meta({ ...exactlyOne([...ACTIONS, 'rules']), ...NO_TWO_TRIES });

type Input = z.output<typeof schema>;

export const route = newKind(schema, (input, context): RouteValue => {
  const { listeners = null, hosts = ['*'], inherit = null, priority = 0 } = input;
  reportRepeated(listeners ?? [], 'listeners', context);
  reportRepeated(hosts, 'hosts', context);
  const rules =
    input.rules === undefined
      ? [ruleOf(ruleInput(input), '', { document: input, context })]
      : input.rules.map((rule, index) =>
          ruleOf(rule, pointerTo('/rules', index), { document: input, context }),
        );
  checkRules(rules, input, context);
  const policies = policySetOf(input, '', context);
  return { listeners, hosts, inherit, priority, policies, rules };
});

/** A Route is either a rule or has rules; policy keys beside rules are defaults for them. */
function formIssues(input: Input): readonly ReturnType<typeof ownIssue>[] {
  if (input.rules === undefined) return ruleIssues(ruleInput(input));
  const issues = forwardingIssues(input);
  const inline = ['match', 'to', 'redirect', 'respond', 'rewrite'] as const;
  const misplaced = inline
    .filter((name) => input[name] !== undefined)
    .map((name) => {
      const message = `${name} and rules exclude each other; move it into a rule`;
      return ownIssue('SCHEMA_ONE_OF', message, input, { path: [name], isKey: true });
    });
  return [...issues, ...misplaced];
}

function ruleInput(input: Input): RuleInput {
  const { match, priority, to, timeout, rewrite, redirect, respond } = input;
  const { idleTimeout, websocket, retry, hedge, mirror, sticky } = input;
  const forwarding = { idleTimeout, websocket, retry, hedge, mirror, sticky };
  return { match, priority, to, timeout, rewrite, redirect, respond, ...forwarding };
}

interface Around {
  readonly document: Input;
  readonly context: KindContext;
}

function ruleOf(rule: RuleInput, pointer: string, { document, context }: Around): RouteRule {
  const matches = matchesOf(rule.match, pointer);
  reportWildcards(matches, context.report);
  return {
    name: rule.name ?? defaultName(matches),
    pointer,
    matches,
    priority: rule.priority ?? document.priority ?? 0,
    // Where the document is the rule, its policies are those of the document.
    policies: pointer === '' ? NO_POLICIES : policySetOf(rule, pointer, context),
    action: actionOf(rule, pointer, { document, context }),
  };
}

const defaultName = (matches: readonly RuleMatch[]): string => matches.map(matchName).join(' | ');

function actionOf(rule: RuleInput, pointer: string, { document, context }: Around): RouteAction {
  const { to, redirect, respond, rewrite } = rule;
  if (redirect !== undefined) {
    const { code = 308, path, prefix, host, scheme, port } = redirect;
    const places = { path: path ?? null, prefix: prefix ?? null, host: host ?? null };
    return {
      kind: 'redirect',
      redirect: { code, ...places, scheme: scheme ?? null, port: port ?? null },
    };
  }
  if (respond !== undefined) {
    return { kind: 'respond', respond: respondOf(respond, pointerTo(pointer, 'respond'), context) };
  }
  invariant(to !== undefined, 'the schema demands one of to, redirect and respond');
  const issue = pointer === '' ? null : mergedIssue(rule, document);
  if (issue !== null) {
    const at = { pointer: pointerTo(pointer, issue.field), isKey: true };
    context.report.error('SCHEMA_ONE_OF', at, issue.message);
  }
  return {
    kind: 'forward',
    to: placeTarget(to, pointerTo(pointer, 'to'), context),
    timeoutMs: timeoutOf(rule, document),
    timeoutAt: timeoutPointer(rule, document, pointer),
    rewrite:
      rewrite === undefined
        ? null
        : {
            path: rewrite.path ?? null,
            prefix: rewrite.prefix ?? null,
            regex:
              rewrite.regex === undefined
                ? null
                : { pattern: rewrite.regex.pattern, substitution: rewrite.regex.with },
            host: rewrite.host ?? null,
          },
    forwarding: forwardingOf(rule, document, pointer),
  };
}

/** The narrowest place that sets it; null is a value there, namely none. */
function timeoutOf(rule: RuleInput, document: Input): number | null {
  if (rule.timeout !== undefined) return rule.timeout;
  if (document.timeout !== undefined) return document.timeout;
  if (rule.websocket ?? document.websocket ?? false) return null;
  return matchesOf(rule.match, '').every(({ isGrpc }) => isGrpc) ? null : TIMEOUT_MS;
}

function timeoutPointer(rule: RuleInput, document: Input, pointer: string): string | null {
  if (rule.timeout !== undefined) return pointerTo(pointer, 'timeout');
  return document.timeout === undefined ? null : '/timeout';
}

function checkRules(rules: readonly RouteRule[], input: Input, { report }: KindContext): void {
  const byMatch = rules.map((rule) => ({
    text: `${defaultName(rule.matches)}" with priority "${rule.priority}`,
    at: { pointer: rule.pointer },
  }));
  const help = 'change one, or set priority';
  const words = { code: 'ROUTE_CONFLICT', what: 'a rule for', help } as const;
  if (!reportDuplicates(report, byMatch, words)) return;
  const byName = rules.map(({ name, pointer }, index) => {
    const isNamed = input.rules?.[index]?.name !== undefined;
    return { text: name, at: { pointer: isNamed ? pointerTo(pointer, 'name') : pointer } };
  });
  reportDuplicates(report, byName, {
    code: 'NAME_DUPLICATE',
    what: 'a rule with the name',
    help: 'give one of them another name',
  });
}

function reportRepeated(
  texts: readonly string[],
  field: 'hosts' | 'listeners',
  { report }: KindContext,
): void {
  const entries = texts.map((text, index) => ({ text, at: { pointer: `/${field}/${index}` } }));
  const what = field === 'hosts' ? 'the host' : 'the listener';
  reportDuplicates(report, entries, { code: 'SCHEMA_DUPLICATE', what, help: 'remove one' });
}
