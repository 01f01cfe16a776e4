import type { Json } from '../../schema/index.ts';
import { fieldOf, listOf, numberOf, textOf } from '../inspect/json.ts';
import { authorityOf, type Seen } from './asked.ts';
import { partExpression } from './expression.ts';

/** One target of a request. */
export interface Target {
  readonly cluster: string;
  /** Of the requests, 0 to 1. */
  readonly share: number;
  /** What the upstream is asked for, where that is another host than the client's. */
  readonly host: string | null;
}

/** What Envoy does with a request by a route. */
export type RouteOutcome =
  | {
      readonly kind: 'forward';
      readonly targets: readonly Target[];
      /** With its query, as the upstream gets it; null where that cannot be said here. */
      readonly path: string | null;
      /** Null: the client's. */
      readonly host: string | null;
      /** `3s`; null: none. */
      readonly timeout: string | null;
      readonly idleTimeout: string | null;
      readonly retry: {
        readonly when: string;
        readonly times: number;
        readonly perTry: string | null;
      } | null;
      readonly mirrors: readonly Target[];
      readonly upgrades: readonly string[];
    }
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string | null }
  | { readonly kind: 'respond'; readonly status: number; readonly body: string }
  | { readonly kind: 'other' };

export function outcomeOf(route: Json, host: Json, request: Seen): RouteOutcome {
  const action = fieldOf(route, 'route');
  const match = fieldOf(route, 'match');
  if (action !== undefined) return forward(action, { match, host, request });
  const redirect = fieldOf(route, 'redirect');
  if (redirect !== undefined) return redirected(redirect, match, request);
  const response = fieldOf(route, 'direct_response');
  if (response === undefined) return { kind: 'other' };
  const body = textOf(fieldOf(fieldOf(response, 'body'), 'inline_string'));
  return { kind: 'respond', status: numberOf(fieldOf(response, 'status')), body };
}

interface Around {
  readonly match: Json | undefined;
  readonly host: Json;
  readonly request: Seen;
}

function forward(action: Json, { match, host, request }: Around): RouteOutcome {
  const path = rewritten(action, match, request.path);
  const timeout = fieldOf(action, 'timeout');
  const retry = fieldOf(action, 'retry_policy') ?? fieldOf(host, 'retry_policy');
  return {
    kind: 'forward',
    targets: targetsOf(action),
    path: path === null ? null : withQuery(path, request.query),
    host: hostOf(action),
    // Envoy's own default.
    timeout: timeout === undefined ? '15s' : isZero(timeout) ? null : textOf(timeout),
    idleTimeout: textOf(fieldOf(action, 'idle_timeout')) || null,
    retry: retryOf(retry),
    mirrors: listOf(fieldOf(action, 'request_mirror_policies')).map(mirrorOf),
    upgrades: listOf(fieldOf(action, 'upgrade_configs')).map((one) =>
      textOf(fieldOf(one, 'upgrade_type')),
    ),
  };
}

const isZero = (duration: Json): boolean => Number(textOf(duration).replace(/s$/, '')) === 0;

function targetsOf(action: Json): readonly Target[] {
  const cluster = fieldOf(action, 'cluster');
  if (cluster !== undefined) return [{ cluster: textOf(cluster), share: 1, host: null }];
  const weights = listOf(fieldOf(fieldOf(action, 'weighted_clusters'), 'clusters'));
  const weightOf = (one: Json): number => numberOf(fieldOf(one, 'weight'));
  const sum = weights.reduce<number>((total, one) => total + weightOf(one), 0);
  if (weights.length > 0) {
    return weights.map((one) => ({
      cluster: textOf(fieldOf(one, 'name')),
      share: sum === 0 ? 0 : weightOf(one) / sum,
      host: textOf(fieldOf(one, 'host_rewrite_literal')) || null,
    }));
  }
  const header = textOf(fieldOf(action, 'cluster_header'));
  return header === '' ? [] : [{ cluster: `as the header ${header} says`, share: 1, host: null }];
}

function hostOf(action: Json): string | null {
  const literal = fieldOf(action, 'host_rewrite_literal');
  if (literal !== undefined) return textOf(literal);
  if (fieldOf(action, 'auto_host_rewrite') === true) return 'the name of the upstream';
  const header = fieldOf(action, 'host_rewrite_header');
  if (header !== undefined) return `as the header ${textOf(header)} says`;
  return fieldOf(action, 'host_rewrite_path_regex') === undefined ? null : 'a part of the path';
}

