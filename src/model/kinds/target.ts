import { z } from 'zod';
import { compareText } from '../../base/index.ts';
import { hostName } from '../fields/host.ts';
import { describe, ownIssue, shorten, typeMessage } from '../fields/issue.ts';
import { documentName, nameProblem } from '../fields/name.ts';
import { integer, WEIGHT_MAX } from '../fields/number.ts';
import { object } from '../fields/object.ts';
import {
  policyFields,
  policySetOf,
  type PolicyInput,
  type PolicySet,
} from '../policies/policy-set.ts';
import { pointerTo } from '../yaml/pointer.ts';
import { formatAddress, parseAddress, type Address } from './address.ts';
import type { KindContext } from './kind.ts';

/** `to: cart` · `to: {v1: 95, v2: 5}` · `to: [{cluster, weight}]` · addresses. */
export type RouteTarget =
  | { readonly kind: 'cluster'; readonly cluster: string; readonly pointer: string }
  | { readonly kind: 'weighted'; readonly targets: readonly WeightedTarget[] }
  | {
      readonly kind: 'addresses';
      /** In the order of their canonical texts, each once. */
      readonly addresses: readonly Address[];
      /** `https://` targets: TLS with system roots, the host name as SNI and host header. */
      readonly tls: { readonly sni: string } | null;
      readonly pointer: string;
    };

export interface WeightedTarget {
  readonly cluster: string;
  /** 0 keeps the cluster warm without sending it requests. */
  readonly weight: number;
  /** Replaces the host, whatever the rule says; null: as the rule says. */
  readonly host: string | null;
  /** Only endpoints with these labels; sorted. Null: all. */
  readonly subset: Readonly<Record<string, string>> | null;
  readonly policies: PolicySet;
  readonly pointer: string;
}

type Addresses = Extract<RouteTarget, { readonly kind: 'addresses' }>;
type One = { readonly kind: 'cluster'; readonly cluster: string } | Omit<Addresses, 'pointer'>;

/** A target as it is written, before it knows its place. */
type TargetInput = One | { readonly kind: 'weighted'; readonly targets: readonly Share[] };

interface Share {
  readonly key: string;
  readonly cluster: string;
  readonly weight: number;
  /** The item of a list, where more may stand beside the weight. */
  readonly item: PolicyInput & Pick<z.output<typeof weightedItem>, 'host' | 'subset'>;
}

const weight = integer(0, WEIGHT_MAX).meta({ description: 'A share; 0 keeps it warm.' });

const one = z
  .string()
  .meta({ examples: ['cart'] })
  .transform((text, context): One => {
    const parsed = parseOne(text);
    if ('kind' in parsed) return parsed;
    context.issues.push(parsed);
    return z.NEVER;
  });

const weightedItem = object({
  cluster: documentName,
  weight: weight.default(1),
  host: hostName.optional().meta({ description: 'Replaces the host.' }),
  subset: z
    .record(z.string().min(1).max(200), z.string().min(1).max(200))
    .optional()
    .meta({ description: 'Labels of endpoints: only these get requests.' }),
  ...policyFields('target'),
});

/** The same where requests are not seen: editors offer only what can stand there. */
const streamItem = weightedItem.meta({ refused: ['host', ...Object.keys(policyFields('target'))] });

const listOf = (item: typeof weightedItem) =>
  z
    .array(z.union([z.string().meta({ examples: ['cart:8080'] }), item]))
    .min(1)
    .transform((items, context): TargetInput => {
      const result = listTarget(items);
      if ('kind' in result) return result;
      context.issues.push(...result);
      return z.NEVER;
    });

/** `{cluster: cart}` is a map of weights too, of a cluster that is called so. */
const mapWeight = z
  .int({
    error: ({ input }) => {
      const percent = typeof input === 'string' ? /^([0-9]+)%$/.exec(input)?.[1] : undefined;
      const help =
        percent === undefined ? 'write e.g. {cart: 95, cart-next: 5}' : `write ${percent}`;
      return typeMessage('SCHEMA_TYPE', `${describe(input)} is no weight of a cluster; ${help}`);
    },
  })
  .min(0)
  .max(WEIGHT_MAX)
  .meta({ description: 'A share; 0 keeps it warm.' });

const map = z.record(z.string(), mapWeight).transform((weights, context): TargetInput => {
  const entries = Object.entries(weights);
  const issues = entries.flatMap(([key]) => {
    const problem = nameProblem(key);
    const details = { path: [key], isKey: true };
    return problem === null ? [] : [ownIssue('NAME_INVALID', problem, key, details)];
  });
  const shares = entries.map(([key, share]) => ({ key, cluster: key, weight: share, item: {} }));
  issues.push(...sumIssues(shares, weights));
  if (issues.length === 0) return { kind: 'weighted', targets: shares };
  context.issues.push(...issues);
  return z.NEVER;
});

const targetOf = (item: typeof weightedItem) =>
  z
    .union([one, listOf(item), map])
    .meta({ description: 'A cluster, weighted clusters, or addresses.' });

/** The field `to`. */
export const targetField = targetOf(weightedItem);

/** The field `to` of what passes bytes on; `reportStreamTarget` says what is wrong with it. */
export const streamTargetField = targetOf(streamItem);

