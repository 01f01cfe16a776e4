import type { Origin } from '../../base/index.ts';
import type { NativeDocument } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { LoweredPart, Reference } from '../lowered.ts';
import { finding, type Finding } from './finding.ts';
import { targetReferences } from './route-action.ts';
import { tcpProxy } from './tcp-proxy.ts';

type TcpRoute = NativeDocument<'TcpRoute'>;

interface Beside {
  readonly listener: NativeDocument<'Listener'>;
  /** Server names that certificates of the listener have, with where they are named. */
  readonly certificates: ReadonlyMap<string, Origin>;
}

/** The chains of TcpRoutes, in the order of their names. */
interface PassedChains {
  readonly chains: readonly envoy.FilterChain[];
  readonly references: readonly Reference[];
  readonly parts: readonly LoweredPart[];
  readonly findings: readonly Finding[];
  /** Where each was written, where `first` is the place of the first among all chains. */
  places(first: number): ReadonlyMap<string, Origin>;
}

/** Who a TcpRoute is, in messages. */
export const tcpRouteSubject = (name: string): string => `tcp route "${name}"`;

/** The filter chain of a TcpRoute; no certificate can be called so. */
export const passedChainName = (tcpRoute: string): string => `${tcpRoute}#tcp`;

/** One filter chain for each TcpRoute, so that a changed one leaves all other connections alone. */
export function passedChains(routes: readonly TcpRoute[], beside: Beside): PassedChains {
  const claims = claimsOf(routes, beside);
  const chains = routes.flatMap((route) => {
    const names = claims.names.get(route) ?? [];
    return names.length === 0 ? [] : [{ route, names, chain: chainOf(route, names) }];
  });
  return {
    chains: chains.map(({ chain }) => chain),
    references: routes.flatMap(({ id, name, value }) =>
      targetReferences(value.to, id, tcpRouteSubject(name)),
    ),
    parts: chains.map(({ route, chain }) => ({
      key: `TcpRoute/${route.name}`,
      text: JSON.stringify(chain),
      origin: { doc: route.id, pointer: '' },
    })),
    findings: claims.findings,
    places: (first) =>
      new Map(chains.flatMap(({ route }, index) => placesOf(route, first + index))),
  };
}

function chainOf({ name, value }: TcpRoute, names: readonly string[]): envoy.FilterChain {
  return {
    name: passedChainName(name),
    filter_chain_match: { server_names: [...names].sort() },
    filters: [tcpProxy({ to: value.to, options: value.tcp, statPrefix: name })],
  };
}

function placesOf({ id }: TcpRoute, index: number): readonly (readonly [string, Origin])[] {
  const chain = `/filter_chains/${index}`;
  return [
    [chain, { doc: id, pointer: '' }],
    [`${chain}/filter_chain_match`, { doc: id, pointer: '/sni' }],
    [`${chain}/filters`, { doc: id, pointer: '/to' }],
  ];
}

interface Claims {
  /** What each route may have: a name that two claim stays with the first. */
  readonly names: ReadonlyMap<TcpRoute, readonly string[]>;
  readonly findings: readonly Finding[];
}

interface Owner {
  readonly what: string;
  readonly origin: Origin;
}

function claimsOf(routes: readonly TcpRoute[], { listener, certificates }: Beside): Claims {
  const owners = new Map<string, Owner>();
  for (const [name, origin] of certificates) owners.set(name, { what: 'a certificate', origin });
  const names = new Map<TcpRoute, readonly string[]>();
  const findings: Finding[] = [];
  for (const route of routes) {
    const free: string[] = [];
    for (const [index, name] of route.value.sni.entries()) {
      const owner = owners.get(name);
      const origin = { doc: route.id, pointer: `/sni/${index}` };
      if (owner !== undefined) {
        const claimed = `${name} is claimed by ${owner.what} of the listener "${listener.name}"`;
        const message = `${tcpRouteSubject(route.name)}: ${claimed}; keep one of the two`;
        const related = [{ message: owner.what, origin: owner.origin }];
        findings.push(finding('FILTER_CHAIN_CONFLICT', origin, message, related));
        continue;
      }
      owners.set(name, { what: `the ${tcpRouteSubject(route.name)}`, origin });
      free.push(name);
    }
    names.set(route, free);
  }
  return { names, findings };
}
