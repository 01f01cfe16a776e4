import { redactCredentials, type DocumentId, type Origin, type Span } from '../../base/index.ts';
import { matchName, type Json as Written, type NativeDocument } from '../../model/index.ts';
import type { Json } from '../../schema/index.ts';
import { fieldOf, listOf, textOf } from '../inspect/json.ts';
import { appliedPolicies } from './applied-policies.ts';
import type { Asked, Seen } from './asked.ts';
import { addressOf, enter, type Shown } from './entry.ts';
import { lateValues } from './late-values.ts';
import { arrive } from './normal-path.ts';
import { keyWords, orderWords } from './order-words.ts';
import { outcomeOf, type RouteOutcome } from './outcome.ts';
import { routeTakes } from './route-match.ts';
import { routesOf, type RouteView } from './routes-of.ts';
import { settingsOf, type Setting } from './settings-of.ts';
import { tableOf } from './table-of.ts';
import { targetsOf, type ExplainedTarget } from './targets-of.ts';
import type { Verdict } from './verdict.ts';
import { hostFor, type TakenHost } from './virtual-host.ts';

/** One view of a compilation, decoded, with the documents that it came from. */
export interface ExplainInput {
  readonly resources: readonly Shown[];
  readonly documents: readonly NativeDocument[];
  /** What the user wrote at a place; undefined where nothing stands there. */
  readonly written: (origin: Origin) => Written | undefined;
  readonly place: (origin: Origin) => Span | null;
}

/** What Envoy does with a request, and why. */
export type Explanation =
  | { readonly kind: 'no-listener'; readonly why: string }
  | ({ readonly kind: 'tcp'; readonly clusters: readonly string[] } & Entrance)
  | ({ readonly kind: 'other'; readonly why: string } & Entrance)
  /** The connection manager answers itself. */
  | ({ readonly kind: 'answered'; readonly status: number; readonly why: string } & Entrance)
  | ({ readonly kind: 'no-host' } & InTable)
  | ({ readonly kind: 'routed' } & InTable & InHost);

interface Entrance {
  readonly listener: { readonly name: string; readonly address: string } & Located;
  readonly why: string;
  readonly chain: { readonly name: string; readonly why: string } | null;
}

interface InTable extends Entrance {
  readonly table: string;
  readonly notes: readonly string[];
}

interface InHost {
  readonly host: { readonly name: string; readonly domain: string; readonly rules: number };
  /** Rules that come first and do not take it, or of which that cannot be said. */
  readonly before: readonly Considered[];
  /** Null: no rule takes it, and Envoy answers 404. */
  readonly taken: Taken | null;
  /** Rules that would take it too, and come later. */
  readonly after: readonly Considered[];
}

interface Located {
  readonly place: Span | null;
}

export interface RuleName extends Located {
  /** `cart` of `shop`; of a raw route its name. */
  readonly rule: string;
  readonly document: string | null;
  readonly match: string;
  /** It takes back clients that have the cookie of one of its targets. */
  readonly isSide: boolean;
}

export interface Considered extends RuleName {
  /** False: it does not take the request. Null: that cannot be said here. True: it would. */
  readonly takes: boolean | null;
  readonly why: string;
}

export interface Taken extends RuleName {
  /** What the order looks at. */
  readonly key: string;
  readonly outcome: RouteOutcome;
  readonly targets: readonly ExplainedTarget[];
  readonly settings: readonly Setting[];
  readonly policies: readonly ExplainedPolicy[];
}

export interface ExplainedPolicy extends Located {
  readonly key: string;
  readonly isOff: boolean;
  readonly by: string;
  /** The Policy document that it is taken from. */
  readonly named: string | null;
  readonly isEnforced: boolean;
  /** What it may answer instead, ascending; empty where it refuses nothing. */
  readonly refusals: readonly number[];
}

/** What happens to a request, on the listener that is named or that its port says. */
export function explainRequest(
  input: ExplainInput,
  asked: Asked,
  wanted: string | null,
): Explanation {
  const listeners = input.resources.filter(({ type }) => type === 'Listener');
  const entry = enter(listeners, asked, wanted);
  if (!entry.ok) return { kind: 'no-listener', why: entry.why };
  const { listener, why, chain, filter } = entry.entered;
  const { name, json, parts } = listener;
  const [origin] = parts[0]?.origins ?? [];
  const place = origin === undefined ? null : input.place(origin);
  const entrance = { listener: { name, address: addressOf(json), place }, why, chain };
  if (filter.kind === 'tcp')
    return { kind: 'tcp', clusters: tcpClusters(filter.proxy), ...entrance };
  if (filter.kind === 'other') {
    const words = `its filters (${filter.names.join(', ')}) do not route by requests`;
    return { kind: 'other', ...entrance, why: words };
  }
  const arrival = arrive(filter.manager, asked);
  if (arrival.kind === 'answered') {
    return { ...entrance, kind: 'answered', status: arrival.status, why: arrival.why };
  }
  const table = tableOf(input.resources, filter.manager, arrival.request);
  if (table === null) {
    const words = 'no route table is for the request: it is in no scope';
    return { kind: 'answered', ...entrance, status: 404, why: words };
  }
  const inTable = { ...entrance, table: table.name, notes: arrival.notes };
  const host = hostFor(table.json, arrival.request);
  if (host === null) return { kind: 'no-host', ...inTable };
  const found = inHost({ input, table, host, request: arrival.request, listener: name });
  return { kind: 'routed', ...inTable, ...found };
}