/** The target with the pointers of its parts, where `pointer` is that of the field. */
export function placeTarget(
  input: TargetInput,
  pointer: string,
  context: Pick<KindContext, 'report' | 'nameFile'>,
): RouteTarget {
  if (input.kind !== 'weighted') return { ...input, pointer };
  const targets = input.targets.map(({ key, cluster, weight: share, item }) => ({
    cluster,
    weight: share,
    host: item.host ?? null,
    subset: item.subset === undefined ? null : sortedLabels(item.subset),
    policies: policySetOf(item, pointerTo(pointer, key), context),
    pointer: pointerTo(pointer, key),
  }));
  return { kind: 'weighted', targets };
}

const sortedLabels = (labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(labels).sort(([a], [b]) => compareText(a, b)));

type Refusal = ReturnType<typeof ownIssue>;

function parseOne(text: string): One | Refusal {
  if (text.startsWith('https://')) return parseHttps(text);
  if (text.includes(':')) {
    const parsed = parseAddress(text);
    if (parsed.ok) return { kind: 'addresses', addresses: [parsed.address], tls: null };
    return ownIssue(parsed.code, parsed.message, text);
  }
  const problem = nameProblem(text);
  return problem === null
    ? { kind: 'cluster', cluster: text }
    : ownIssue('NAME_INVALID', problem, text);
}

function parseHttps(text: string): One | Refusal {
  const refused = (message: string): Refusal => ownIssue('SCHEMA_ADDRESS', message, text);
  const rest = text.slice('https://'.length);
  const path = /[/?#].*$/s.exec(rest)?.[0] ?? '';
  if (path !== '' && path !== '/') {
    const help = 'write only https://host[:port], and use rewrite for the path';
    return refused(`"${shorten(text)}" has a path; ${help}`);
  }
  const authority = rest.slice(0, rest.length - path.length);
  const withPort = /:[0-9]+$/.test(authority) ? authority : `${authority}:443`;
  const parsed = parseAddress(withPort);
  if (!parsed.ok) return ownIssue(parsed.code, parsed.message, text);
  const { address } = parsed;
  if (address.kind === 'host') {
    return { kind: 'addresses', addresses: [address], tls: { sni: address.host } };
  }
  return refused('an https:// target is verified by its host name; write a name, not an IP');
}

type Item = string | z.output<typeof weightedItem>;

function listTarget(items: readonly Item[]): TargetInput | readonly Refusal[] {
  const texts = items.filter((item) => typeof item === 'string');
  if (texts.length === items.length) return addressList(texts);
  if (texts.length > 0) {
    const message = 'a list holds either addresses or {cluster, weight}, not both; split it';
    return [ownIssue('SCHEMA_ONE_OF', message, items)];
  }
  const shares = items.flatMap((item, index) =>
    typeof item === 'string'
      ? []
      : [{ key: String(index), cluster: item.cluster, weight: item.weight, item }],
  );
  const issues = sumIssues(shares, items);
  return issues.length > 0 ? issues : { kind: 'weighted', targets: shares };
}

function addressList(texts: readonly string[]): TargetInput | readonly Refusal[] {
  const [first] = texts;
  if (texts.length === 1 && first?.startsWith('https://') === true) {
    const parsed = parseOne(first);
    return 'kind' in parsed ? parsed : [parsed];
  }
  const issues: Refusal[] = [];
  const addresses = new Map<string, Address>();
  texts.forEach((text, index) => {
    const parsed = parseListed(text);
    if ('code' in parsed) {
      issues.push({ ...parsed, path: [index] });
      return;
    }
    const key = formatAddress(parsed);
    if (addresses.has(key)) {
      const message = `the address "${key}" stands here twice; remove one`;
      issues.push(ownIssue('SCHEMA_DUPLICATE', message, text, { path: [index] }));
    }
    addresses.set(key, parsed);
  });
  if (issues.length > 0) return issues;
  const sorted = [...addresses].sort(([a], [b]) => compareText(a, b));
  return { kind: 'addresses', addresses: sorted.map(([, address]) => address), tls: null };
}

function parseListed(text: string): Address | Refusal {
  if (text.startsWith('https://')) {
    const message = 'an https:// target stands alone; write only one';
    return ownIssue('SCHEMA_ONE_OF', message, text);
  }
  if (!text.includes(':') && nameProblem(text) === null) {
    const message = `a list of clusters needs weights; write {${text}: 1, …}`;
    return ownIssue('SCHEMA_TYPE', message, text);
  }
  const parsed = parseAddress(text);
  return parsed.ok ? parsed.address : ownIssue(parsed.code, parsed.message, text);
}

function sumIssues(shares: readonly Share[], input: unknown): readonly Refusal[] {
  const sum = shares.reduce((total, share) => total + share.weight, 0);
  if (sum > WEIGHT_MAX) {
    const message = `the weights sum to ${sum}; at most ${WEIGHT_MAX} are possible`;
    return [ownIssue('WEIGHT_SUM', message, input)];
  }
  if (sum > 0) return [];
  const what = shares.length === 0 ? 'there is no target' : 'all weights are 0';
  return [ownIssue('WEIGHT_SUM', `${what}; give one a positive weight`, input)];
}
