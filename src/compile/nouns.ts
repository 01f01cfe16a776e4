import type { TypeId } from '../snapshot/index.ts';

const NOUNS: Readonly<Record<TypeId, string>> = {
  Cluster: 'cluster',
  ClusterLoadAssignment: 'endpoints',
  LbEndpoint: 'endpoint',
  Secret: 'secret',
  TypedExtensionConfig: 'extension config',
  Listener: 'listener',
  ScopedRouteConfiguration: 'scope',
  RouteConfiguration: 'route table',
  VirtualHost: 'virtual host',
  Runtime: 'runtime layer',
};

/** What people call a resource of this type. */
export const nounOf = (type: TypeId): string => NOUNS[type];

/** A resource as its document names it: `certificate "shop"` for the secret `cert/shop`. */
export function spoken(
  type: TypeId,
  name: string,
): { readonly noun: string; readonly name: string } {
  const own = type === 'Secret' ? PREFIXES.find(([prefix]) => name.startsWith(prefix)) : undefined;
  if (own === undefined) return { noun: nounOf(type), name };
  const [prefix, noun] = own;
  return { noun, name: name.slice(prefix.length) };
}

const PREFIXES = [
  ['cert/', 'certificate'],
  ['secret/', 'secret'],
  ['tickets/', 'ticket keys'],
  ['trust/', 'trust'],
] as const;
