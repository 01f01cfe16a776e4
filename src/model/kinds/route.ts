import type { Address } from './address.ts';

/** `kind: Route`. A document without `rules` is one rule, its fields inline. */
export interface RouteValue {
  /** Listener names; null: the only HTTP listener, or the one that says `default: true`. */
  readonly listeners: readonly string[] | null;
  /** Lower-cased `name`, `*.suffix` or `*`. Default `['*']`. */
  readonly hosts: readonly string[];
  readonly priority: number;
  readonly rules: readonly RouteRule[];
}

export interface RouteRule {
  /** Default: the canonical match, e.g. `/cart`; unique in the document. */
  readonly name: string;
  /** JSON pointer of the rule in its document: `/rules/0`, or '' where inline. */
  readonly pointer: string;
  readonly match: PathMatch;
  readonly priority: number;
  readonly action: RouteAction;
}

/** Default `{prefix: /}`. A prefix matches whole path segments. */
export type PathMatch =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'prefix'; readonly prefix: string };

export type RouteAction =
  | {
      readonly kind: 'forward';
      readonly to: RouteTarget;
      /** Ms; null: none. Default 15,000. */
      readonly timeoutMs: number | null;
      readonly rewrite: Rewrite | null;
    }
  | { readonly kind: 'redirect'; readonly redirect: Redirect }
  | { readonly kind: 'respond'; readonly status: number; readonly body: string };

/** `to: cart` · `to: {v1: 95, v2: 5}` · `to: [{cluster, weight}]` · addresses. */
export type RouteTarget =
  | { readonly kind: 'cluster'; readonly cluster: string; readonly pointer: string }
  | { readonly kind: 'weighted'; readonly targets: readonly WeightedTarget[] }
  | {
      readonly kind: 'addresses';
      readonly addresses: readonly Address[];
      /** `https://` targets: TLS with system roots, the host name as SNI and host header. */
      readonly tls: { readonly sni: string } | null;
      readonly pointer: string;
    };

export interface WeightedTarget {
  readonly cluster: string;
  readonly weight: number;
  readonly pointer: string;
}

export interface Rewrite {
  readonly path: string | null;
  readonly prefix: string | null;
  readonly host: string | null;
}

export interface Redirect {
  /** 301, 302, 303, 307 or 308. Default 308. */
  readonly code: number;
  readonly path: string | null;
  readonly prefix: string | null;
  readonly host: string | null;
  readonly scheme: 'http' | 'https' | null;
  readonly port: number | null;
}
