import type { NativeDocument } from '../model/index.ts';
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
 * listeners which go to the same nodes. Of several, 443 is meant; without any, it is elsewhere.
 */
export function httpsPort(
  graph: Graph,
  read: Read,
  { id, name, value: { redirectToHttps, nodes } }: NativeDocument<'Listener'>,
): HttpsPort {
  if (redirectToHttps === null) return { port: WELL_KNOWN, found: [] };
  if (redirectToHttps.port !== null) return { port: redirectToHttps.port, found: [] };
  const all = read(graph.secureListeners, '').filter((one) => meets(one, nodes));
  const ports = [...new Set(all.map(({ port }) => port))];
  const [only = WELL_KNOWN, another] = ports;
  if (another === undefined || ports.includes(WELL_KNOWN)) {
    return { port: another === undefined ? only : WELL_KNOWN, found: [] };
  }
  const names = all.map((one) => `"${one.name}" (${one.port})`).join(', ');
  const message =
    `listener "${name}": clients could be sent to any of the https listeners ${names}; ` +
    'write redirectToHttps: {port: …}';
  const related = all.slice(0, 5).map(({ origin }) => ({ message: 'a listener', origin }));
  const origin = { doc: id, pointer: '/redirectToHttps' };
  return { port: only, found: [{ code: 'REF_AMBIGUOUS', message, origin, related }] };
}

/** Whether some node may have both. */
const meets = ({ nodes }: SecureListener, own: readonly string[] | null): boolean =>
  nodes === null || own === null || nodes.some((group) => own.includes(group));
