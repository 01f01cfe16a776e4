import type { NativeDocument } from '../model/index.ts';
import { canNeverMeet } from './addresses.ts';
import type { Read } from './cell.ts';
import type { Found } from './found.ts';
import type { Graph, SecureListener } from './graph.ts';

interface HttpsPort {
  readonly port: number;
  readonly found: readonly Found[];
}

const WELL_KNOWN = 443;

/**
 * The port that a redirect to https names: what the document says, else that of the https
 * listeners which go to the same nodes. Of several on a node, 443 is meant; without any, it is
 * elsewhere.
 */
export function httpsPort(
  graph: Graph,
  read: Read,
  document: NativeDocument<'Listener'>,
): HttpsPort {
  const { redirectToHttps, nodes } = document.value;
  if (redirectToHttps === null) return { port: WELL_KNOWN, found: [] };
  if (redirectToHttps.port !== null) return { port: redirectToHttps.port, found: [] };
  const every = read(graph.secureListeners, '');
  const all = every.filter((one) => meets(one, nodes));
  // Where no group is that of both, some nodes may still be in both groups.
  const near =
    all.length > 0
      ? []
      : every.filter((one) => !canNeverMeet(read, graph.groupMatches, one.nodes, nodes));
  const [only = WELL_KNOWN, ...others] = new Set(all.map(({ port }) => port));
  const isClear = others.length === 0 || areBeside443(all, nodes);
  if (isClear && near.every(({ port }) => port === WELL_KNOWN)) {
    return { port: others.length === 0 ? only : WELL_KNOWN, found: [] };
  }
  return { port: only, found: [ambiguity(document, isClear ? near : all)] };
}

function ambiguity(
  { id, name }: NativeDocument<'Listener'>,
  listeners: readonly SecureListener[],
): Found {
  const names = listeners.map((one) => `"${one.name}" (${one.port})`).join(', ');
  const [first] = listeners;
  const isOfOne = listeners.every(
    (one) => JSON.stringify(one.nodes) === JSON.stringify(first?.nodes),
  );
  const what = listeners.length === 1 ? 'the https listener' : 'any of the https listeners';
  const message =
    `listener "${name}": clients could be sent to ${what} ${names}; ` +
    `write redirectToHttps: {port: …}${isOfOne ? '' : ', in a listener for each group of nodes'}`;
  const related = listeners.slice(0, 5).map(({ origin }) => ({ message: 'a listener', origin }));
  const origin = { doc: id, pointer: '/redirectToHttps' };
  return { code: 'REF_AMBIGUOUS', message, origin, related };
}

/** Whether some node may have both. */
const meets = ({ nodes }: SecureListener, own: readonly string[] | null): boolean =>
  nodes === null || own === null || nodes.some((group) => own.includes(group));

/** Whether each node that is redirected and has one of them has one with 443. */
function areBeside443(all: readonly SecureListener[], own: readonly string[] | null): boolean {
  const known = all.filter(({ port }) => port === WELL_KNOWN);
  return all.every(({ nodes }) => {
    const shared =
      nodes === null || own === null ? (nodes ?? own) : own.filter((o) => nodes.includes(o));
    const has = (group: string): boolean =>
      known.some((one) => one.nodes?.includes(group) === true);
    return known.some((one) => one.nodes === null) || (shared?.every(has) ?? false);
  });
}
