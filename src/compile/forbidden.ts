import type { Draft } from './draft.ts';
import type { Found } from './found.ts';
import { isMetadataAddress, reaches } from './inspect/ip.ts';
import { nounOf } from './nouns.ts';

/** Upstreams that nobody may have: metadata services, helve's own ports, the proxy's admin. */
export function forbiddenUpstreams(draft: Draft, forbidden: readonly string[]): readonly Found[] {
  return draft.endpoints.flatMap(({ host, port, origin }): readonly Found[] => {
    const why = reasonFor(host, port, forbidden);
    if (why === null) return [];
    const { type, name } = draft.resource;
    const address = port === 0 ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const message = `${nounOf(type)} "${name}": ${address} ${why}; use another address`;
    return [{ code: 'UPSTREAM_FORBIDDEN', message, origin, related: [] }];
  });
}

function reasonFor(host: string, port: number, forbidden: readonly string[]): string | null {
  if (isMetadataAddress(host)) return 'is a link-local or metadata address';
  const isOurs = forbidden.some((address) => isAddress(address, host, port));
  return isOurs ? 'is an address of helve or of the proxy itself' : null;
}

function isAddress(address: string, host: string, port: number): boolean {
  if (address.startsWith('unix:')) return address === host;
  const at = address.lastIndexOf(':');
  const server = address.slice(0, at).replace(/^\[|\]$/g, '');
  return Number(address.slice(at + 1)) === port && reaches(host, server);
}