function tcpClusters(proxy: Json): readonly string[] {
  const cluster = fieldOf(proxy, 'cluster');
  if (cluster !== undefined) return [textOf(cluster)];
  const weighted = listOf(fieldOf(fieldOf(proxy, 'weighted_clusters'), 'clusters'));
  return weighted.map((one) => textOf(fieldOf(one, 'name')));
}

interface Case {
  readonly input: ExplainInput;
  readonly table: Shown;
  readonly host: TakenHost;
  readonly request: Seen;
  readonly listener: string;
}

function inHost({ input, table, host, request, listener }: Case): InHost {
  const routes = routesOf(input, table, host);
  const policyOf = (policy: string): NativeDocument<'Policy'> | null =>
    documentOf(input, 'Policy', policy);
  const own = documentOf(input, 'Listener', listener);
  const late = lateValues({ documents: input.documents, listener: own, policyOf }, routes);
  const verdicts = routes.map((view): readonly [RouteView, Verdict] => [
    view,
    routeTakes(fieldOf(view.json, 'match'), request, late),
  ]);
  const at = verdicts.findIndex(([, { holds }]) => holds === true);
  const [taken] = verdicts[at] ?? [];
  const before = verdicts.slice(0, at < 0 ? undefined : at);
  const after = at < 0 ? [] : verdicts.slice(at + 1);
  const { name, domain } = host;
  return {
    host: { name, domain, rules: routes.length },
    before: before.map(([view, verdict]) => consideredOf(input, view, verdict)),
    taken: taken === undefined ? null : takenOf(taken, { input, host, request, listener }),
    after: after.flatMap(([view, { holds }]): readonly Considered[] => {
      if (holds !== true || taken === undefined) return [];
      // Other routes of the same rule: its sides, and its other matches.
      if (view.ranked !== null && view.ranked.rule === taken.ranked?.rule) return [];
      return [{ ...nameOf(input, view), takes: true, why: laterWords(taken, view) }];
    }),
  };
}

function laterWords(first: RouteView, second: RouteView): string {
  if (first.ranked === null || second.ranked === null) return 'it stands later in the table';
  return orderWords(first.ranked, second.ranked) ?? 'only their names order them';
}

const consideredOf = (input: ExplainInput, view: RouteView, verdict: Verdict): Considered => ({
  ...nameOf(input, view),
  takes: verdict.holds,
  why: verdict.holds === true ? '' : whyOf(view, verdict.why),
});

/** Conditions on cookies are spelled as one on their header, for which nobody wrote words. */
function whyOf({ ranked }: RouteView, why: string): string {
  const isOfCookies = ranked !== null && ranked.match.conditions.cookies.length > 0;
  return isOfCookies && why.startsWith('the header cookie ')
    ? 'its cookies are not there, or are others'
    : why;
}

function nameOf(input: ExplainInput, { json, ranked, origin, side }: RouteView): RuleName {
  const place = origin === null ? null : input.place(origin);
  if (ranked === null) {
    const match = JSON.stringify(redactCredentials(fieldOf(json, 'match') ?? {}));
    const rule = textOf(fieldOf(json, 'name'));
    return { rule, document: null, match, isSide: false, place };
  }
  const { rule, document, isCatchAll, match } = ranked;
  // The field of the listener that is the rule.
  const name = isCatchAll ? rule.pointer.slice(1) : rule.name;
  return { rule: name, document, match: matchName(match), isSide: side !== null, place };
}

function takenOf(view: RouteView, { input, host, request, listener }: Omit<Case, 'table'>): Taken {
  const { ranked } = view;
  const route =
    ranked === null || ranked.isCatchAll ? null : documentOf(input, 'Route', ranked.document);
  const policyOf = (name: string): NativeDocument<'Policy'> | null =>
    documentOf(input, 'Policy', name);
  const places = {
    listener: ranked === null ? null : documentOf(input, 'Listener', listener),
    route,
    rule: ranked?.rule ?? null,
  };
  const { effective, applied } = appliedPolicies(places, policyOf);
  const outcome = outcomeOf(view.json, host.json, request);
  return {
    ...nameOf(input, view),
    key: ranked === null ? '' : keyWords(ranked),
    outcome,
    targets: targetsOf(input, { view, outcome, effective, policyOf }),
    settings: settingsOf(input, { ranked, route, outcome }),
    policies: applied.map(({ origin, named, ...policy }) => ({
      ...policy,
      named: named === null ? null : policyName(input, origin.doc),
      place: input.place(origin),
    })),
  };
}

const documentOf = <K extends NativeDocument['kind']>(
  { documents }: ExplainInput,
  kind: K,
  name: string,
): Extract<NativeDocument, { readonly kind: K }> | null =>
  documents.find(
    (one): one is Extract<NativeDocument, { readonly kind: K }> =>
      one.kind === kind && one.name === name,
  ) ?? null;

const policyName = ({ documents }: ExplainInput, doc: DocumentId): string | null =>
  documents.find(({ id }) => id === doc)?.name ?? null;