function retryOf(policy: Json | undefined): Extract<RouteOutcome, { kind: 'forward' }>['retry'] {
  const when = textOf(fieldOf(policy, 'retry_on'));
  if (when === '') return null;
  const times = fieldOf(policy, 'num_retries');
  const perTry = textOf(fieldOf(policy, 'per_try_timeout')) || null;
  return { when, times: times === undefined ? 1 : numberOf(times), perTry };
}

function mirrorOf(policy: Json): Target {
  const given = fieldOf(fieldOf(policy, 'runtime_fraction'), 'default_value');
  const whole = { HUNDRED: 100, TEN_THOUSAND: 10_000, MILLION: 1_000_000 };
  const denominator = textOf(fieldOf(given, 'denominator'));
  const [, parts = 100] = Object.entries(whole).find(([name]) => name === denominator) ?? [];
  const share = given === undefined ? 1 : numberOf(fieldOf(given, 'numerator')) / parts;
  return { cluster: textOf(fieldOf(policy, 'cluster')), share, host: null };
}

/** The path after `prefix_rewrite` or `regex_rewrite`. */
function rewritten(action: Json, match: Json | undefined, path: string): string | null {
  const prefix = fieldOf(action, 'prefix_rewrite');
  if (prefix !== undefined && textOf(prefix) !== '') {
    return textOf(prefix) + path.slice(matchedLength(match, path));
  }
  const regex = fieldOf(action, 'regex_rewrite');
  if (regex === undefined) {
    return fieldOf(action, 'path_rewrite_policy') === undefined ? path : null;
  }
  const expression = partExpression(textOf(fieldOf(fieldOf(regex, 'pattern'), 'regex')));
  if (expression === null) return null;
  return path.replace(expression, (...found: readonly unknown[]) =>
    substituted(textOf(fieldOf(regex, 'substitution')), found),
  );
}

/** `\0` to `\9` are groups, `\\` is a backslash. */
const substituted = (text: string, found: readonly unknown[]): string =>
  text.replace(/\\([0-9\\])/g, (_, what: string) => {
    if (what === '\\') return what;
    const group = found[Number(what)];
    return typeof group === 'string' ? group : '';
  });

/** What a prefix took of the path; a path and an expression take all of it. */
function matchedLength(match: Json | undefined, path: string): number {
  const prefix = fieldOf(match, 'prefix') ?? fieldOf(match, 'path_separated_prefix');
  return prefix === undefined ? path.length : textOf(prefix).length;
}

const withQuery = (path: string, query: string): string =>
  query === '' ? path : `${path}?${query}`;

const CODES: Readonly<Record<string, number>> = {
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};

function redirected(redirect: Json, match: Json | undefined, request: Seen): RouteOutcome {
  const status = CODES[textOf(fieldOf(redirect, 'response_code'))] ?? 301;
  const isHttps = fieldOf(redirect, 'https_redirect') === true;
  const scheme = isHttps ? 'https' : textOf(fieldOf(redirect, 'scheme_redirect')) || request.scheme;
  const port = numberOf(fieldOf(redirect, 'port_redirect'));
  const host = textOf(fieldOf(redirect, 'host_redirect')) || hostWithout(request, { scheme, port });
  const whole = textOf(fieldOf(redirect, 'path_redirect'));
  const path = whole !== '' ? whole : rewritten(redirect, match, request.path);
  if (path === null) return { kind: 'redirect', status, location: null };
  const isQueryKept = fieldOf(redirect, 'strip_query') !== true && !path.includes('?');
  const target = isQueryKept ? withQuery(path, request.query) : path;
  const location = `${scheme}://${host}${port === 0 ? '' : `:${port}`}${target}`;
  return { kind: 'redirect', status, location };
}

/** The host of the request; a port that was the scheme's own does not go with another scheme. */
function hostWithout(
  request: Seen,
  { scheme, port }: { readonly scheme: string; readonly port: number },
): string {
  const own = request.scheme === 'https' ? 443 : 80;
  const isDropped = port !== 0 || (scheme !== request.scheme && request.port === own);
  return isDropped ? request.host : authorityOf(request);
}
