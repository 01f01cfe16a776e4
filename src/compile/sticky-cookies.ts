import { compareText } from '../base/index.ts';
import type { NativeDocument } from '../model/index.ts';
import type { Read } from './cell.ts';
import type { Graph, StickyCookie } from './graph.ts';
import type { Emit } from './groups.ts';
import { listenerOf } from './host-bodies.ts';
import { ruleSubject } from './lower/route.ts';
import { cookieOf, sideOf } from './lower/sticky.ts';
import { ANY_HOST, isExactHost } from './lower/tables.ts';

/** Contributes the cookies by which rules of a document keep users at a side. */
export function emitStickyCookies(
  { graph, emit }: { readonly graph: Pick<Graph, 'stickyCookies'>; readonly emit: Emit },
  { id, name, value }: NativeDocument<'Route'>,
  listeners: readonly string[],
): void {
  for (const { action, name: rule, pointer } of value.rules) {
    if (action.kind !== 'forward' || action.to.kind !== 'weighted') continue;
    const cookie = cookieOf(action.forwarding.sticky);
    if (cookie === null) continue;
    const { targets } = action.to;
    emit(graph.stickyCookies, cookie.name, {
      listeners,
      hosts: value.hosts,
      inherits: value.inherit ?? false,
      sides: [...new Set(targets.map((side) => sideOf(side, targets)))].sort().join(' '),
      subject: ruleSubject(name, rule),
      origin: { doc: id, pointer: `${pointer}/sticky` },
    });
  }
}

/**
 * A browser has one cookie of a name for a host, whatever the path and the port: where two rules
 * write it for other sides, whoever uses both loses their side at each at every turn.
 */
export function addStickyChecks(graph: Graph): void {
  graph.cells.family({
    stage: 2,
    keys: graph.stickyCookies,
    run: (cookie, read, emit) => {
      const uses = read(graph.stickyCookies, cookie);
      if (new Set(uses.map(({ sides }) => sides)).size < 2) return;
      const told = new Set<StickyCookie>();
      for (const { host, own, heirs } of placesOf(graph, read, uses)) {
        const [first] = own;
        for (const use of [...own, ...heirs]) {
          if (first === undefined || use.sides === first.sides || told.has(use)) continue;
          told.add(use);
          emit(graph.found, '', {
            code: 'STICKY_CONFLICT',
            message:
              `${use.subject}: ${first.subject} keeps users at other targets by the same cookie ` +
              `"${cookie}", and a browser has one of them for ${host}; give each rule a cookie ` +
              'of its own, or the same targets',
            origin: use.origin,
            related: [{ message: 'the other one', origin: first.origin }],
          });
        }
      }
    },
  });
}

/** Where one browser may meet several rules. */
interface Place {
  readonly host: string;
  /** Of rules that list the host. */
  readonly own: StickyCookie[];
  /** Of rules that are on a narrower host, which has the rules of this one too. */
  readonly heirs: StickyCookie[];
}

function placesOf(graph: Graph, read: Read, uses: readonly StickyCookie[]): Iterable<Place> {
  const places = new Map<string, Place>();
  const at = (scope: string, host: string): Place => {
    const key = `${scope}\n${host}`;
    const place = places.get(key) ?? { host, own: [], heirs: [] };
    places.set(key, place);
    return place;
  };
  for (const use of uses) {
    for (const listener of use.listeners) {
      // Listeners of the same Envoys have the same clients, and those look at the host alone.
      const nodes = JSON.stringify(listenerOf(graph, read, listener)?.value.nodes ?? null);
      for (const host of use.hosts) {
        const { own } = isExactHost(host) ? at(nodes, host) : at(`\n${listener}`, host);
        if (!own.includes(use)) own.push(use);
        if (!use.inherits) continue;
        for (const wider of widerHosts(host)) at(`\n${listener}`, wider).heirs.push(use);
      }
    }
  }
  return [...places].sort(([a], [b]) => compareText(a, b)).map(([, place]) => place);
}

/** `*.shop.test`, `*.test` and `*` for `a.shop.test`. */
function widerHosts(host: string): readonly string[] {
  if (host === ANY_HOST) return [];
  const labels = host.split('.').slice(1);
  return [...labels.map((_, index) => `*.${labels.slice(index).join('.')}`), ANY_HOST].filter(
    (wider) => wider !== host,
  );
}
