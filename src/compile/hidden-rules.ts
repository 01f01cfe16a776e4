import { compareText } from '../base/index.ts';
import type { NativeDocument } from '../model/index.ts';
import type { Read } from './cell.ts';
import type { Found } from './found.ts';
import type { Graph } from './graph.ts';
import { hostOrigin, type ListedHost } from './listed-hosts.ts';
import { ANY_HOST, widerHost } from './lower/tables.ts';
import type { Outlines } from './outlines.ts';

interface Hosts {
  readonly hosts: ReadonlyMap<string, ListedHost>;
  readonly outlines: Outlines;
}

/** A document on a wildcard host of which some hosts lack rules. */
interface Hidden {
  readonly document: string;
  readonly host: string;
  readonly hiding: ListedHost[];
  /** How many, of each. */
  readonly counts: Set<number>;
}

/** Hosts that are shown. */
const SHOWN_MAX = 5;

/**
 * Envoy looks into the narrowest host alone: where that one has no rule for a request, those of a
 * wildcard host do not help. One warning for each document that is hidden so, unless the documents
 * of the narrower host say by `inherit` that they know.
 */
export function hiddenRules(
  graph: Graph,
  read: Read,
  { hosts, outlines }: Hosts,
): readonly Found[] {
  const found = new Map<string, Hidden>();
  for (const listed of hosts.values()) {
    const wide = listed.isSaid ? undefined : widerHost(listed.host, hosts);
    if (wide === undefined) continue;
    const open = openPriority(read, outlines, listed);
    for (const document of wide.documents) {
      if (listed.documents.includes(document)) continue;
      // What takes every request takes it before rules of wider hosts, but for higher priorities.
      const hidden = read(outlines, document).priorities.filter((one) => one > open).length;
      if (hidden === 0) continue;
      const key = `${wide.host} ${document}`;
      const known = found.get(key) ?? { document, host: wide.host, hiding: [], counts: new Set() };
      known.hiding.push(listed);
      known.counts.add(hidden);
      found.set(key, known);
    }
  }
  return [...found.values()].flatMap((hidden) => warningOf(graph, read, hidden));
}

/**
 * The `to` of a listener is the last rule of `*` alone: a host with rules of its own answers 404
 * for what these do not take.
 */
export function hiddenTarget(
  graph: Graph,
  read: Read,
  { listener, hosts, outlines }: Hosts & { readonly listener: NativeDocument<'Listener'> },
): readonly Found[] {
  const { to, redirectToHttps } = listener.value;
  if (to === null || redirectToHttps !== null) return [];
  const hiding = [...hosts.values()].filter(
    (listed) =>
      listed.host !== ANY_HOST &&
      !listed.isSaid &&
      openPriority(read, outlines, listed) === Number.NEGATIVE_INFINITY,
  );
  if (hiding.length === 0) return [];
  const { names, related } = shownHosts(graph, read, hiding);
  return [
    {
      code: 'ROUTE_HIDDEN',
      message:
        `the \`to\` of the listener "${listener.name}" does not serve ${names}, since a host ` +
        'with rules of its own has those alone; write `inherit: true` there, or ' +
        '`inherit: false` if it is meant',
      origin: { doc: listener.id, pointer: '/to' },
      related,
    },
  ];
}

const openPriority = (read: Read, outlines: Outlines, { documents }: ListedHost): number =>
  Math.max(...documents.map((name) => read(outlines, name).open ?? Number.NEGATIVE_INFINITY));

function warningOf(
  graph: Graph,
  read: Read,
  { document, host, hiding, counts }: Hidden,
): readonly Found[] {
  const origin = hostOrigin(graph, read, document, host);
  if (origin === null) return [];
  const { names, related } = shownHosts(graph, read, hiding);
  const rules = Math.max(...counts);
  const upTo = counts.size > 1 ? 'up to ' : '';
  const count = rules === 1 ? 'one rule' : `${upTo}${rules} rules`;
  return [
    {
      code: 'ROUTE_HIDDEN',
      message:
        `${count} of "${document}" for ${host} do not serve ${names}, since a host with rules of ` +
        'its own has those alone; write `inherit: true` there, or `inherit: false` if it is meant',
      origin,
      related,
    },
  ];
}

interface ShownHosts extends Pick<Found, 'related'> {
  readonly names: string;
}

function shownHosts(graph: Graph, read: Read, hosts: readonly ListedHost[]): ShownHosts {
  const sorted = [...hosts].sort((a, b) => compareText(a.host, b.host));
  const shown = sorted.slice(0, SHOWN_MAX);
  const more = sorted.length - shown.length;
  return {
    names: shown.map((one) => one.host).join(', ') + (more > 0 ? ` and ${more} more` : ''),
    related: shown.flatMap(({ host, documents: [first = ''] }) => {
      const place = hostOrigin(graph, read, first, host);
      return place === null ? [] : [{ message: `the rules of ${host}`, origin: place }];
    }),
  };
}
